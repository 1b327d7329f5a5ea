import Salama

/// Two nodes inside one program, on a chain of its own: they open a channel, and one pays the other.
///
///     swift run EmbeddedNode FOLDER
@main
struct EmbeddedNode {
    static func main() throws {
        let folder = CommandLine.arguments.dropFirst().first ?? "embedded-nodes"
        let chain = EmbeddedChain()

        let bob = try Node(
            folder: folder + "/bob", network: .regtest, chain: chain,
            listen: [PeerEndpoint(host: "127.0.0.1", port: 0)])
        try bob.open(password: "correct horse battery")

        let alice = try Node(folder: folder + "/alice", network: .regtest, chain: chain)
        try alice.open(password: "correct horse battery")
        try chain.mine(101, to: alice.newAddress().script)
        for node in [alice, bob] { try node.waitForBlock(BlockHeight(101)) }
        try alice.connect(to: bob.addresses()[0])
        _ = try alice.openChannel(with: bob.key(), Satoshi(1_000_000))
        try chain.mine(6, to: alice.newAddress().script)
        try alice.waitForChannel(with: bob.key())

        let invoice = try bob.makeInvoice(MilliSatoshi(50_000_000), for: "a week of coffee")
        let payment = try alice.pay(invoice)
        print("\(invoice.text)\n\(payment.outcome)")
        alice.stop()
        bob.stop()
    }
}

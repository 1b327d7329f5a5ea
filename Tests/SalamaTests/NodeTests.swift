import FoundationEssentials
import Salama
import Testing

/// A node inside another program.
struct NodeTests {
    private let folder = FileManager.default.temporaryDirectory.appending(
        path: "salama-\(UUID())")
    private let chain = EmbeddedChain()

    private func node(_ name: String, listens: Bool = false) throws -> Node {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return try Node(
            folder: folder.appending(path: name).path, network: .regtest, chain: chain,
            listen: listens ? [PeerEndpoint(host: "127.0.0.1", port: 0)] : [])
    }

    private func removeFolder() { try? FileManager.default.removeItem(at: folder) }

    @Test("the words of the wallet are told once, and only the right password opens it again")
    func wallet() throws {
        defer { removeFolder() }
        let key: PublicKey
        do {
            let first = try node("alice")
            #expect(try first.open(password: "correct horse")?.count == 24)
            key = try first.key()
            // The folder is locked for as long as the first node is there.
            #expect(throws: (any Error).self) { _ = try node("alice") }
            first.stop()
        }
        let second = try node("alice")
        #expect(throws: WalletLockError.wrongPassword) {
            try second.open(password: "wrong horse")
        }
        #expect(try second.open(password: "correct horse") == nil)
        #expect(try second.key() == key)
    }

    @Test("two nodes on a chain of their own open a channel and close it again")
    func channel() throws {
        defer { removeFolder() }
        let (alice, bob) = (try node("alice"), try node("bob", listens: true))
        for node in [alice, bob] { try node.open(password: "correct horse") }
        try chain.mine(101, to: alice.newAddress().script)
        // A node that has not caught up with the chain takes no channels.
        for node in [alice, bob] { try node.waitForBlock(BlockHeight(101)) }
        let funds = try alice.balance()
        // A reward can be spent in the hundredth block after its own: in the next one, that is true for two.
        #expect(funds.confirmed == Satoshi(10_000_000_000))

        let address = try #require(try bob.addresses().first)
        try alice.connect(to: address)
        _ = try alice.openChannel(with: bob.key(), Satoshi(1_000_000))
        try chain.mine(6, to: bob.newAddress().script)
        try alice.waitForChannel(with: bob.key())
        let report = try #require(try alice.channels().first)
        #expect(report.isOpener && report.balances?.remote == .zero)

        let closing = try alice.closeChannel(report.channelID)
        #expect(closing.outputs.count == 1)
        alice.stop()
        bob.stop()
    }

    @Test("what is waited for in vain is told by name")
    func timeout() throws {
        defer { removeFolder() }
        let node = try node("alice")
        try node.open(password: "correct horse")
        let error = #expect(throws: NodeTimeout.self) {
            try node.waitForBlock(BlockHeight(7), atMost: 0)
        }
        #expect(error?.waitedFor == "block 7")
        node.stop()
    }
}

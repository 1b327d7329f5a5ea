import Dispatch
import Glibc
import Salama
import Threads

/// A node inside this process, as a program has it that embeds one: what it pays costs no interface, so that the rate is
/// that of the nodes themselves.
final class EmbeddedPayer: Payer {
    let node: Node
    /// Where its database is.
    let databasePath: String

    /// A node with coins and a channel to the first node of the line.
    init(_ line: NodeLine) throws {
        let folder = line.processes.folder + "/embedded"
        databasePath = folder + "/node.db"
        node = try Node(folder: folder, network: .regtest, chain: line.chain.backend())
        try node.open(password: "benchmark")
        let address = try node.newAddress()
        try line.chain.mine(1, to: "\(address)")
        try line.chain.mine(100)
        try line.waitForTip()
        try node.waitForBlock(BlockHeight(UInt32(line.chain.height)))
        guard let payee = line.nodes.first,
            let endpoint = HostAndPort(payee.host)
        else { throw CommandFailure("there is nobody to pay") }
        let key = try PublicKey(Hex.decode(payee.key))
        try node.connect(
            to: PeerAddress(
                key: key, endpoint: PeerEndpoint(host: endpoint.host, port: endpoint.port)))
        _ = try node.openChannel(with: key, Satoshi(NodeLine.capacity))
        try line.chain.waitForMempool(1)
        try line.chain.mine(6)
        try node.waitForChannel(with: key)
        try line.waitForTip()
    }

    deinit { node.stop() }

    func pay(_ requests: [String], width: Int) throws -> PaymentRound {
        let work = SharedWork(requests.count)
        let places = DispatchSemaphore(value: width)
        let clock = ContinuousClock()
        let begin = clock.now
        for text in requests {
            places.wait()
            guard work.take() != nil else { break }
            let begin = clock.now
            guard let order = PaymentOrder(try Invoice(decoding: text)) else {
                throw CommandFailure("an invoice cannot be paid: \(text)")
            }
            let options = SendOptions(feeLimit: MilliSatoshi(100_000))
            node.host.submit(.payment(.send(order, options))) { result in
                if case .success(.payment(let past)) = result, case .succeeded = past.outcome {
                    work.add([(clock.now - begin) / .milliseconds(1)])
                } else {
                    work.fail(CommandFailure("not paid: \(result)"))
                }
                places.signal()
            }
        }
        for _ in 0..<width { places.wait() }
        let elapsed = (clock.now - begin) / .seconds(1)
        // The system takes a semaphore back as full as it was.
        for _ in 0..<width { places.signal() }
        return try work.round(elapsed: elapsed)
    }
}

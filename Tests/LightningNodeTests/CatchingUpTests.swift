import Bitcoin
import LightningChannel
@testable import LightningNode
import LightningPayment
import LightningWire
@testable import NodeFixtures
import Testing

/// What a node does before it knows the present height.
struct CatchingUpTests {
    /// Three nodes in a line: 0 -> 1 -> 2.
    private static func line() throws -> TestNetwork {
        var network = try TestNetwork.funded(3)
        try network.open(0, 1)
        try network.open(1, 2)
        return network
    }

    private func htlcCounts(_ network: TestNetwork, _ index: Int) throws -> [Int] {
        try network.channels(index).map(\.htlcCount)
    }

    private func hasSucceeded(_ network: TestNetwork, _ request: RequestID) throws -> Bool? {
        guard let answer = network.nodes[0].answers[request] else { return nil }
        guard case .payment(let past) = try answer.get() else { throw UnexpectedReply() }
        return past.hasSucceeded
    }

    @Test(
        "an HTLC is neither sent on nor taken by a node that does not know the height, and goes on once it does",
        arguments: [1, 2])
    func postponed(index: Int) throws {
        var network = try Self.line()
        try network.move(.behind, at: index)
        let invoice = try network.invoice(2, 50_000_000)
        let request = try network.startPayment(invoice, [0, 1, 2])
        #expect(try hasSucceeded(network, request) == nil)
        #expect(try htlcCounts(network, 1) == (index == 1 ? [1, 0] : [1, 1]))
        try network.move(.caughtUp, at: index)
        try network.settle()
        #expect(try hasSucceeded(network, request) == true)
    }

    @Test("HTLCs that are open at a start wait until the node has all blocks")
    func restart() throws {
        var network = try Self.line()
        try network.move(.behind, at: 2)
        let invoice = try network.invoice(2, 50_000_000)
        let request = try network.startPayment(invoice, [0, 1, 2])
        try network.disconnect(1, 2)
        try network.nodes[2].restart()
        try network.take([.tick], at: 2)
        try network.connect(1, 2)
        #expect(try hasSucceeded(network, request) == nil)
        #expect(try htlcCounts(network, 2) == [1])
        try network.follow(2)
        try network.settle()
        #expect(try hasSucceeded(network, request) == true)
    }

    @Test("what has expired in blocks that are still to come is given back and not sent on")
    func expired() throws {
        var network = try Self.line()
        try network.move(.behind, at: 1)
        let invoice = try network.invoice(2, 50_000_000)
        let request = try network.startPayment(invoice, [0, 1, 2])
        for _ in 0..<120 {
            network.now += 600
            _ = try network.chain.mine(to: TestNode.nobody, now: UInt32(network.now))
        }
        try network.follow(1)
        try network.settle()
        #expect(try hasSucceeded(network, request) == false)
        #expect(try htlcCounts(network, 1) == [0, 0])
    }

    @Test("no channel is opened or taken, and nothing is paid, while the height is not known")
    func noNewRisk() throws {
        var network = try Self.line()
        let invoice = try network.invoice(2, 50_000_000)
        try network.move(.behind, at: 0)
        let failure = NodeFailure.channel(.notNow(reason: LightningNode.blindness))
        let opening = ChannelOpening(peer: network.nodes[1].id, amount: Satoshi(500_000))
        #expect(throws: failure) {
            try network.ask(0, .channel(.open([opening], feerate: nil)))
        }
        #expect(throws: failure) { try network.ask(0, .channel(.openFromOutside([opening]))) }
        #expect(throws: NodeFailure.unavailable(reason: LightningNode.blindness)) {
            let request = try network.startPayment(invoice, [0, 1, 2])
            _ = try network.nodes[0].answers[request]?.get()
        }
        #expect(try htlcCounts(network, 0) == [0])
        try network.move(.caughtUp, at: 0)
        try network.move(.behind, at: 1)
        let count = try network.channels(1).count
        #expect(throws: NodeFailure.self) {
            try network.ask(0, .channel(.open([opening], feerate: nil)))
        }
        #expect(try network.channels(1).count == count)
        try network.move(.caughtUp, at: 1)
        try network.open(0, 1)
        let request = try network.startPayment(invoice, [0, 1, 2])
        try network.settle()
        #expect(try hasSucceeded(network, request) == true)
    }

    @Test("what is held is not settled while the height is not known")
    func settling() throws {
        var network = try Self.line()
        let preimage = PaymentPreimage(SHA256.hash([42]))
        let invoice = try network.invoice(2, 50_000_000, lock: .hold(preimage.paymentHash))
        let request = try network.startPayment(invoice, [0, 1, 2])
        try network.move(.behind, at: 2)
        #expect(throws: NodeFailure.self) {
            try network.ask(2, .payment(.settleInvoice(preimage)))
        }
        #expect(try hasSucceeded(network, request) == nil)
        try network.move(.caughtUp, at: 2)
        _ = try network.ask(2, .payment(.settleInvoice(preimage)))
        #expect(try hasSucceeded(network, request) == true)
    }
}

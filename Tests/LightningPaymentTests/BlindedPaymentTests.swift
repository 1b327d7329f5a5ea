import Bitcoin
import LightningCrypto
import LightningPayment
import LightningWire
import Testing

/// Payments through blinded paths, and what of them may be seen outside.
@Suite("Payments through blinded paths")
struct BlindedPaymentTests {
    private static let amount = MilliSatoshi(100_000)

    /// Node 0 pays node 4 over node 1, and nodes 2, 3 and 4, which hide behind node 2.
    private static func setUp(
        proportional: UInt32 = 1000
    ) throws -> (PaymentNetwork, PaymentOrder, PaymentRoute) {
        var network = try PaymentNetwork.line(5)
        network.policy.relay.feeProportionalMillionths = proportional
        let relay = network.policy.relay
        let (nodes, links) = (network.nodes, network.links)
        func node(_ number: Int, to link: Int?) -> PathNode {
            PathNode(
                key: nodes[number].key.publicKey,
                data: link.map {
                    RecipientData(
                        shortChannelID: links[$0].channel, paymentRelay: relay,
                        paymentConstraints: PaymentConstraints(
                            maxCltvExpiry: BlockHeight(900_000), htlcMinimum: MilliSatoshi(1)))
                } ?? RecipientData(pathID: [1, 2, 3]))
        }
        let path = try BlindedPath.create(
            [node(2, to: 2), node(3, to: 3), node(4, to: nil)],
            sessionKey: PrivateKey([UInt8](repeating: 55, count: 32)))
        let total = try #require(
            PaymentRelay.total(of: [relay, relay], minFinalCltvExpiryDelta: 80))
        let fee = try #require(total.fee(for: amount))
        var route = try network.route(
            [0, 1, 2], amount: amount + fee, finalDelta: UInt32(total.cltvExpiryDelta))
        route.blindedTail = BlindedTail(
            path: path, amount: amount, cltvExpiry: network.height)
        let order = PaymentOrder(
            paymentHash: PaymentHash(SHA256.hash([3])), amount: amount)
        return (network, order, route)
    }

    private static func failure(_ network: PaymentNetwork) -> AttemptFailure? {
        (network.paymentEvents[0] ?? []).compactMap {
            $0.failure
        }.first
    }

    @Test(
        "what fails behind the introduction node looks the same, wherever it was", arguments: 2...4)
    func failure(node: Int) throws {
        var (network, order, route) = try Self.setUp()
        // The payee fails it by itself: nobody there waits for the payment.
        if node < 4 { network.faults[order.paymentHash] = [node: .refuse(.unknownNextPeer)] }
        try network.pay(0, order, along: [route])
        try network.settle()
        // The introduction node has it, and lets time pass.
        #expect(Self.failure(network) == nil)
        #expect(network.htlcs.count == 2)
        #expect(network.nodes[2].forwarding.nextDeadline != nil)
        try network.advance(milliseconds: 1000)
        try network.settle()
        let failure = try #require(Self.failure(network))
        #expect(failure.hop == 1 && failure.node == network.nodes[2].id)
        #expect(failure.channel == nil && !failure.isPayee)
        guard case .reported(.invalidOnionBlinding) = failure.reason else {
            return #expect(Bool(false))
        }
    }

    @Test("what was taken back on the chain is answered at once, as the rest")
    func onChain() throws {
        var (network, order, route) = try Self.setUp()
        try network.pay(0, order, along: [route])
        try network.load(0)
        for _ in 0..<2 { try network.move(network.htlcs.count - 1) }
        // It is on its way from the introduction node to the next one.
        let incoming = try #require(
            network.htlcs.first { $0.to == 2 && $0.state == .delivered }?.name)
        let failed = network.nodes[2].forwarding.failOnChain(incoming, at: network.moment)
        network.htlcs.removeAll { $0.from == 2 }
        network.answer(try #require(failed))
        try network.settle()
        guard case .reported(.invalidOnionBlinding) = Self.failure(network)?.reason else {
            return #expect(Bool(false))
        }
    }

    @Test("what fails before the path is told as it is")
    func before() throws {
        var (network, order, route) = try Self.setUp()
        network.faults[order.paymentHash] = [1: .refuse(.temporaryChannelFailure())]
        try network.pay(0, order, along: [route])
        try network.settle()
        let failure = try #require(Self.failure(network))
        #expect(failure.hop == 0 && failure.channel == route.hops[1].channel)
        #expect(failure.reason == .reported(.temporaryChannelFailure()))
    }

    @Test("a path's user survives a start in the middle of it")
    func start() throws {
        var (network, order, route) = try Self.setUp()
        network.faults[order.paymentHash] = [3: .refuse(.unknownNextPeer)]
        try network.pay(0, order, along: [route])
        try network.load(0)
        try network.restart(0)
        let stored = network.nodes[0].payments.progress(order.paymentHash)
        #expect(stored?.inFlight.first?.route == route)
        try network.settle()
        try network.advance(milliseconds: 1000)
        try network.settle()
        #expect(Self.failure(network)?.hop == 1)
    }

    @Test("the fees of the path's nodes are enough for those nodes", arguments: 0..<40)
    func fees(round: Int) throws {
        // Odd amounts and much in proportion, so that each node rounds.
        var (network, order, route) = try Self.setUp(proportional: 300_007)
        let amount = MilliSatoshi(100_000 + UInt64(round) * 7919)
        let relay = network.policy.relay
        let total = try #require(
            PaymentRelay.total(of: [relay, relay], minFinalCltvExpiryDelta: 80))
        let fee = try #require(total.fee(for: amount))
        let path = try #require(route.blindedTail?.path)
        route = try network.route(
            [0, 1, 2], amount: amount + fee, finalDelta: UInt32(total.cltvExpiryDelta))
        route.blindedTail = BlindedTail(
            path: path, amount: amount, cltvExpiry: network.height)
        order.amount = amount
        try network.pay(0, order, along: [route])
        try network.load(0)
        for _ in 0..<4 {
            let index = try #require(network.htlcs.indices.last)
            try network.move(index)
        }
        // It has come to the payee, who does not know the hash.
        #expect(network.htlcs.count == 4)
        #expect(network.htlcs.last.map { $0.amount >= amount } == true)
    }
}

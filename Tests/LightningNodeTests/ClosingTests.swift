import Bitcoin
import LightningChannel
@testable import LightningNode
import LightningPayment
import LightningWire
@testable import NodeFixtures
import RegtestChain
import Testing

/// How channels end.
struct ClosingTests {
    /// Expects that a node has nothing left of a channel but what it keeps of closed ones.
    private func expectClosed(
        _ network: TestNetwork, _ index: Int, _ kind: ClosedChannel.Kind
    ) throws {
        #expect(try network.channels(index).isEmpty)
        let node = network.nodes[index]
        #expect(try closedKinds(network, index) == [kind])
        for table: RecordTable in [
            .channelState, .channelParameters, .channelFunding, .channelSignatures, .channelHTLC,
            .channelMessage, .channelSignedUpdate, .channelSecret, .channelResolution,
            .channelLife, .channelPastHTLC, .onChain, .onChainEntry, .publisherClaim,
            .publisherTransaction,
        ] {
            #expect(node.records(of: table).isEmpty, "\(table)")
        }
        #expect(network.nodes[index].node.publisher.standingClaims.isEmpty)
    }

    private func closedKinds(
        _ network: TestNetwork, _ index: Int
    ) throws -> [ClosedChannel.Kind] {
        try network.nodes[index].records(of: .channelClosed).map {
            try ClosedChannel(record: $0.value).kind
        }
    }

    /// Lets time pass until everything is final, and what is pruned with time is.
    private func finish(_ network: inout TestNetwork) throws {
        try network.mine(101)
        for index in network.nodes.indices {
            for _ in 0..<4 { try network.take([.tick], at: index) }
        }
    }

    @Test("a channel closes in agreement, whoever asks, and both are paid", arguments: [0, 1])
    func mutual(closer: Int) throws {
        var network = try TestNetwork.funded(2)
        let id = try network.open(0, 1, 1_000_000)
        #expect(try network.pay([0, 1], 300_000_000).hasSucceeded)
        let before = (network.balance(0), network.balance(1))
        guard
            case .closing(let transaction) = try network.ask(
                closer, .channel(.close(id, to: nil, feerate: nil)))
        else { throw UnexpectedReply() }
        #expect(network.chain.isKnown(transaction.id))
        try network.mine(1)
        #expect(try network.channels(0).map(\.state) == [.spent])
        // Who pays the fee depends on whose transaction it is.
        #expect(network.balance(1) - before.1 > Satoshi(297_000))
        #expect(network.balance(0) - before.0 > Satoshi(690_000))
        try finish(&network)
        for index in 0..<2 { try expectClosed(network, index, .mutual) }
    }

    @Test("a commitment that waits to be mined pays more when its owner wants it to")
    func raisedFee() throws {
        var network = try TestNetwork.funded(2)
        let id = try network.open(0, 1, 1_000_000)
        let funding = try #require(try network.channel(0, id).funding?.outPoint)
        func raise(_ rate: UInt32, budget: Satoshi? = nil) throws {
            _ = try network.ask(
                0, .channel(.raiseClosingFee(funding, to: FeeratePerKw(rate), budget: budget)))
        }
        #expect(throws: NodeFailure.self) { try raise(20_000) }
        // The peer must not answer with its own commitment.
        try network.disconnect(0, 1)
        _ = try network.ask(0, .channel(.forceClose(id)))
        func fee() -> Satoshi { network.nodes[0].node.publisher.pending.first?.fee ?? .zero }
        let before = (fee(), network.chain.mempool.entries.count)
        // Too little may be spent, and then enough.
        #expect(throws: NodeFailure.self) { try raise(20_000, budget: Satoshi(100)) }
        #expect(fee() == before.0)
        try raise(20_000)
        #expect(fee() > Satoshi(5_000))
        #expect(network.chain.mempool.entries.count == 2)
        let first = fee()
        try raise(30_000, budget: Satoshi(100_000))
        #expect(fee() > first && network.chain.mempool.entries.count == 2)
        #expect(throws: NodeFailure.self) { try raise(30_000) }
        try network.mine(1)
        #expect(throws: NodeFailure.self) { try raise(90_000) }
        try network.mine(170)
        try finish(&network)
        for index in 0..<2 { try expectClosed(network, index, index == 0 ? .local : .remote) }
    }

    @Test("a channel is closed without the peer, which gets its part as well", arguments: [0, 1])
    func force(closer: Int) throws {
        var network = try TestNetwork.funded(2)
        let id = try network.open(0, 1, 1_000_000)
        #expect(try network.pay([0, 1], 300_000_000).hasSucceeded)
        let before = (network.balance(0), network.balance(1))
        _ = try network.ask(closer, .channel(.forceClose(id)))
        try network.mine(3)
        #expect(try network.channels(0).first?.state == .spent)
        // Delays of 144 blocks, and the patience of what may wait for company.
        try network.mine(170)
        #expect(network.balance(1) - before.1 > Satoshi(294_000))
        #expect(network.balance(0) - before.0 > Satoshi(680_000))
        try finish(&network)
        // The other side publishes its commitment too when it hears of it: one of them is mined.
        let isClosers = try closedKinds(network, closer) == [.local]
        try expectClosed(network, closer, isClosers ? .local : .remote)
        try expectClosed(network, 1 - closer, isClosers ? .remote : .local)
    }

    @Test(
        "a revoked commitment with HTLCs that are long gone is punished wholly",
        arguments: [true, false])
    func revokedWithPast(settles: Bool) throws {
        var network = try TestNetwork.funded(2)
        let id = try network.open(0, 1, 1_000_000, pushed: 100_000_000)
        let preimage = PaymentPreimage(SHA256.hash([42]))
        let invoice = try network.invoice(1, 300_000_000, lock: .hold(preimage.paymentHash))
        _ = try network.startPayment(invoice, [0, 1])
        let old = network.nodes[1]
        let request: PaymentRequest =
            settles ? .settleInvoice(preimage) : .cancelInvoice(preimage.paymentHash)
        _ = try network.ask(1, .payment(request))
        if settles { #expect(try network.pay([1, 0], 350_000_000).hasSucceeded) }
        #expect(network.nodes[0].records(of: .channelHTLC).isEmpty)
        let before = network.balance(0)
        try network.disconnect(0, 1)
        let present = network.nodes[1]
        network.nodes[1] = old
        network.checksRecords = false
        _ = try network.ask(1, .channel(.forceClose(id)))
        network.nodes[1] = present
        network.checksRecords = true
        // A restart between the breach and the penalty reads the past again.
        try network.restart(0)
        try network.mine(1)
        try network.restart(0)
        try network.mine(9)
        #expect(network.balance(0) - before > Satoshi(970_000))
        try finish(&network)
        try expectClosed(network, 0, .revoked)
    }

    @Test("a peer that publishes a revoked commitment loses all of it")
    func revoked() throws {
        var network = try TestNetwork.funded(2)
        let id = try network.open(0, 1, 1_000_000, pushed: 100_000_000)
        #expect(try network.pay([0, 1], 100_000_000).hasSucceeded)
        let old = network.nodes[1]
        #expect(try network.pay([1, 0], 150_000_000).hasSucceeded)
        let before = network.balance(0)
        // The old self of node 1 closes the channel.
        try network.disconnect(0, 1)
        let present = network.nodes[1]
        network.nodes[1] = old
        network.checksRecords = false
        _ = try network.ask(1, .channel(.forceClose(id)))
        network.nodes[1] = present
        network.checksRecords = true
        try network.mine(10)
        #expect(network.balance(0) - before > Satoshi(980_000))
        try finish(&network)
        try expectClosed(network, 0, .revoked)
    }
}

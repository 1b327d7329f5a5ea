import Bitcoin
import LightningChannel
@testable import LightningNode
import LightningWallet
import LightningWire
@testable import NodeFixtures
import Testing

/// What reorganisations do to channels.
struct ReorganisationTests {
    @Test("a funding that leaves the chain comes back, and the channel goes on")
    func funding() throws {
        var network = try TestNetwork.funded(2)
        let id = try network.open(0, 1)
        #expect(try network.pay([0, 1], 10_000_000).hasSucceeded)
        let before = try network.channel(0, id).names
        try network.reorganise(7, empty: true)
        // Nothing is taken for money that the chain may never hold.
        #expect(try !network.pay([0, 1], 10_000_000).hasSucceeded)
        try network.mine(6)
        #expect(try network.channel(0, id).names != before)
        #expect(try network.pay([0, 1], 10_000_000).hasSucceeded)
    }

    @Test("a channel whose close leaves the chain is closed again")
    func closing() throws {
        var network = try TestNetwork.funded(2)
        let id = try network.open(0, 1)
        #expect(try network.pay([0, 1], 300_000_000).hasSucceeded)
        _ = try network.ask(0, .channel(.forceClose(id)))
        try network.mine(3)
        #expect(try network.channel(0, id).state == .spent)
        try network.reorganise(4, empty: true)
        #expect(network.nodes[0].node.closings.values.allSatisfy { $0.fundingSpend == nil })
        for index in 0..<2 { try network.restart(index) }
        let before = network.balance(0)
        try network.mine(180)
        #expect(network.balance(0) - before > Satoshi(680_000))
        try network.mine(101)
        #expect(try network.channels(0).isEmpty)
        #expect(try network.channels(1).isEmpty)
    }

    @Test("a close in agreement that leaves the chain is offered again and mined")
    func mutualClose() throws {
        var network = try TestNetwork.funded(2)
        let id = try network.open(0, 1)
        _ = try network.ask(0, .channel(.close(id, to: nil, feerate: nil)))
        try network.mine(3)
        try network.reorganise(4, empty: true)
        for index in 0..<2 { try network.restart(index) }
        try network.mine(105)
        for index in 0..<2 {
            #expect(try network.channels(index).isEmpty)
            let closed = try #require(network.nodes[index].records(of: .channelClosed).first)
            #expect(try ClosedChannel(record: closed.value).kind == .mutual)
        }
    }

    @Test(
        "a channel that the peer closed closes with this side's commitment where the peer's is lost"
    )
    func peersClose() throws {
        var network = try TestNetwork.funded(2)
        let id = try network.open(0, 1, 1_000_000, pushed: 300_000_000)
        try network.disconnect(0, 1)
        _ = try network.ask(1, .channel(.forceClose(id)))
        try network.mine(1)
        #expect(try network.channel(0, id).state == .spent)
        // The peer is gone with its wallet, and its transaction with it.
        let before = network.balance(0)
        try network.reorganise(2, empty: true)
        try network.mine(180)
        #expect(network.balance(0) - before > Satoshi(680_000))
    }

    @Test("a channel whose funding is spent twice is forgotten by who opened it")
    func doubleSpend() throws {
        var network = try TestNetwork.funded(2)
        try network.connect(0, 1)
        let opening = ChannelOpening(peer: network.nodes[1].id, amount: Satoshi(500_000))
        guard
            case .opened(_, let funding) = try network.ask(
                0, .channel(.open([opening], feerate: FeeratePerKw(500))))
        else { throw UnexpectedReply() }
        // The same wallet elsewhere spends the coins.
        var twin = network.nodes[0].node.wallet
        _ = try twin.abandon(funding.id)
        let spend = SpendRequest(
            outputs: [TransactionOutput(amount: Satoshi(1_000_000), scriptPubKey: TestNode.nobody)],
            feeRate: FeeratePerKw(2_500),
            coins: CoinChoice(exactly: funding.inputs.map(\.previousOutput)))
        let (rival, _) = try twin.send(
            spend, keys: network.nodes[0].keys, entropy: .zero, now: network.now)
        network.now += 600
        _ = try network.chain.mine(
            to: TestNode.nobody, transactions: [rival], now: UInt32(network.now))
        try network.follow()
        #expect(try network.channels(0).count == 1)
        try network.mine(5)
        #expect(try network.channels(0).isEmpty)
    }
}

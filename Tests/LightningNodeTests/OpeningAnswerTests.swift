import Bitcoin
import LightningChannel
import LightningNode
import LightningWallet
@testable import NodeFixtures
import Testing

/// When whoever opens a channel is answered, and what the answer says of the funding transaction.
struct OpeningAnswerTests {
    private static let silence = BroadcastOutcome.unanswered(reason: "the chain is away")

    /// Two nodes, of which the first has asked for a channel; the chain says `verdict` of all that is offered.
    private static func opening(
        _ verdict: BroadcastOutcome
    ) throws -> (network: TestNetwork, request: RequestID) {
        var network = try TestNetwork.funded(2)
        try network.connect(0, 1)
        network.verdict = verdict
        let opening = ChannelOpening(peer: network.nodes[1].id, amount: Satoshi(500_000))
        let request = network.nodes[0].nextRequest()
        let order = ChannelRequest.open([opening], feerate: FeeratePerKw(500))
        try network.take([.request(request, .channel(order))], at: 0)
        try network.settle()
        return (network, request)
    }

    private static func fundings(_ network: TestNetwork) -> [Transaction] {
        network.offers.filter { $0.node == 0 }.flatMap(\.transactions)
    }

    @Test("an opening is answered once the chain has its transaction")
    func accepted() throws {
        var (network, request) = try Self.opening(Self.silence)
        #expect(Self.fundings(network).count == 1)
        #expect(network.nodes[0].answers[request] == nil)
        network.verdict = nil
        try network.take([.rebroadcastDue], at: 0)
        try network.settle()
        guard case .opened(let ids, let funding) = try network.nodes[0].answers[request]?.get()
        else { throw UnexpectedReply() }
        #expect(network.chain.mempool.entries.keys.sorted() == [funding.id])
        #expect(try network.channels(0).map(\.channelID) == ids)
    }

    @Test("a chain that says nothing keeps nobody waiting, and is offered the transaction again")
    func silence() throws {
        var (network, request) = try Self.opening(Self.silence)
        network.now += network.nodes[0].policy.channels.broadcastTime - 1
        try network.take([.tick], at: 0)
        #expect(network.nodes[0].answers[request] == nil)
        network.now += 1
        try network.take([.tick], at: 0)
        guard case .opened(_, let funding) = try network.nodes[0].answers[request]?.get() else {
            throw UnexpectedReply()
        }
        network.verdict = nil
        try network.take([.rebroadcastDue], at: 0)
        #expect(network.chain.mempool.entries.keys.sorted() == [funding.id])
    }

    @Test("a stop between the offer and the answer loses neither channel nor transaction")
    func stopped() throws {
        var (network, request) = try Self.opening(Self.silence)
        network.verdict = nil
        try network.restart(0)
        try network.mine(6)
        #expect(network.nodes[0].answers[request] == nil)
        #expect(try network.channels(0).map(\.state) == [.normal])
        #expect(try network.channels(1).map(\.state) == [.normal])
    }

    @Test("where the chain refuses the transaction the channel is given up, and the coins are free")
    func refused() throws {
        let untouched = try TestNetwork.funded(2)
        var (network, request) = try Self.opening(.rejected(reason: "bad-txns-in-belowout"))
        let id = try #require(Self.fundings(network).first?.id)
        #expect(throws: Self.refusal(of: id, isGivenUp: true)) {
            try network.nodes[0].answers[request]?.get()
        }
        #expect(try network.channels(0).isEmpty)
        #expect(try network.channels(1).isEmpty)
        #expect(
            network.nodes[0].node.wallet.balance(now: network.now)
                == untouched.nodes[0].node.wallet.balance(now: untouched.now))
        network.verdict = nil
        try network.mine(1)
        #expect(network.chain.mempool.entries.isEmpty)
    }

    @Test("a transaction of others that the chain refuses is offered again, and its channel waits")
    func refusedFromOutside() throws {
        var network = try TestNetwork.funded(3)
        let (funding, transaction) = try network.fundFromOutside()
        network.verdict = .rejected(reason: "mempool min fee not met")
        let refusal = NodeFailure.channel(
            .fundingRefused(
                transaction.id, reason: "mempool min fee not met", isGivenUp: false))
        #expect(throws: refusal) {
            try network.ask(0, .channel(.finalizeFunding(funding, transaction)))
        }
        network.verdict = nil
        try network.mine(1)
        try network.mine(6)
        #expect(try network.channels(0).map(\.state) == [.normal])
    }

    @Test("a channel that is abandoned meanwhile is not told to be open")
    func abandoned() throws {
        var (network, request) = try Self.opening(Self.silence)
        let channel = try #require(try network.channels(0).first?.channelID)
        _ = try network.ask(0, .channel(.abandon(channel)))
        network.now += network.nodes[0].policy.channels.broadcastTime
        try network.take([.tick], at: 0)
        #expect(throws: NodeFailure.channel(.forgotten(.abandoned))) {
            try network.nodes[0].answers[request]?.get()
        }
    }

    @Test(
        "a close is answered when the chain has said what it makes of the transaction",
        arguments: [true, false])
    func closing(inAgreement: Bool) throws {
        var network = try TestNetwork.funded(2)
        let channel = try network.open(0, 1)
        network.verdict = Self.silence
        let request = network.nodes[0].nextRequest()
        let order =
            inAgreement
            ? ChannelRequest.close(channel, to: nil, feerate: nil) : .forceClose(channel)
        try network.take([.request(request, .channel(order))], at: 0)
        try network.settle()
        #expect(network.nodes[0].answers[request] == nil)
        network.verdict = nil
        try network.take([.rebroadcastDue], at: 0)
        try network.settle()
        let id =
            switch try network.nodes[0].answers[request]?.get() {
            case .closing(let transaction)?: transaction.id
            case .closingAlone(let id)?: id
            default: throw UnexpectedReply()
            }
        #expect(network.chain.mempool[id] != nil)
        // Asked again, nobody waits.
        _ = try? network.ask(0, .channel(.forceClose(channel)))
    }

    private static func refusal(of id: TransactionID, isGivenUp: Bool) -> NodeFailure {
        .channel(
            .fundingRefused(id, reason: "bad-txns-in-belowout", isGivenUp: isGivenUp))
    }
}

import Bitcoin
import LightningChannel
import LightningCommitment
@_spi(Release) @testable import LightningNode
import LightningWallet
import LightningWire
@testable import NodeFixtures
import Testing

/// What must not happen to the money between the first signature and the first block.
struct FundingSafetyTests {
    // MARK: Replacement

    @Test("a transaction that funds a channel, or what it spends, is not replaced")
    func replacement() throws {
        var network = try TestNetwork.funded(2)
        // All of the wallet is in what waits to be mined.
        let script = try network.newScript(0)
        let everything = SpendRequest(outputs: [], feeRate: FeeratePerKw(500))
        guard
            case .published(let parent) = try network.ask(
                0, .spend(.sendAll(to: script, everything, label: "")))
        else { throw UnexpectedReply() }
        #expect(!network.nodes[0].node.fundsChannels(parent.id))

        let (id, outputs) = try network.askForFunding(0, 1)
        let coins = CoinChoice(exactly: [OutPoint(parent.id, 0)], minimumConfirmations: 0)
        let (psbt, funding) = try network.makeFunding(0, outputs, coins: coins)
        _ = try network.ask(0, .channel(.verifyFunding(id, psbt)))
        try expectNotReplaceable(parent.id, &network)

        _ = try network.ask(0, .channel(.finalizeFunding(id, funding)))
        try expectNotReplaceable(parent.id, &network)
        try expectNotReplaceable(funding.id, &network)
        // A child of its change makes it quicker.
        let change = try #require(funding.outputs.firstIndex { !outputs.contains($0) })
        _ = try network.ask(
            0,
            .spend(
                .speedUp(
                    OutPoint(funding.id, UInt32(change)), FeeratePerKw(5_000), FeePolicy())))
        try network.mine(6)
        #expect(try network.channels(0).map(\.state) == [.normal])
    }

    private func expectNotReplaceable(
        _ id: TransactionID, _ network: inout TestNetwork
    ) throws {
        let bump = BumpRequest(feeRate: FeeratePerKw(5_000))
        do {
            _ = try network.ask(0, .spend(.bumpFee(id, bump)))
            Issue.record("\(id) was replaced")
        } catch NodeFailure.spend(.notReplaceable(id)) {}
    }

    // MARK: Channels that are closed before they are mined

    @Test(
        "a transaction that pays for several channels is published once all of their peers have signed"
    )
    func several() throws {
        var network = try TestNetwork.funded(4)
        let first = try network.askForFunding(0, 1)
        let second = try network.askForFunding(0, 2)
        let (psbt, transaction) = try network.makeFunding(3, first.outputs + second.outputs)
        func publish() throws {
            _ = try network.ask(0, .channel(.finalizeFunding(first.funding, transaction)))
        }
        _ = try network.ask(0, .channel(.verifyFunding(first.funding, psbt)))
        #expect(throws: NodeFailure.self) { try publish() }
        #expect(network.chain.mempool.entries.isEmpty)
        _ = try network.ask(0, .channel(.verifyFunding(second.funding, psbt)))
        try publish()
        #expect(network.chain.mempool[transaction.id] != nil)
        // Both are under way: neither can be given up any more.
        #expect(throws: NodeFailure.self) {
            try network.ask(0, .channel(.cancelFunding(second.funding)))
        }
        try network.mine(6)
        #expect(try network.channels(0).map(\.state) == [.normal, .normal])
    }

    @Test("a channel that was closed before it was funded is given up without a trace")
    func closedThenCancelled() throws {
        var network = try TestNetwork.funded(3)
        let (funding, _) = try network.fundFromOutside()
        let channel = try #require(try network.channels(0).first?.channelID)
        _ = try network.ask(0, .channel(.forceClose(channel)))
        #expect(network.nodes[0].node.closings.count == 1)
        _ = try network.ask(0, .channel(.cancelFunding(funding)))
        try expectNoTrace(&network)
    }

    @Test("a channel that was closed and is never mined is given up without a trace")
    func closedThenAbandoned() throws {
        var network = try TestNetwork.funded(2)
        try network.connect(0, 1)
        let opening = ChannelOpening(peer: network.nodes[1].id, amount: Satoshi(500_000))
        guard
            case .opened(let ids, _) = try network.ask(
                0, .channel(.open([opening], feerate: FeeratePerKw(500))))
        else { throw UnexpectedReply() }
        let channel = try #require(ids.first)
        _ = try network.ask(0, .channel(.forceClose(channel)))
        #expect(network.nodes[0].node.publisher.standingClaims.count == 1)
        _ = try network.ask(0, .channel(.abandon(channel)))
        try expectNoTrace(&network)
    }

    private func expectNoTrace(_ network: inout TestNetwork) throws {
        #expect(try network.channels(0).isEmpty)
        #expect(network.nodes[0].node.closings.isEmpty)
        #expect(network.nodes[0].node.publisher.standingClaims.isEmpty)
        #expect(network.nodes[0].records(of: .onChain).isEmpty)
        try network.restart(0)
        try network.mine(3)
    }

    // MARK: Channels that are used before they are mined

    @Test("a channel whose funding is double-spent binds no coins of who used it unconfirmed")
    func doubleSpent() throws {
        var network = try TestNetwork.funded(2)
        var elsewhere = network
        let everything = SpendRequest(outputs: [], feeRate: FeeratePerKw(500))
        guard
            case .published(let rival) = try elsewhere.ask(
                0, .spend(.sendAll(to: TestNode.nobody, everything, label: "")))
        else { throw UnexpectedReply() }

        network.nodes[1].node.policy.channels.trustedPeers = [network.nodes[0].id]
        let estimates = FeeEstimates(
            byTarget: [1: FeeratePerKw(10_000)], minimum: .minimumRelay)
        for index in 0...1 { try network.take([.feeEstimates(estimates)], at: index) }
        try network.connect(0, 1)
        var opening = ChannelOpening(peer: network.nodes[1].id, amount: Satoshi(1_000_000))
        opening.isZeroConfirmation = true
        opening.isAnnounced = false
        guard
            case .opened(let ids, _) = try network.ask(
                0, .channel(.open([opening], feerate: FeeratePerKw(500))))
        else { throw UnexpectedReply() }
        #expect(try network.pay([0, 1], 300_000_000).hasSucceeded)

        let coins = Self.freeCoins(network)
        let channel = try #require(ids.first)
        try network.mine(exactly: [rival])
        _ = try network.ask(1, .channel(.forceClose(channel)))
        for _ in 0..<5 {
            try network.mine(1)
            // What it was paid would be its own if the funding came back.
            #expect(network.nodes[1].node.publisher.standingClaims.count == 1)
            #expect(Self.freeCoins(network) == coins)
        }
        let children = network.offers.filter { $0.node == 1 && $0.transactions.count == 2 }
        #expect(children.count >= 5)
        _ = try network.ask(1, .channel(.abandon(channel)))
        #expect(try network.channels(1).isEmpty)
        #expect(network.nodes[1].node.publisher.standingClaims.isEmpty)
    }

    private static func freeCoins(_ network: TestNetwork) -> Int {
        network.nodes[1].node.wallet.feeCoins(beside: [], now: network.now).count
    }

    // MARK: Reorganisations

    @Test("a channel that others funded outlives a reorganisation and a restart")
    func reorganisedFunding() throws {
        var network = try TestNetwork.funded(3)
        let (funding, transaction) = try network.fundFromOutside()
        _ = try network.ask(0, .channel(.finalizeFunding(funding, transaction)))
        try network.mine(6)
        #expect(try network.pay([0, 1], 10_000_000).hasSucceeded)
        try network.reorganise(7, empty: true)
        // What a mempool has lost is offered again.
        #expect(network.nodes[0].node.offerAgain().effects.count == 1)
        try network.restart(0)
        #expect(try network.channels(0).count == 1)
        try network.mine(6)
        #expect(network.nodes[0].node.offerAgain().effects.isEmpty)
        #expect(try network.pay([0, 1], 10_000_000).hasSucceeded)
        try network.mine(100)
        #expect(network.nodes[0].node.foreignFundings.isEmpty)
        #expect(try network.channels(0).count == 1)
    }

    @Test("a funding that its payer published past the node is kept with its signatures")
    func publishedElsewhere() throws {
        var network = try TestNetwork.funded(3)
        let (_, transaction) = try network.fundFromOutside()
        network.now += 600
        _ = try network.chain.mine(
            to: TestNode.nobody, transactions: [transaction], now: UInt32(network.now))
        try network.follow()
        let kept = try #require(network.nodes[0].node.foreignFundings[transaction.id])
        #expect(kept == transaction)
        try network.mine(5)
        #expect(try network.channels(0).map(\.state) == [.normal])
    }

    @Test("a channel whose plan was lost before anything was published is given up with a restart")
    func lostPlan() throws {
        var network = try TestNetwork.funded(3)
        let (_, transaction) = try network.fundFromOutside()
        let channel = try #require(try network.channels(0).first?.channelID)
        _ = try network.ask(0, .channel(.forceClose(channel)))
        // As if the wallet had made it, which forgets what it has not published.
        _ = network.nodes[0].node.dropFunding(transaction.id)
        network.checksRecords = false
        _ = network.nodes[0].node.start(at: network.moment())
        #expect(try network.channels(0).isEmpty)
    }
}

import Bitcoin
import CommitmentFixtures
import LightningCommitment
import LightningOnChain
import Testing

@Suite("publishing commitments")
struct CommitmentPublishingTests {
    @Test("a commitment that pays enough goes alone")
    func alone() throws {
        var test = try PublishedChain()
        test.estimate([1: 2, 6: 1])
        let own = try test.commitment(feerate: 1_000)
        let id = try test.claim(test.closing(own), value: 500_000, deadline: 200)
        try test.run()
        #expect(test.isInMempool(own.id))
        #expect(test.purse.held.isEmpty)
        try test.mine()
        #expect(test.isWon(id))
        #expect(test.takeRefusals().isEmpty)
    }

    @Test("a commitment that pays too little takes a child along, as a package")
    func child() throws {
        var test = try PublishedChain()
        test.estimate([1: 20, 6: 20])
        let own = try test.commitment(feerate: 253)
        let id = try test.claim(test.closing(own), value: 500_000, deadline: 130)
        try test.run()
        let report = try #require(test.offer(id))
        let child = try #require(report.transaction)
        #expect(test.isInMempool(own.id) && test.isInMempool(child.id))
        let package = test.chain.mempool.withAncestors(child.id)
        #expect(package.count == 2)
        #expect(package.fees >= Satoshi(20 * Int64(package.virtualSize)))
        #expect(package.fees <= Satoshi(21 * Int64(package.virtualSize)))
        #expect(test.purse.held.count == 1)
        try test.mine()
        #expect(test.isWon(id))
        #expect(test.purse.held.isEmpty)
        #expect(test.takeRefusals().isEmpty)
    }

    @Test("a commitment below what mempools take is taken with its child")
    func belowMinimum() throws {
        var relay = RelayPolicy()
        relay.maximumMempoolUsage = 9_000
        var test = try PublishedChain(fillers: 14, relay: relay)
        let minimum = try test.congest(rate: 5)
        #expect(minimum > FeeratePerKw(1_250))
        test.tell(.feeEstimates(FeeEstimates(byTarget: [1: FeeratePerKw(2_000)], minimum: minimum)))
        let own = try test.commitment(feerate: 253)
        let id = try test.claim(test.closing(own), value: 500_000, deadline: 150)
        try test.run()
        #expect(test.isInMempool(own.id))
        try test.mine()
        #expect(test.isWon(id))
        #expect(test.takeRefusals().isEmpty)
    }

    @Test("the child is replaced at ever higher rates until the market is met, and always accepted")
    func congestion() throws {
        var test = try PublishedChain(coins: [60_000, 300_000])
        test.estimate([1: 10, 6: 5, 144: 1])
        let own = try test.commitment(feerate: 253, offered: [300_000])
        let deadline = test.height.value + 12
        let id = try test.claim(test.closing(own), value: 300_000, deadline: deadline)
        test.marketRate = FeeratePerKw(20_000)
        try test.run()
        var fees: [Satoshi] = []
        while !test.isWon(id), test.height < BlockHeight(deadline) {
            fees.append(test.offer(id)?.fee ?? .zero)
            try test.mine()
        }
        #expect(test.isWon(id))
        #expect(zip(fees, fees.dropFirst()).allSatisfy { $0 < $1 })
        #expect(test.takeRefusals().isEmpty)
    }

    @Test("another commitment that is mined frees the coins, and a reorganisation brings ours back")
    func rival() throws {
        var test = try PublishedChain()
        test.estimate([1: 20])
        let own = try test.commitment(feerate: 253)
        let id = try test.claim(test.closing(own), value: 500_000, deadline: 150)
        try test.run()
        #expect(!test.purse.held.isEmpty)
        let theirs = try test.commitment(0, .accepter)
        try test.mineTheirs(theirs)
        #expect(test.purse.held.isEmpty)
        #expect(!test.isWon(id))
        // The other side's commitment returns to the mempool, where ours has to outbid it.
        try test.reorganise(1)
        try test.mine(6)
        #expect(test.isWon(id))
        #expect(test.purse.held.isEmpty)
    }

    @Test("with nothing at stake, the other side's commitment is not outbid at any price")
    func auction() throws {
        var test = try PublishedChain()
        test.estimate([1: 4, 144: 2])
        let theirs = try test.channels[0].signed(
            test.commitment(0, .accepter, feerate: 20_000), owner: .accepter)
        try test.submit(theirs)
        let own = try test.commitment(feerate: 253)
        let id = try test.claim(test.closing(own), value: 400_000)
        test.marketRate = FeeratePerKw(50_000)
        try test.mine(30)
        #expect(test.isInMempool(theirs.id) && !test.isInMempool(own.id))
        #expect(test.offer(id).map { $0.fee < Satoshi(5_000) } == true)
        test.marketRate = FeeratePerKw(0)
        try test.mine()
        #expect(test.purse.held.isEmpty)
    }

    @Test("without coins the commitment goes as it is, and takes a child when coins come")
    func noCoins() throws {
        var test = try PublishedChain(channels: 2, coins: [])
        test.estimate([1: 20])
        let own = try test.commitment(feerate: 253)
        let id = try test.claim(test.closing(own), value: 500_000, deadline: 150)
        try test.run()
        #expect(test.isInMempool(own.id))
        #expect(test.events.contains { if case .coinsMissing = $0 { true } else { false } })
        test.marketRate = FeeratePerKw(2_000)
        let theirs = try test.commitment(1, .accepter)
        try test.mineTheirs(theirs, 1)
        _ = try test.claim(
            .output(try #require(test.outputClaims(theirs).first)), of: 1,
            deadline: test.height.value + 20)
        try test.mine(3)
        #expect(test.isWon(id))
    }

    @Test("coins do not wait for a commitment that spends nothing which the network knows")
    func nothingToSpend() throws {
        var test = try PublishedChain(coins: [100_000])
        test.estimate([1: 20])
        let own = try test.commitment(feerate: 253)
        let id = try test.claim(test.closing(own), value: 500_000, deadline: 150)
        for _ in 0..<3 {
            let package = try #require(test.round().first)
            #expect(package.count == 2 && test.purse.held.count == 1)
            test.tell(.refused(try #require(package.last).id, .inputsSpent))
            #expect(test.purse.held.isEmpty)
            // Not in the same block again.
            let again = test.round()
            #expect(again.isEmpty)
            test.tell(.blockConnected(test.publisher.tip + 1, spends: [:]))
        }
        try test.run()
        #expect(test.isInMempool(own.id))
        #expect(test.purse.held.count == 1)
        try test.mine()
        #expect(test.isWon(id))
    }

    @Test("a child that stays behind its commitment is left to the wallet")
    func leftBehind() throws {
        var test = try PublishedChain()
        test.estimate([1: 20])
        let own = try test.commitment(feerate: 253)
        let id = try test.claim(test.closing(own), value: 500_000, deadline: 150)
        try test.run()
        let child = try #require(test.offer(id)?.transaction)
        try test.mine(exactly: [try test.channels[0].signed(own, owner: .opener)])
        test.tell(.withdraw(id))
        try test.run()
        #expect(test.purse.handedOver == [child.id])
    }
}

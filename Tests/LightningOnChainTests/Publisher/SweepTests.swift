import Bitcoin
import CommitmentFixtures
import LightningCommitment
import LightningOnChain
import Testing

@Suite("publishing sweeps and penalties")
struct SweepPublishingTests {
    @Test("what nobody else can take is taken together, over channels, at a slow rate")
    func together() throws {
        var test = try PublishedChain(channels: 3)
        test.estimate([1: 50, 144: 2])
        var ids: [ClaimID] = []
        for channel in 0..<3 { try test.mineTheirs(test.commitment(channel, .accepter), channel) }
        for channel in 0..<3 {
            let theirs = try test.commitment(channel, .accepter)
            let output = try #require(test.outputClaims(theirs).first)
            ids.append(try test.claim(.output(output), of: channel))
        }
        try test.mine(4)
        #expect(ids.allSatisfy { test.isWon($0) })
        #expect(Set(ids.compactMap { test.purse.spends[$0.outPoint] }).count == 1)
        #expect(test.takeRefusals().isEmpty)
    }

    @Test(
        "what others can take shares nothing with other channels, and disputes nothing with what is safe"
    )
    func apart() throws {
        var test = try PublishedChain(channels: 2)
        test.estimate([1: 10])
        for channel in 0..<2 {
            let theirs = try test.commitment(
                channel, .accepter, offered: [50_000, 51_000], received: [60_000, 61_000],
                expiry: 104)
            try test.mineTheirs(theirs, channel)
        }
        try test.mine(until: 104)
        for channel in 0..<2 {
            let theirs = try test.commitment(
                channel, .accepter, offered: [50_000, 51_000], received: [60_000, 61_000],
                expiry: 104)
            for output in test.outputClaims(theirs) {
                let isSafe = if case .toRemote = output.path { true } else { false }
                _ = try test.claim(
                    .output(output), of: channel, deadline: isSafe ? nil : test.height.value + 30)
            }
        }
        try test.mine(4)
        let transactions = Set(test.purse.spends.values).intersection(test.purse.adopted.keys)
        #expect(transactions.count == 5)
        #expect(test.takeRefusals().isEmpty)
    }

    @Test("fees follow the market up, and no further than half of what is claimed")
    func share() throws {
        var test = try PublishedChain()
        test.estimate([1: 10])
        let theirs = try test.commitment(0, .accepter, offered: [20_000])
        try test.mineTheirs(theirs)
        let htlc = try #require(
            test.outputClaims(theirs).first { $0.output.amount < Satoshi(30_000) })
        let deadline = test.height.value + 15
        let id = try test.claim(.output(htlc), deadline: deadline)
        test.marketRate = FeeratePerKw(2_000_000)
        try test.mine(until: deadline + 5)
        let fee = try #require(test.offer(id)?.fee)
        #expect(fee <= Satoshi(10_000) && fee > Satoshi(8_000))
        #expect(test.takeRefusals().isEmpty)
        test.marketRate = FeeratePerKw(0)
        try test.mine()
        #expect(test.isWon(id))
    }

    @Test("a penalty may cost up to nine tenths when its time runs out")
    func penalty() throws {
        var test = try PublishedChain()
        test.estimate([1: 10])
        let theirs = try test.commitment(0, .accepter, received: [30_000])
        try test.mineTheirs(theirs)
        let penalty = try #require(
            test.penalties(theirs).first { $0.output.amount < Satoshi(40_000) })
        let deadline = test.height.value + 18
        let id = try test.claim(.output(penalty), deadline: deadline)
        test.marketRate = FeeratePerKw(2_000_000)
        try test.run()
        var fees: [Satoshi] = []
        while test.height < BlockHeight(deadline) {
            fees.append(test.offer(id)?.fee ?? .zero)
            try test.mine()
        }
        #expect(fees.last.map { $0 > Satoshi(20_000) && $0 <= Satoshi(27_000) } == true)
        #expect(test.takeRefusals().isEmpty)
    }

    @Test("all outputs of a revoked commitment are taken, its HTLCs apart from the balance")
    func revoked() throws {
        var test = try PublishedChain()
        test.estimate([1: 10])
        let theirs = try test.commitment(
            0, .accepter, offered: [50_000], received: [60_000, 70_000])
        try test.mineTheirs(theirs)
        let ids = try test.penalties(theirs).map {
            try test.claim(.output($0), deadline: test.height.value + 5)
        }
        try test.run()
        #expect(test.publisher.pending.map(\.claims.count).sorted() == [1, 3])
        try test.mine()
        #expect(ids.count == 4 && ids.allSatisfy { test.isWon($0) })
        #expect(test.takeRefusals().isEmpty)
    }

    @Test("many claims are spread over transactions far below the largest that is relayed")
    func weight() throws {
        var test = try PublishedChain()
        test.estimate([1: 10])
        let amounts = (0..<200).map { Int64(2_000 + $0) }
        let theirs = try test.commitment(0, .accepter, offered: amounts)
        try test.mineTheirs(theirs)
        let ids = try test.outputClaims(theirs).map {
            try test.claim(.output($0), deadline: test.height.value + 20)
        }
        try test.run()
        #expect(test.publisher.pending.count >= 2)
        for report in test.publisher.pending {
            #expect(try #require(report.transaction).weight <= Weight(42_000))
        }
        try test.mine()
        #expect(ids.allSatisfy { test.isWon($0) })
    }

    @Test("a claim that is withdrawn leaves the transaction that it was in")
    func withdrawn() throws {
        var test = try PublishedChain()
        test.estimate([1: 10])
        let theirs = try test.commitment(0, .accepter, offered: [50_000, 60_000])
        try test.mineTheirs(theirs)
        let ids = try test.outputClaims(theirs).dropLast().map {
            try test.claim(.output($0), deadline: test.height.value + 100)
        }
        try test.run()
        let before = try #require(test.offer(ids[0]))
        #expect(before.claims.count == 2)
        test.tell(.withdraw(ids[1]))
        try test.run()
        let after = try #require(test.offer(ids[0]))
        #expect(after.claims == [ids[0]] && after.fee > before.fee)
        #expect(test.takeRefusals().isEmpty)
        #expect(test.isInMempool(try #require(after.transaction?.id)))
    }

    @Test("a transaction that can be mined no more need not be outbid")
    func overtaken() throws {
        var test = try PublishedChain()
        test.estimate([1: 4])
        let theirs = try test.commitment(0, .accepter, offered: [2_000, 60_000])
        try test.mineTheirs(theirs)
        let deadline = test.height.value + 100
        let outputs = test.outputClaims(theirs).filter {
            if case .toRemote = $0.path { false } else { true }
        }
        let poor = try test.claim(.output(outputs[0]), deadline: deadline)
        let rich = try test.claim(.output(outputs[1]), deadline: deadline)
        try test.run()
        let shared = try #require(test.offer(poor))
        #expect(shared.claims.count == 2)
        // What is left is not worth a replacement, and the other comes back, as after a reorganisation.
        test.tell(.withdraw(rich))
        try test.run()
        #expect(test.offer(poor)?.transaction == shared.transaction)
        #expect(try test.claim(.output(outputs[1]), deadline: deadline) == rich)
        try test.mine(3)
        #expect(test.isWon(rich))
        #expect(test.isWon(poor))
    }

    @Test("what is not worth its fee waits for calmer times")
    func calm() throws {
        var test = try PublishedChain()
        test.estimate([1: 300, 144: 300])
        let theirs = try test.commitment(0, .accepter, offered: [40_000])
        try test.mineTheirs(theirs)
        let output = try #require(test.outputClaims(theirs).first)
        let id = try test.claim(.output(output))
        try test.mine(5)
        #expect(test.offer(id) == nil)
        test.estimate([1: 3, 144: 1])
        try test.mine(2)
        #expect(test.isWon(id))
    }

    @Test(
        "a deadline is met though the market is far above each estimate", arguments: [20, 100, 400])
    func market(rate: UInt32) throws {
        var test = try PublishedChain()
        test.estimate([1: 5, 6: 2, 144: 1])
        let theirs = try test.commitment(0, .accepter, offered: [400_000])
        try test.mineTheirs(theirs)
        let htlc = try #require(
            test.outputClaims(theirs).first { $0.output.amount == Satoshi(400_000) })
        let deadline = test.height.value + 25
        let id = try test.claim(.output(htlc), deadline: deadline)
        test.marketRate = FeeratePerKw(rate * 250)
        try test.mine(until: deadline)
        #expect(test.isWon(id))
        #expect(test.takeRefusals().isEmpty)
        // No more than the double of what it took.
        let spender = try #require(test.purse.spends[id.outPoint])
        let paid = test.events.compactMap { event -> FeeratePerKw? in
            if case .published(_, spender, _, let rate) = event { rate } else { nil }
        }
        #expect(paid.last.map { $0 <= FeeratePerKw(rate * 500) } == true)
    }
}

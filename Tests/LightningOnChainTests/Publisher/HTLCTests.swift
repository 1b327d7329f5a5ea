import Bitcoin
import CommitmentFixtures
import LightningCommitment
import LightningOnChain
import Testing

@Suite("publishing HTLC transactions")
struct HTLCPublishingTests {
    /// A chain where this side's commitment is mined, and the claims of its HTLCs.
    private func closed(
        _ format: CommitmentFormat = .anchors, offered: [Int64] = [], received: [Int64] = [],
        coins: [Int64] = [100_000, 100_000], feerate: UInt32 = 253
    ) throws -> (PublishedChain, [Claim.Kind], CommitmentTransaction) {
        var test = try PublishedChain(format, coins: coins)
        let own = try test.commitment(
            feerate: feerate, offered: offered, received: received, expiry: 104)
        try test.mine(exactly: [try test.channels[0].signed(own, owner: .opener)])
        return (test, try test.htlcClaims(own), own)
    }

    @Test("with anchors, those of one lock time share a transaction and its fee coins")
    func together() throws {
        var (test, claims, _) = try closed(offered: [50_000, 60_000], received: [70_000, 80_000])
        test.estimate([1: 10])
        try test.mine(until: 104)
        let ids = try claims.map { try test.claim($0, deadline: 160) }
        try test.run()
        let reports = test.publisher.pending
        #expect(reports.map(\.claims.count) == [2, 2])
        #expect(test.chain.mempool.entries.count == 2)
        for report in reports {
            let id = try #require(report.transaction?.id)
            let entry = try #require(test.chain.mempool[id])
            #expect(entry.fee == report.fee)
            #expect(entry.fee >= Satoshi(10 * Int64(entry.virtualSize)))
            #expect(entry.fee <= Satoshi(11 * Int64(entry.virtualSize)))
        }
        try test.mine()
        #expect(ids.allSatisfy { test.isWon($0) })
        #expect(test.takeRefusals().isEmpty)
        #expect(test.purse.held.isEmpty)
    }

    @Test("without anchors, each goes with the fee that was fixed")
    func fixed() throws {
        var (test, claims, _) = try closed(
            .staticRemoteKey, offered: [50_000], received: [70_000], feerate: 2_000)
        try test.mine(until: 104)
        let ids = try claims.map { try test.claim($0, deadline: 160) }
        try test.run()
        #expect(test.chain.mempool.entries.count == 2)
        test.marketRate = FeeratePerKw(10_000)
        try test.mine(3)
        #expect(test.chain.mempool.entries.count == 2)
        test.marketRate = FeeratePerKw(0)
        try test.mine()
        #expect(ids.allSatisfy { test.isWon($0) })
        #expect(test.takeRefusals().isEmpty)
    }

    @Test("one whose fee is fixed is signed again where a reorganisation undoes its rival")
    func fixedAgain() throws {
        var (test, claims, own) = try closed(.staticRemoteKey, offered: [60_000], feerate: 2_000)
        test.estimate([1: 10])
        try test.mine(until: 104)
        let id = try test.claim(claims[0], deadline: 130)
        try test.run()
        let rival = try preimageSpend(own, 0, in: test)
        try test.mine(exactly: [rival])
        #expect(!test.isWon(id))
        test.chain.prioritise(rival.id, by: Satoshi(-100_000))
        try test.reorganise(1, empty: false)
        let again = try #require(test.offer(id)?.transaction)
        try test.mine(exactly: [again])
        #expect(test.isWon(id))
    }

    @Test("a refusal for no known reason parts the claims, so that one bad one spoils no other")
    func unknownReason() throws {
        var (test, claims, _) = try closed(received: [50_000, 60_000])
        test.estimate([1: 10])
        for claim in claims { _ = try test.claim(claim, deadline: 130) }
        let offered = test.round()
        test.tell(.refused(try #require(offered.first?.last?.id), .other("no reason")))
        #expect(test.purse.held.isEmpty)
        try test.run()
        #expect(test.publisher.pending.map(\.claims.count) == [1, 1])
        #expect(test.purse.held.count == 2)
    }

    @Test("one in dispute does not hold up the others")
    func dispute() throws {
        var (test, claims, own) = try closed(offered: [50_000, 60_000, 70_000])
        test.estimate([1: 10])
        try test.mine(until: 104)
        let ids = try claims.map { try test.claim($0, deadline: 130) }
        try test.run()
        #expect(test.publisher.pending.count == 1)
        // The other side takes the first with the preimage, for more than the three together pay.
        let preimage = try preimageSpend(own, 0, in: test)
        try test.submit(preimage)
        #expect(test.chain.mempool.entries.count == 1)
        try test.mine(exactly: [])
        // Ours cannot replace that: the others go on alone.
        #expect(test.publisher.pending.count == 3)
        try test.mine(2)
        #expect(ids.filter { test.isWon($0) }.count == 2)
        #expect(test.purse.held.isEmpty)
    }

    @Test(
        "a claim that the other side's transaction took in a block leaves, and comes back after a reorganisation"
    )
    func reorganisation() throws {
        var (test, claims, own) = try closed(offered: [50_000, 60_000])
        test.estimate([1: 10])
        try test.mine(until: 104)
        let ids = try claims.map { try test.claim($0, deadline: 130) }
        try test.run()
        try test.mine(exactly: [try preimageSpend(own, 0, in: test)])
        #expect(test.publisher.pending.flatMap(\.claims).count == 1)
        try test.mine()
        #expect(ids.filter { test.isWon($0) }.count == 1)
        // All of it is taken back, and this time the other side is too late.
        test.chain.prioritise(try preimageSpend(own, 0, in: test).id, by: Satoshi(-100_000))
        try test.reorganise(2, empty: false)
        try test.mine(12)
        #expect(ids.filter { test.isWon($0) }.count == 2)
        #expect(test.purse.held.isEmpty)
    }

    @Test("an HTLC that is worth less than its part of the fee is not paid for by others")
    func poor() throws {
        var (test, claims, _) = try closed(received: [3_000, 400_000])
        test.estimate([1: 50])
        let ids = try claims.map { try test.claim($0, deadline: 160) }
        try test.run()
        let report = try #require(test.offer(ids[1]))
        #expect(report.claims == [ids[1]])
        try test.mine()
        #expect(test.isWon(ids[1]))
    }

    @Test(
        "those that the market has made too dear leave, so that they do not weigh down the others")
    func shed() throws {
        let small = [Int64](repeating: 8_000, count: 20)
        var (test, claims, _) = try closed(
            received: small + [150_000], coins: [20_000] + small + [150_000])
        test.estimate([1: 10])
        let deadline = test.height.value + 20
        let ids = try claims.map { try test.claim($0, deadline: deadline) }
        try test.run()
        #expect(test.publisher.pending.map(\.claims.count) == [21])
        test.marketRate = FeeratePerKw(150 * 250)
        try test.mine(until: deadline)
        let large = try #require(
            ids.max { left, right in
                let values = [left, right].map { id in
                    test.publisher.standingClaims.first { $0.id == id }?.value ?? .zero
                }
                return values[0] < values[1]
            })
        #expect(test.isWon(large))
    }

    @Test("what may wait hurries where it has the only coin that an urgent claim needs")
    func inheritance() throws {
        var test = try PublishedChain(channels: 2, coins: [80_000])
        test.estimate([1: 20, 144: 2])
        let closing = try test.closing(test.commitment(1), 1)
        let slow = try test.claim(closing, of: 1, value: 400_000)
        try test.run()
        #expect(test.purse.held.count == 1)
        test.marketRate = FeeratePerKw(20 * 250)
        let own = try test.commitment(received: [100_000])
        try test.mine(exactly: [try test.channels[0].signed(own, owner: .opener)])
        let deadline = test.height.value + 20
        let urgent = try test.claim(
            try #require(try test.htlcClaims(own).first), deadline: deadline)
        try test.mine(until: deadline)
        #expect(test.isWon(slow) && test.isWon(urgent))
        #expect(test.takeRefusals().isEmpty)
    }

    @Test("a claim that is withdrawn before it is mined gives its coins back")
    func withdrawn() throws {
        var (test, claims, _) = try closed(received: [50_000])
        test.estimate([1: 10])
        let id = try test.claim(claims[0], deadline: 160)
        try test.run()
        #expect(test.purse.held.count == 1)
        test.tell(.withdraw(id))
        try test.run()
        #expect(test.purse.held.isEmpty)
    }

    @Test("coins go to the most urgent, and one that is short waits until a coin comes back")
    func shortOfCoins() throws {
        var (test, claims, _) = try closed(
            offered: [200_000], received: [70_000], coins: [30_000])
        test.estimate([1: 10])
        try test.mine(until: 104)
        let late = try test.claim(claims[0], deadline: 160)
        let urgent = try test.claim(claims[1], deadline: 120)
        let kinds = [claims[0], claims[1]]
        #expect(kinds.count == 2)
        try test.run()
        #expect(test.offer(urgent)?.transaction != nil)
        #expect(test.offer(late)?.transaction == nil)
        #expect(test.events.contains { if case .coinsMissing = $0 { true } else { false } })
        try test.mine(2)
        #expect(test.isWon(urgent) && test.isWon(late))
    }

    /// The other side's spend of the offered HTLC at `position` with the preimage, for half of it.
    private func preimageSpend(
        _ own: CommitmentTransaction, _ position: Int, in test: PublishedChain
    ) throws -> Transaction {
        let outputs = own.outputs.indices.filter { own.outputs[$0].purpose.isHTLC }
        let claims = outputs.compactMap { index -> ClaimableOutput? in
            guard case .htlc(let htlc) = own.outputs[index].purpose else { return nil }
            return own.counterpartyClaim(index, preimage: TestChannel.preimage(Int(htlc.id)))
        }
        let claim = try ClaimTransaction(
            [claims[position]], to: .payToWitnessScriptHash(SHA256.hash([1])), fee: Satoshi(25_000),
            height: BlockHeight(100),
            dustLimit: Satoshi(330))
        return try claim.signed(by: test.channels[0].accepter)
    }
}

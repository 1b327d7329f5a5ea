import Bitcoin
import RegtestChain
import Testing

@Suite("Replacement and chains of unconfirmed transactions") struct ReplacementTests {
    @Test("a replacement pays more than what it replaces, and for its own relay")
    func fees() throws {
        var fixture = try Fixture(spendable: 1)
        let coin = fixture.takeCoin()
        let original = fixture.spend([coin], fee: 10_000, sequence: .final)
        try fixture.submit(original)
        #expect(fixture.verdict(on: fixture.spend([coin], fee: 9_000)) == "insufficient fee")
        let size = original.virtualSize
        let needed = RelayPolicy().incrementalFeerate.fee(for: size).value
        let short = fixture.spend([coin], fee: 10_000 + needed - 1)
        #expect(fixture.verdict(on: short) == "insufficient fee")
        let enough = fixture.spend([coin], fee: 10_000 + needed)
        #expect(try fixture.submit(enough).replaced == [original.id])
        #expect(fixture.chain.mempool[original.id] == nil)
    }

    @Test("a replacement pays for the children of what it replaces too")
    func children() throws {
        var fixture = try Fixture(spendable: 1)
        let coin = fixture.takeCoin()
        let original = fixture.spend([coin], fee: 1_000)
        let child = fixture.spend([fixture.coin(original)], fee: 50_000)
        try fixture.submit(original)
        try fixture.submit(child)
        #expect(fixture.verdict(on: fixture.spend([coin], fee: 40_000)) == "insufficient fee")
        let replacement = fixture.spend([coin], fee: 52_000)
        #expect(
            Set(try fixture.submit(replacement).replaced) == [original.id, child.id])
        #expect(fixture.chain.mempool.entries.count == 1)
    }

    @Test("a replacement may not spend unconfirmed outputs that the original did not")
    func newUnconfirmed() throws {
        var fixture = try Fixture(spendable: 2)
        let coin = fixture.takeCoin()
        let other = fixture.spend([fixture.takeCoin()])
        try fixture.submit(other)
        try fixture.submit(fixture.spend([coin]))
        let replacement = fixture.spend([coin, fixture.coin(other)], fee: 90_000)
        #expect(fixture.verdict(on: replacement) == "replacement-adds-unconfirmed")
    }

    @Test("a replacement may not spend what it replaces")
    func spendsConflict() throws {
        var fixture = try Fixture(spendable: 1)
        let coin = fixture.takeCoin()
        let original = fixture.spend([coin])
        try fixture.submit(original)
        let replacement = fixture.spend([coin, fixture.coin(original)], fee: 90_000)
        #expect(fixture.verdict(on: replacement) == "bad-txns-spends-conflicting-tx")
    }

    @Test("no more than a hundred transactions are replaced")
    func tooMany() throws {
        var fixture = try Fixture(spendable: 5)
        let coins = (0..<5).map { _ in fixture.takeCoin() }
        for coin in coins {
            let outputs = (0..<24).map { _ in fixture.output(200_000_000) }
            let parent = fixture.spend([coin], outputs: outputs + [fixture.output(190_000_000)])
            try fixture.submit(parent)
            for index in 0..<24 { try fixture.submit(fixture.spend([fixture.coin(parent, index)])) }
        }
        let fee: Int64 = 60_000_000
        #expect(
            fixture.verdict(on: fixture.spend(coins, fee: fee)) == "too many potential replacements"
        )
        #expect(fixture.verdict(on: fixture.spend(Array(coins.dropLast()), fee: fee)) == "accepted")
    }

    @Test("a chain holds 25 transactions, and one small child more of its first")
    func chainLimits() throws {
        var fixture = try Fixture(spendable: 1)
        let coin = fixture.takeCoin()
        let half = coin.output.amount.value / 3
        var last = fixture.spend(
            [coin],
            outputs: [fixture.output(half), fixture.output(half), fixture.output(half - 5000)])
        let first = last
        try fixture.submit(last)
        for _ in 1..<25 {
            last = fixture.spend([fixture.coin(last)])
            try fixture.submit(last)
        }
        #expect(
            fixture.verdict(on: fixture.spend([fixture.coin(last)])) == "too-long-mempool-chain")
        // CPFP carve-out: the other party's anchor can always be spent once.
        #expect(fixture.verdict(on: fixture.spend([fixture.coin(first, 1)])) == "accepted")
        #expect(
            fixture.verdict(on: fixture.spend([fixture.coin(first, 2)])) == "too-long-mempool-chain"
        )
    }

    @Test("miners pick by the rate of a child with its parents")
    func ancestorFeerate() throws {
        var fixture = try Fixture(spendable: 2)
        let poor = fixture.spend([fixture.takeCoin()], fee: 200)
        let middle = fixture.spend([fixture.takeCoin()], fee: 5_000)
        try fixture.submit(poor)
        try fixture.submit(middle)
        try fixture.submit(fixture.spend([fixture.coin(poor)], fee: 50_000))
        let hash = try fixture.mine()
        let block = try #require(fixture.chain.block(hash))
        #expect(block.transactionIDs[1] == poor.id)
        #expect(block.transactionIDs[3] == middle.id)
    }

    @Test(
        "a full mempool drops what pays least, and asks for more until blocks come and time passes")
    func eviction() throws {
        var policy = RelayPolicy()
        policy.maximumMempoolUsage = 20_000
        var fixture = try Fixture(spendable: 40, policy: policy)
        for index in 0..<30 {
            _ = fixture.verdict(
                on: fixture.spend([fixture.takeCoin()], fee: 1_000 + Int64(index) * 100))
        }
        #expect(fixture.chain.mempool.usage <= 20_000)
        let least = fixture.chain.minimumMempoolFeerate(now: fixture.now)
        #expect(least > policy.minimumRelayFeerate)
        #expect(
            fixture.verdict(on: fixture.spend([fixture.takeCoin()], fee: 200))
                == "mempool min fee not met")
        try fixture.mine()
        fixture.now += 4 * 12 * 3600
        #expect(fixture.chain.minimumMempoolFeerate(now: fixture.now) < least)
        fixture.now += 400 * 3600
        #expect(fixture.chain.minimumMempoolFeerate(now: fixture.now) == policy.minimumRelayFeerate)
    }
}

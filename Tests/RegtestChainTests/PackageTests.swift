import Bitcoin
import RegtestChain
import Testing

@Suite("Packages and restricted topology") struct PackageTests {
    @Test("a child pays for a parent that pays nothing")
    func childPays() throws {
        var fixture = try Fixture(spendable: 1)
        let parent = fixture.spend([fixture.takeCoin()], fee: 0, version: 3)
        let child = fixture.spend([fixture.coin(parent)], fee: 10_000, version: 3)
        #expect(fixture.verdict(on: parent) == "min relay fee not met")
        let result = fixture.chain.submit(package: [parent, child], now: fixture.now)
        #expect(result.rejection == nil)
        #expect(fixture.chain.mempool.entries.count == 2)
        guard case .accepted(let accepted) = result.outcomes[parent.witnessID] else {
            Issue.record("the parent was not accepted")
            return
        }
        #expect(accepted.effectiveIncludes == [parent.witnessID, child.witnessID])
    }

    @Test("a child that pays too little takes its parent with it")
    func childPaysTooLittle() throws {
        var fixture = try Fixture(spendable: 1)
        let parent = fixture.spend([fixture.takeCoin()], fee: 0, version: 3)
        let child = fixture.spend([fixture.coin(parent)], fee: 5, version: 3)
        let result = fixture.chain.submit(package: [parent, child], now: fixture.now)
        #expect(result.rejection?.reason == "transaction failed")
        #expect(fixture.chain.mempool.entries.isEmpty)
    }

    @Test("no child may pay for a parent of another version than 3 that pays nothing")
    func childMayNotPay() throws {
        var fixture = try Fixture(spendable: 1)
        let parent = fixture.spend([fixture.takeCoin()], fee: 0)
        let child = fixture.spend([fixture.coin(parent)], fee: 10_000)
        let result = fixture.chain.submit(package: [parent, child], now: fixture.now)
        #expect(result.rejection?.reason == "transaction failed")
        #expect(fixture.chain.mempool.entries.isEmpty)
    }

    @Test("packages have a shape")
    func shapes() throws {
        var fixture = try Fixture(spendable: 2)
        let coin = fixture.takeCoin()
        let parent = fixture.spend([coin], fee: 0)
        let child = fixture.spend([fixture.coin(parent)])
        let other = fixture.spend([fixture.takeCoin()])
        let cases: [(String, [Transaction])] = [
            ("package-not-sorted", [child, parent]),
            ("package-contains-duplicates", [parent, parent]),
            ("conflict-in-package", [parent, fixture.spend([coin], fee: 7)]),
            ("package-not-child-with-parents", [parent, other]),
            ("package-too-many-transactions", Array(repeating: parent, count: 26)),
        ]
        for (reason, package) in cases {
            let result = fixture.chain.submit(package: package, now: fixture.now)
            #expect(result.rejection?.reason == reason)
        }
    }

    @Test("one output of dust is fine where its child spends it and nobody pays for it alone")
    func ephemeralDust() throws {
        var fixture = try Fixture(spendable: 1)
        let coin = fixture.takeCoin()
        let amount = coin.output.amount.value
        let dusty = { (fee: Int64) in
            fixture.spend(
                [coin],
                outputs: [fixture.output(amount - fee), fixture.output(0, to: .payToAnchor)],
                version: 3)
        }
        #expect(fixture.verdict(on: dusty(1000)) == "dust")
        let parent = dusty(0)
        #expect(fixture.verdict(on: parent) == "min relay fee not met")
        let careless = fixture.spend([fixture.coin(parent)], fee: 10_000, version: 3)
        let refused = fixture.chain.submit(package: [parent, careless], now: fixture.now)
        #expect(refused.rejection?.reason == "unspent-dust")
        let child = fixture.spend(
            [fixture.coin(parent), fixture.coin(parent, 1)], fee: 10_000, version: 3)
        let accepted = fixture.chain.submit(package: [parent, child], now: fixture.now)
        #expect(accepted.rejection == nil)
        #expect(fixture.chain.mempool.entries.count == 2)
    }

    @Test(
        "version 3 keeps to one parent and one small child, and a better child takes its sibling's place"
    )
    func restrictedTopology() throws {
        var fixture = try Fixture(spendable: 3)
        let coin = fixture.takeCoin()
        let half = coin.output.amount.value / 2
        let parent = fixture.spend(
            [coin], outputs: [fixture.output(half), fixture.output(half - 1000)], version: 3)
        try fixture.submit(parent)
        #expect(
            fixture.verdict(on: fixture.spend([fixture.coin(parent)], version: 2))
                == "TRUC-violation")
        let child = fixture.spend([fixture.coin(parent)], fee: 2_000, version: 3)
        try fixture.submit(child)
        let grandchild = fixture.spend([fixture.coin(child)], version: 3)
        #expect(fixture.verdict(on: grandchild) == "TRUC-violation")
        let cheap = fixture.spend([fixture.coin(parent, 1)], fee: 1_000, version: 3)
        #expect(fixture.verdict(on: cheap) == "insufficient fee (including sibling eviction)")
        let better = fixture.spend([fixture.coin(parent, 1)], fee: 5_000, version: 3)
        #expect(try fixture.submit(better).replaced == [child.id])

        let plain = fixture.spend([fixture.takeCoin()], version: 2)
        try fixture.submit(plain)
        #expect(
            fixture.verdict(on: fixture.spend([fixture.coin(plain)], version: 3))
                == "TRUC-violation")
    }

    @Test("a package replaces a transaction that its parent conflicts with")
    func packageReplacement() throws {
        var fixture = try Fixture(spendable: 1)
        let coin = fixture.takeCoin()
        let original = fixture.spend([coin], fee: 3_000)
        try fixture.submit(original)
        let parent = fixture.spend([coin], fee: 0, version: 3)
        let poor = fixture.spend([fixture.coin(parent)], fee: 3_010, version: 3)
        let refused = fixture.chain.submit(package: [parent, poor], now: fixture.now)
        #expect(refused.rejection?.reason == "package RBF failed: insufficient anti-DoS fees")
        let child = fixture.spend([fixture.coin(parent)], fee: 20_000, version: 3)
        let accepted = fixture.chain.submit(package: [parent, child], now: fixture.now)
        #expect(accepted.rejection == nil)
        #expect(accepted.replaced == [original.id])
    }
}

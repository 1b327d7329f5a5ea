import Bitcoin
import RegtestChain
import Testing

@Suite("Reorganisations") struct ReorganisationTests {
    @Test("the first block is that of the network")
    func genesis() {
        #expect(
            RegtestChain().tip.hash.description
                == "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206")
    }

    @Test("a transaction is mined, comes back when its block goes, and is mined again")
    func minedAndBack() throws {
        var fixture = try Fixture(spendable: 1)
        let transaction = fixture.spend([fixture.takeCoin()])
        try fixture.submit(transaction)
        let block = try fixture.mine()
        #expect(fixture.chain.mempool.entries.isEmpty)
        #expect(fixture.chain.blockHolding(transaction.id) == block)
        #expect(fixture.chain.coins[OutPoint(transaction.id, 0)] != nil)

        try fixture.chain.invalidate(block, now: fixture.now)
        #expect(fixture.chain.mempool[transaction.id] != nil)
        #expect(fixture.chain.blockHolding(transaction.id) == nil)
        #expect(fixture.chain.coins[OutPoint(transaction.id, 0)] == nil)

        let other = try fixture.mine()
        #expect(fixture.chain.blockHolding(transaction.id) == other)
        // The older branch has the same work: it does not win when it is valid again.
        try fixture.chain.reconsider(block, now: fixture.now)
        #expect(fixture.chain.tip.hash == block || fixture.chain.tip.hash == other)
    }

    @Test("of two branches the first seen wins until the other is longer")
    func competingBranches() throws {
        var fixture = try Fixture(spendable: 1)
        var other = fixture.chain
        let first = try fixture.mine()
        let second = try other.mine(to: .payToAnchor, now: fixture.now)
        let third = try other.mine(to: .payToAnchor, now: fixture.now + 1)
        _ = fixture.chain.takeNotices()

        let blocks = [second, third].compactMap { other.block($0)?.block }
        try fixture.chain.submit(blocks[0], now: fixture.now)
        #expect(fixture.chain.tip.hash == first)
        #expect(fixture.chain.takeNotices().isEmpty)
        try fixture.chain.submit(blocks[1], now: fixture.now)
        #expect(fixture.chain.tip.hash == third)
        #expect(fixture.chain.coins == other.coins)
        let kinds = fixture.chain.takeNotices().map(\.kind)
        #expect(kinds == ["disconnected", "connected", "connected", "tip"])
        #expect(fixture.chain.tips().map(\.hash) == [third, first])
    }

    @Test("a longer branch that is not valid leaves the best chain as it was")
    func invalidBranch() throws {
        var fixture = try Fixture(spendable: 1)
        var other = fixture.chain
        let first = try fixture.mine()
        let coins = fixture.chain.coins
        let good = try other.mine(to: .payToAnchor, now: fixture.now)
        var bad = other.block(to: .payToAnchor, transactions: [], now: fixture.now + 1)
        bad.transactions[0].outputs[0].amount += Satoshi(1)
        bad.header.merkleRoot = bad.computeMerkleRoot().root
        bad.header.solve()
        try fixture.chain.submit(try #require(other.block(good)?.block), now: fixture.now)
        let limit = RegtestRules.subsidy(at: fixture.chain.tip.height + 1)
        #expect(
            throws: BlockRejection.excessiveCoinbase(expected: limit, actual: limit + Satoshi(1))
        ) {
            try fixture.chain.submit(bad, now: fixture.now)
        }
        #expect(fixture.chain.tip.hash == first)
        #expect(fixture.chain.coins == coins)
        #expect(throws: BlockRejection.duplicateInvalid) {
            try fixture.chain.submit(bad, now: fixture.now)
        }
    }

    @Test(
        "after any sequence of blocks and reorganisations the coins are those of a rebuild",
        arguments: 0..<12)
    func coinsEqualRebuild(seed: UInt64) throws {
        var random = SplitMix(seed)
        var fixture = try Fixture(spendable: 8, seed: seed)
        var open = (0..<8).map { _ in fixture.takeCoin() }
        for _ in 0..<40 {
            switch random.next() % 5 {
            case 0, 1:
                guard !open.isEmpty else { continue }
                let coin = open.remove(at: Int(random.next() % UInt64(open.count)))
                let half = coin.output.amount.value / 2
                guard half > 10_000 else { continue }
                let transaction = fixture.spend(
                    [coin], outputs: [fixture.output(half), fixture.output(half - 2000)])
                if (try? fixture.submit(transaction)) != nil {
                    open += [fixture.coin(transaction, 0), fixture.coin(transaction, 1)]
                }
            case 2, 3:
                try fixture.mine(to: .payToAnchor)
            default:
                let depth = 1 + UInt32(random.next() % 4)
                let height = fixture.chain.tip.height.saturatingSubtract(depth - 1)
                let hash = try #require(fixture.chain.blockHash(at: height))
                try fixture.chain.invalidate(hash, now: fixture.now)
                if random.next() % 2 == 0 {
                    for _ in 0...depth { try fixture.mine(to: .payToAnchor) }
                }
                if random.next() % 2 == 0 {
                    try fixture.chain.reconsider(hash, now: fixture.now)
                }
            }
            try expectRebuild(fixture)
        }
    }

    private func expectRebuild(_ fixture: Fixture) throws {
        var rebuilt = RegtestChain()
        for height in 1...fixture.chain.tip.height.value {
            let hash = try #require(fixture.chain.blockHash(at: BlockHeight(height)))
            try rebuilt.submit(
                try #require(fixture.chain.block(hash)?.block), now: fixture.now)
        }
        #expect(rebuilt.tip.hash == fixture.chain.tip.hash)
        #expect(rebuilt.coins == fixture.chain.coins)
        // What waits for a block can be mined now.
        var copy = fixture.chain
        _ = try copy.mine(to: .payToAnchor, now: fixture.now + 1)
        #expect(copy.mempool.entries.isEmpty)
    }

    @Test("the same seed gives the same chain, another seed another one")
    func determinism() throws {
        func run(_ seed: UInt64) throws -> [BlockHash] {
            var fixture = try Fixture(spendable: 3, seed: seed)
            for _ in 0..<3 {
                try fixture.submit(fixture.spend([fixture.takeCoin()]))
                try fixture.mine()
            }
            return (0...fixture.chain.tip.height.value).compactMap {
                fixture.chain.blockHash(at: BlockHeight($0))
            }
        }
        #expect(try run(5) == run(5))
        #expect(try run(5) != run(6))
    }
}

extension ChainNotice {
    var kind: String {
        switch self {
        case .blockConnected: "connected"
        case .blockDisconnected: "disconnected"
        case .tipChanged: "tip"
        case .transactionAdded: "added"
        case .transactionRemoved: "removed"
        }
    }
}

/// A small generator whose numbers depend on the seed alone.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}

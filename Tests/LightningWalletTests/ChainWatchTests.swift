import Bitcoin
import LightningWallet
import Testing

/// What the scanner finds for channels.
struct ChainWatchTests {
    private static let funding = SimulatedChain.foreignScript(1)
    private static let foreign = SimulatedChain.foreignScript(2)

    private static func transaction(
        spending outPoints: [OutPoint], to scripts: [Script]
    ) -> Transaction {
        Transaction(
            inputs: outPoints.map { TransactionInput(previousOutput: $0) },
            outputs: scripts.map { TransactionOutput(amount: Satoshi(10_000), scriptPubKey: $0) })
    }

    private static func block(_ transactions: [Transaction]) -> Block {
        Block(
            header: BlockHeader(
                version: 4, previousBlock: BlockHash(.zero), merkleRoot: .zero, time: 1, bits: 0,
                nonce: 0), transactions: transactions)
    }

    private static func outPoint(_ number: UInt8) -> OutPoint {
        OutPoint(TransactionID(SHA256.hash([number])), 0)
    }

    @Test("one snapshot follows a channel over several blocks, from its funding to the last output")
    func follows() throws {
        var watch = ChainWatch()
        watch.insert(Self.funding)
        var scanner = try TestWallet().wallet.scanner(with: watch)
        let funding = Self.transaction(
            spending: [Self.outPoint(1)], to: [Self.foreign, Self.funding])
        let stranger = Self.transaction(spending: [OutPoint(funding.id, 0)], to: [Self.foreign])
        let close = Self.transaction(
            spending: [OutPoint(funding.id, 1)], to: [Self.foreign, Self.foreign])
        let second = Self.transaction(
            spending: [OutPoint(close.id, 1), Self.outPoint(3)], to: [Self.foreign])
        let third = Self.transaction(spending: [OutPoint(second.id, 0)], to: [Self.foreign])
        let blocks = [[funding, stranger], [close], [second], [third, stranger]]
        let found = blocks.enumerated().map { index, transactions in
            scanner.scan(Self.block(transactions), at: BlockHeight(UInt32(index + 1)))
        }
        #expect(
            found.map { $0.transactions.map(\.transaction) } == [
                [funding], [close], [second], [third],
            ])
    }

    @Test("a block that holds a funding and its spends gives all of them with their positions")
    func oneBlock() throws {
        var watch = ChainWatch()
        watch.insert(Self.funding)
        var scanner = try TestWallet().wallet.scanner(with: watch)
        let funding = Self.transaction(spending: [Self.outPoint(1)], to: [Self.funding])
        let other = Self.transaction(spending: [Self.outPoint(2)], to: [Self.foreign])
        let close = Self.transaction(spending: [OutPoint(funding.id, 0)], to: [Self.foreign])
        let match = scanner.scan(Self.block([other, funding, other, close]), at: BlockHeight(1))
        #expect(match.transactions.map(\.position) == [1, 3])
    }

    @Test("what is not watched any more is not found, and others still are")
    func removal() throws {
        var watch = ChainWatch()
        watch.insert(Self.outPoint(1))
        watch.insert(Self.outPoint(2))
        watch.remove(Self.outPoint(1))
        var scanner = try TestWallet().wallet.scanner(with: watch)
        let gone = Self.transaction(spending: [Self.outPoint(1)], to: [Self.foreign])
        let there = Self.transaction(spending: [Self.outPoint(2)], to: [Self.foreign])
        let match = scanner.scan(Self.block([gone, there]), at: BlockHeight(1))
        #expect(match.transactions.map(\.transaction) == [there])
    }

    @Test("a mempool's child of a spend is noticed, too")
    func mempool() throws {
        var watch = ChainWatch()
        watch.insert(Self.outPoint(1))
        var scanner = try TestWallet().wallet.scanner(with: watch)
        let close = Self.transaction(spending: [Self.outPoint(1)], to: [Self.foreign])
        let child = Self.transaction(spending: [OutPoint(close.id, 0)], to: [Self.foreign])
        #expect(!scanner.isRelevant(child))
        let isNoticed = scanner.notices(close)
        #expect(isNoticed)
        let isChildNoticed = scanner.notices(child)
        #expect(isChildNoticed)
    }

    @Test("a block that was scanned before the watch grew is stale, and one after it is not")
    func staleness() throws {
        var watch = ChainWatch()
        var scanner = try TestWallet().wallet.scanner(with: watch)
        let block = Self.block([])
        #expect(!scanner.scan(block, at: BlockHeight(1)).isStale(for: watch))
        watch.insert(Self.outPoint(1))
        #expect(scanner.scan(block, at: BlockHeight(1)).isStale(for: watch))
        var next = try TestWallet().wallet.scanner(with: watch)
        #expect(!next.scan(block, at: BlockHeight(1)).isStale(for: watch))
        watch.insert(Self.outPoint(1))
        watch.remove(Self.outPoint(1))
        #expect(!next.scan(block, at: BlockHeight(1)).isStale(for: watch))
    }
}

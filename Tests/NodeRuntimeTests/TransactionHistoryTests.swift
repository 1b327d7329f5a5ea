import Bitcoin
import ChainBackend
import LightningWallet
import LightningWire
import NodeRuntime
import NodeStorage
import Testing

/// The list of transactions, over the border between the present and the past.
struct TransactionHistoryTests {
    /// A node with 200 rewards: those of final blocks that were spent are of the past.
    private static func node() throws -> NodeFixture {
        let node = try NodeFixture()
        try node.chain.mine(120, to: node.address().script)
        try eventually { node.service.chainHealth.tip?.height == BlockHeight(120) }
        for _ in 0..<4 {
            let sent = try node.send(20_000_000_000 / 4 - 1_000_000)
            try eventually { node.chain.mempoolTransaction(sent.id) != nil }
            try node.chain.mine(1, to: NodeFixture.nobody)
        }
        try node.chain.mine(150, to: NodeFixture.nobody)
        try eventually { node.service.chainHealth.tip?.height == BlockHeight(274) }
        return node
    }

    @Test("pages put together are the list, in both orders, whatever their size")
    func pages() throws {
        let node = try Self.node()
        let sent = try node.send(1_000_000)
        let history = TransactionHistory(node.store)
        // Its record says so as soon as the mempool has answered, whatever else goes on meanwhile.
        try eventually { try history.transaction(sent.id)?.wasAccepted == true }
        let all = try history.page(HistoryQuery())
        #expect(all.count == 125)
        #expect(try !node.store.records(in: .walletHistory).isEmpty)
        #expect(try node.store.records(in: .walletTransaction).count > 100)
        #expect(all.last?.status == .unconfirmed)
        let keys = all.map(\.historyKey)
        #expect(zip(keys, keys.dropFirst()).allSatisfy { $0.lexicographicallyPrecedes($1) })
        for size in [1, 7, 64, 1_000] {
            for order in [ScanOrder.ascending, .descending] {
                var query = HistoryQuery()
                query.order = order
                query.limit = size
                var found: [TransactionID] = []
                while true {
                    query.skip = found.count
                    let page = try history.page(query)
                    if page.isEmpty { break }
                    #expect(page.count <= size)
                    found += page.map(\.id)
                }
                #expect(found == (order == .ascending ? all : all.reversed()).map(\.id))
            }
        }
        for transaction in all { #expect(try history.transaction(transaction.id) == transaction) }
        node.service.stop()
    }

    @Test("heights bound the list, and an end leaves out what waits")
    func heights() throws {
        let node = try Self.node()
        _ = try node.send(1_000_000)
        let history = TransactionHistory(node.store)
        var query = HistoryQuery()
        query.first = BlockHeight(119)
        query.last = BlockHeight(122)
        #expect(
            try history.page(query).map { $0.status.confirmation?.block.height.value }
                == [119, 120, 121, 122])
        query.last = nil
        #expect(try history.page(query).count == 7)
        query.first = BlockHeight(1_000)
        #expect(try history.page(query).map(\.status) == [.unconfirmed])
        node.service.stop()
    }

    @Test("what is both of the present and of the past, as while it moves, is there once")
    func moving() throws {
        let node = try Self.node()
        node.service.stop()
        let all = try TransactionHistory(node.store).page(HistoryQuery())
        let record = try #require(node.store.records(in: .walletTransaction).first)
        let moving = try WalletTransaction(record: record.value)
        try node.store.commit([
            RecordWrite(.walletHistory, key: moving.historyKey, value: record.value)
        ])
        #expect(try TransactionHistory(node.store).page(HistoryQuery()) == all)
    }
}

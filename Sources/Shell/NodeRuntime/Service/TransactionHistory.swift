import Bitcoin
import LightningWallet
import LightningWire
import NodeStorage

/// Which of the wallet's transactions are wanted, and which part of their list.
public struct HistoryQuery: Hashable, Sendable {
    /// The least height.
    public var first = BlockHeight(0)
    /// The greatest height; nil to take in the transactions that wait, too.
    public var last: BlockHeight?
    /// From the oldest on, or from the newest back.
    public var order = ScanOrder.ascending
    /// How many are left out at the beginning.
    public var skip = 0
    /// The most to answer with; a page may hold fewer where its transactions are large.
    public var limit = HistoryQuery.largestPage

    /// The most transactions of one page.
    public static let largestPage = 5_000
    /// A page ends with the transaction that takes its size over this, in bytes.
    static let largestPageSize = 8 << 20

    /// Every transaction, as many as a page holds.
    public init() {}

    func contains(_ transaction: WalletTransaction) -> Bool {
        guard transaction.status.isActive else { return false }
        guard let height = transaction.status.confirmation?.block.height else { return last == nil }
        return height >= first && (last.map { height <= $0 } ?? true)
    }

    var range: KeyRange {
        KeyRange(
            from: WalletHistory.key(from: first), upTo: last.map { WalletHistory.key(from: $0 + 1) }
        )
    }

    /// Whether a key comes before another in the list.
    func precedes(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        switch order {
        case .ascending: left.lexicographicallyPrecedes(right)
        case .descending: right.lexicographicallyPrecedes(left)
        }
    }
}

/// Why the history cannot be read.
public enum HistoryError: Error, Equatable, Sendable {
    /// The database fails.
    case storage(StorageError)
    /// A record of the wallet is damaged.
    case wallet(WalletError)
    /// A record of that table is damaged.
    case damaged(RecordTable, RecordError)
}

/// The wallet's transactions as the database has them, read beside the loop: those of the present, and those of the past.
///
/// Memory holds a page, a stretch of records, and 40 bytes for each transaction of the present.
public struct TransactionHistory: Sendable {
    private let store: any RecordStore

    /// How many records are read at a time.
    private static let stretch = 256

    /// The history in that database.
    public init(_ store: any RecordStore) { self.store = store }

    /// A transaction of the wallet, dead ones included; nil where the wallet has none of that identifier.
    public func transaction(_ id: TransactionID) throws(HistoryError) -> WalletTransaction? {
        if let record = try value(.walletTransaction, id.encoded) {
            return try decode(.walletTransaction, id.encoded, record)
        }
        guard let key = try value(.walletHistoryIndex, id.encoded),
            let record = try value(.walletHistory, key)
        else { return nil }
        return try decode(.walletHistory, key, record)
    }

    /// What the user calls a transaction; nil where it has no name.
    public func label(of id: TransactionID) throws(HistoryError) -> String? {
        guard let record = try value(.walletLabel, id.encoded) else { return nil }
        do {
            return try Wallet.label(of: id, record: record)
        } catch {
            throw .wallet(error)
        }
    }

    /// The transactions, but for dead ones, that a query asks for.
    ///
    /// What moves from the present to the past while this reads is there once.
    public func page(_ query: HistoryQuery) throws(HistoryError) -> [WalletTransaction] {
        // Read first: what leaves the present afterwards is found in the past, under the same key.
        var present = try presentKeys(query)[...]
        var past = PastCursor(history: self, query: query)
        var next = try past.next()
        var page = PageBuilder(query)
        while !page.isFull {
            guard let key = present.first else {
                guard let transaction = next else { break }
                page.take(transaction)
                next = try past.next()
                continue
            }
            guard let transaction = next, !query.precedes(key, transaction.historyKey) else {
                present.removeFirst()
                if page.skipsNext {
                    page.skip()
                } else {
                    page.take(try self.present(at: key, query))
                }
                continue
            }
            if transaction.historyKey == key { present.removeFirst() }
            page.take(transaction)
            next = try past.next()
        }
        return page.transactions
    }

    /// The places in the list of the transactions of the present, in the query's order.
    private func presentKeys(_ query: HistoryQuery) throws(HistoryError) -> [[UInt8]] {
        var keys: [[UInt8]] = []
        var range = KeyRange.all
        while true {
            let records = try records(.walletTransaction, range, .ascending)
            for record in records {
                let found = try decode(.walletTransaction, record.key, record.value)
                if query.contains(found) { keys.append(found.historyKey) }
            }
            guard records.count == Self.stretch, let last = records.last else { break }
            range = range.after(last.key)
        }
        return keys.sorted(by: query.precedes)
    }

    /// The transaction whose place was `key` just now; nil where it has died or moved since.
    private func present(
        at key: [UInt8], _ query: HistoryQuery
    ) throws(HistoryError) -> WalletTransaction? {
        guard let hash = try? Hash256(key.suffix(32)) else { return nil }
        let found = try transaction(TransactionID(hash))
        return found.flatMap { query.contains($0) ? $0 : nil }
    }

    fileprivate func records(
        _ table: RecordTable, _ range: KeyRange, _ order: ScanOrder
    ) throws(HistoryError) -> [Record] {
        do {
            return try store.records(in: table, range: range, order: order, limit: Self.stretch)
        } catch {
            throw .storage(error)
        }
    }

    private func value(_ table: RecordTable, _ key: [UInt8]) throws(HistoryError) -> [UInt8]? {
        do { return try store.value(in: table, at: key) } catch { throw .storage(error) }
    }

    fileprivate func decode(
        _ table: RecordTable, _ key: [UInt8], _ value: [UInt8]
    ) throws(HistoryError) -> WalletTransaction {
        do {
            return try WalletTransaction(record: value)
        } catch {
            throw .wallet(.damagedRecord(table: table, key: key, error))
        }
    }
}

/// A page on its way: how many are still to be left out, and what it holds.
private struct PageBuilder {
    private var left: Int
    private let limit: Int
    private var size = 0
    private(set) var transactions: [WalletTransaction] = []

    init(_ query: HistoryQuery) {
        left = query.skip
        limit = min(query.limit, HistoryQuery.largestPage)
    }

    var isFull: Bool { transactions.count >= limit || size > HistoryQuery.largestPageSize }

    /// Whether the next transaction is left out, whatever it is.
    var skipsNext: Bool { left > 0 }

    mutating func skip() { left -= 1 }

    mutating func take(_ transaction: WalletTransaction?) {
        guard let transaction else { return }
        guard !skipsNext else { return skip() }
        transactions.append(transaction)
        size += transaction.transaction.totalSize
    }
}

/// Walks through the transactions of the past, a stretch of records at a time.
private struct PastCursor {
    let history: TransactionHistory
    let query: HistoryQuery
    private var range: KeyRange
    private var stretch: ArraySlice<Record> = []
    private var isAtEnd = false

    init(history: TransactionHistory, query: HistoryQuery) {
        self.history = history
        self.query = query
        range = query.range
    }

    mutating func next() throws(HistoryError) -> WalletTransaction? {
        while true {
            if stretch.isEmpty { try read() }
            guard let record = stretch.popFirst() else { return nil }
            let found = try history.decode(.walletHistory, record.key, record.value)
            if query.contains(found) { return found }
        }
    }

    private mutating func read() throws(HistoryError) {
        guard !isAtEnd else { return }
        let records = try history.records(.walletHistory, range, query.order)
        stretch = records[...]
        guard let last = records.last else {
            isAtEnd = true
            return
        }
        switch query.order {
        case .ascending: range = range.after(last.key)
        case .descending: range.upTo = last.key
        }
    }
}

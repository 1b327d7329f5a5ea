import Bitcoin
import LightningPayment
import LightningWire
import NodeStorage

/// Which forwarded HTLCs are wanted, and which part of their list.
public struct ForwardingQuery: Hashable, Sendable {
    /// The first millisecond since 1970.
    public var first: UInt64 = 0
    /// The last millisecond since 1970.
    public var last = UInt64.max
    /// From the oldest on, or from the newest back.
    public var order = ScanOrder.ascending
    /// How many are left out at the beginning.
    public var skip = 0
    /// The most to answer with.
    public var limit = ForwardingQuery.largestPage

    /// The channels that they came in by; empty for all.
    public var incoming: Set<ShortChannelID> = []
    /// The channels that they went out by; empty for all.
    public var outgoing: Set<ShortChannelID> = []

    /// The most HTLCs of one page.
    public static let largestPage = 50_000

    /// Every HTLC, as many as a page holds.
    public init() {}

    /// Whether only some channels are wanted, which shows in the records alone.
    var isSelective: Bool { !incoming.isEmpty || !outgoing.isEmpty }

    func contains(_ forward: PastForward) -> Bool {
        (incoming.isEmpty || incoming.contains(forward.incomingChannel))
            && (outgoing.isEmpty || outgoing.contains(forward.outgoingChannel))
    }

    var range: KeyRange {
        KeyRange(
            from: PastForward.key(from: first),
            upTo: last == .max ? nil : PastForward.key(from: last + 1))
    }
}

/// What forwarding has brought in a time.
public struct ForwardingSum: Hashable, Sendable {
    public internal(set) var count: UInt64 = 0
    public internal(set) var amount = MilliSatoshi.zero
    public internal(set) var fees = MilliSatoshi.zero

    mutating func add(_ forward: PastForward) {
        count += 1
        amount = amount.adding(forward.outgoingAmount) ?? .maximumMoney
        fees = fees.adding(forward.fee) ?? .maximumMoney
    }
}

/// The HTLCs that the node has forwarded, as the database has them, read beside the loop. Memory holds a page, or a stretch
/// of records.
public struct ForwardingHistory: Sendable {
    private let store: any RecordStore

    /// How many records are read at a time.
    private static let stretch = 1_024

    /// The history in that database.
    public init(_ store: any RecordStore) { self.store = store }

    /// The HTLCs that a query asks for, in its order.
    public func page(_ query: ForwardingQuery) throws(HistoryError) -> [PastForward] {
        var (skip, page) = (query.skip, [PastForward]())
        let limit = min(query.limit, ForwardingQuery.largestPage)
        guard limit > 0 else { return [] }
        try scan(query.range, query.order) { (record) throws(HistoryError) in
            // What is left out need not be read, unless only some channels count.
            guard skip == 0 || query.isSelective else {
                skip -= 1
                return true
            }
            let forward = try decode(record)
            guard query.contains(forward) else { return true }
            if skip > 0 { skip -= 1 } else { page.append(forward) }
            return page.count < limit
        }
        return page
    }

    /// What each of these times has brought, in one pass from the earliest of their beginnings: each is from its first
    /// millisecond since 1970 on.
    public func sums(since beginnings: [UInt64]) throws(HistoryError) -> [ForwardingSum] {
        var sums = beginnings.map { _ in ForwardingSum() }
        guard let first = beginnings.min() else { return sums }
        let range = KeyRange(from: PastForward.key(from: first))
        try scan(range, .ascending) { (record) throws(HistoryError) in
            let forward = try decode(record)
            for (index, beginning) in beginnings.enumerated() where forward.time >= beginning {
                sums[index].add(forward)
            }
            return true
        }
        return sums
    }

    /// Hands over the records of a range one after the other, until `body` wants no more.
    private func scan(
        _ range: KeyRange, _ order: ScanOrder,
        _ body: (Record) throws(HistoryError) -> Bool
    ) throws(HistoryError) {
        var range = range
        while true {
            let records: [Record]
            do {
                records = try store.records(
                    in: .forward, range: range, order: order, limit: Self.stretch)
            } catch {
                throw .storage(error)
            }
            for record in records {
                guard try body(record) else { return }
            }
            guard records.count == Self.stretch, let last = records.last else { return }
            switch order {
            case .ascending: range = range.after(last.key)
            case .descending: range.upTo = last.key
            }
        }
    }

    private func decode(_ record: Record) throws(HistoryError) -> PastForward {
        try damageToError(.forward) { () throws(RecordError) in
            try PastForward(StoredRecord(key: record.key, value: record.value))
        }
    }
}

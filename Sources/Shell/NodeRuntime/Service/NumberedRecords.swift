import LightningPayment
import LightningWire
import NodeStorage

/// Which stretch of a numbered list is wanted.
public struct NumberRange: Hashable, Sendable {
    /// The number that the stretch begins after; nil for the least.
    public var after: UInt64?
    /// The number that the stretch ends before; nil for no end.
    public var before: UInt64?
    /// From the least number on, or from the greatest back.
    public var order: ScanOrder

    /// The numbers between these two, which do not belong to it.
    public init(after: UInt64? = nil, before: UInt64? = nil, order: ScanOrder = .ascending) {
        self.after = after
        self.before = before
        self.order = order
    }
}

/// Two tables under the same numbers, one of what is at present and one of what is past, read as one list.
///
/// Numbers are given once, and what they stand for moves from the present to the past only: read in this order, nothing is
/// missed that moves meanwhile.
struct NumberedRecords: Sendable {
    let store: any RecordStore
    let present: RecordTable
    let past: RecordTable

    /// How many records are read at a time.
    static let stretch = 256

    /// Which of the tables are read.
    enum Part {
        case present, past, both
    }

    /// Where a record is, and what it says.
    struct Entry {
        let number: UInt64
        let isPast: Bool
        let value: [UInt8]
    }

    /// Calls `body` with each record of the range, in its order, until it answers false.
    func scan(
        _ range: NumberRange, of part: Part = .both,
        body: (Entry) throws(HistoryError) -> Bool
    ) throws(HistoryError) {
        var keys = KeyRange(range)
        while true {
            let (entries, next) = try window(keys, range.order, part)
            for entry in entries {
                guard try body(entry) else { return }
            }
            guard let next else { return }
            switch range.order {
            case .ascending: keys = keys.after(next)
            case .descending: keys.upTo = next
            }
        }
    }

    /// The record of that number; nil where there is none.
    func entry(_ number: UInt64) throws(HistoryError) -> Entry? {
        let key = PaymentRecordKey.number(number)
        for (table, isPast) in [(present, false), (past, true)] {
            if let value = try value(table, key) {
                return Entry(number: number, isPast: isPast, value: value)
            }
        }
        return nil
    }

    /// What both tables have at the beginning of a range, as far as both were read, and the key where that ends; nil where
    /// it is all.
    private func window(
        _ keys: KeyRange, _ order: ScanOrder, _ part: Part
    ) throws(HistoryError) -> ([Entry], end: [UInt8]?) {
        var stretches: [([Record], isPast: Bool)] = []
        if part != .past { stretches.append((try records(present, keys, order), false)) }
        if part != .present { stretches.append((try records(past, keys, order), true)) }
        func precedes(_ left: [UInt8], _ right: [UInt8]) -> Bool {
            switch order {
            case .ascending: left.lexicographicallyPrecedes(right)
            case .descending: right.lexicographicallyPrecedes(left)
            }
        }
        let ends = stretches.compactMap { records, _ in
            records.count == Self.stretch ? records.last?.key : nil
        }
        let end = ends.min(by: precedes)
        var found: [UInt64: Entry] = [:]
        for (records, isPast) in stretches {
            for record in records where end.map({ !precedes($0, record.key) }) ?? true {
                let number = try damageToError(past) { () throws(RecordError) in
                    try PaymentRecordKey.number(of: record.key)
                }
                found[number] = Entry(number: number, isPast: isPast, value: record.value)
            }
        }
        let sorted = found.values.sorted {
            order == .ascending ? $0.number < $1.number : $0.number > $1.number
        }
        return (sorted, end)
    }

    func records(
        _ table: RecordTable, _ range: KeyRange, _ order: ScanOrder
    ) throws(HistoryError) -> [Record] {
        do {
            return try store.records(in: table, range: range, order: order, limit: Self.stretch)
        } catch {
            throw .storage(error)
        }
    }

    func value(_ table: RecordTable, _ key: [UInt8]) throws(HistoryError) -> [UInt8]? {
        do { return try store.value(in: table, at: key) } catch { throw .storage(error) }
    }
}

/// Says which table holds a record that cannot be read.
func damageToError<Result>(
    _ table: RecordTable, _ body: () throws(RecordError) -> Result
) throws(HistoryError) -> Result {
    do throws(RecordError) {
        return try body()
    } catch {
        throw .damaged(table, error)
    }
}

extension KeyRange {
    /// The keys of numbers in that range.
    fileprivate init(_ range: NumberRange) {
        self.init()
        if let after = range.after {
            from =
                after == .max
                ? PaymentRecordKey.number(after) + [0] : PaymentRecordKey.number(after + 1)
        }
        upTo = range.before.map { PaymentRecordKey.number($0) }
    }
}

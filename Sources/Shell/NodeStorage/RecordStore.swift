import LightningWire

/// A stored record and where it is.
public struct Record: Hashable, Sendable {
    /// What the record is found by in its table.
    public let key: [UInt8]
    /// The encoded record.
    public let value: [UInt8]

    /// The record `value` at `key`.
    public init(key: [UInt8], value: [UInt8]) {
        self.key = key
        self.value = value
    }
}

/// A stretch of a table's keys, which sort as bytes.
public struct KeyRange: Hashable, Sendable {
    /// The least key that belongs to the range.
    public var from: [UInt8]
    /// The least key past the range; nil where it has no end.
    public var upTo: [UInt8]?

    /// The keys from `from` to before `upTo`.
    public init(from: [UInt8] = [], upTo: [UInt8]? = nil) {
        self.from = from
        self.upTo = upTo
    }

    /// Every key.
    public static let all = KeyRange()

    /// The keys that begin with `prefix`.
    public init(prefix: [UInt8]) {
        from = prefix
        var end = prefix
        while let last = end.popLast() {
            guard last == .max else {
                end.append(last + 1)
                upTo = end
                return
            }
        }
        upTo = nil
    }

    /// The keys of this range that come after `key`: where a page ended, the next begins there.
    public func after(_ key: [UInt8]) -> KeyRange {
        KeyRange(from: max(from, key + [0], by: { $0.lexicographicallyPrecedes($1) }), upTo: upTo)
    }

    /// Whether `key` belongs to the range.
    public func contains(_ key: [UInt8]) -> Bool {
        guard !key.lexicographicallyPrecedes(from) else { return false }
        return upTo.map { key.lexicographicallyPrecedes($0) } ?? true
    }

    private func max(
        _ left: [UInt8], _ right: [UInt8], by precedes: ([UInt8], [UInt8]) -> Bool
    ) -> [UInt8] {
        precedes(left, right) ? right : left
    }
}

/// The order of a scan by key.
public enum ScanOrder: Sendable {
    case ascending
    case descending
}

/// Durable tables of keys and values: the seam behind which SQLite stands, or memory in tests.
///
/// Reads may come from any thread and see whole commits only. Only one thread commits.
public protocol RecordStore: Sendable {
    /// Makes all of `writes` durable, or none; later ones win over earlier ones of the same key. Returns after the
    /// disk has them.
    func commit(_ writes: [RecordWrite]) throws(StorageError)

    /// The record at `key`; nil where there is none.
    func value(in table: RecordTable, at key: [UInt8]) throws(StorageError) -> [UInt8]?

    /// Up to `limit` records of a range, in order of their keys.
    func records(
        in table: RecordTable, range: KeyRange, order: ScanOrder, limit: Int
    ) throws(StorageError) -> [Record]
}

extension RecordStore {
    /// All records of a table, in ascending order of their keys.
    public func records(in table: RecordTable) throws(StorageError) -> [Record] {
        try records(in: table, range: .all, order: .ascending, limit: .max)
    }
}

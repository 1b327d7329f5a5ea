import LightningWire
import Synchronization

/// A store that forgets everything with the process: for tests and for chains made to be thrown away.
public final class MemoryStore: RecordStore {
    private let tables = Mutex<[RecordTable: [[UInt8]: [UInt8]]]>([:])

    /// An empty store.
    public init() {}

    public func commit(_ writes: [RecordWrite]) throws(StorageError) {
        tables.withLock { tables in
            for write in writes { tables[write.table, default: [:]][write.key] = write.value }
        }
    }

    public func value(in table: RecordTable, at key: [UInt8]) throws(StorageError) -> [UInt8]? {
        tables.withLock { $0[table]?[key] }
    }

    public func records(
        in table: RecordTable, range: KeyRange, order: ScanOrder, limit: Int
    ) throws(StorageError) -> [Record] {
        let found = tables.withLock { $0[table] ?? [:] }.filter { range.contains($0.key) }
        let sorted = found.sorted { left, right in
            switch order {
            case .ascending: left.key.lexicographicallyPrecedes(right.key)
            case .descending: right.key.lexicographicallyPrecedes(left.key)
            }
        }
        return sorted.prefix(max(0, limit)).map { Record(key: $0.key, value: $0.value) }
    }
}

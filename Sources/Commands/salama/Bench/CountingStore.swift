import LightningWire
import NodeStorage
import Synchronization

/// A database that counts what is committed to it.
final class CountingStore: RecordStore {
    private let store: SQLiteStore
    private let bytes: Mutex<Int>

    /// A count that goes on from `counted`.
    init(_ store: SQLiteStore, counted: Int = 0) {
        self.store = store
        bytes = Mutex(counted)
    }

    /// Keys and values of all records so far.
    var recordBytes: Int { bytes.withLock { $0 } }

    func commit(_ writes: [RecordWrite]) throws(StorageError) {
        try store.commit(writes)
        let size = writes.reduce(0) { $0 + $1.key.count + ($1.value?.count ?? 0) }
        bytes.withLock { $0 += size }
    }

    func value(in table: RecordTable, at key: [UInt8]) throws(StorageError) -> [UInt8]? {
        try store.value(in: table, at: key)
    }

    func records(
        in table: RecordTable, range: KeyRange, order: ScanOrder, limit: Int
    ) throws(StorageError) -> [Record] {
        try store.records(in: table, range: range, order: order, limit: limit)
    }
}

extension RecordStore {
    /// The records of a table whose keys start with some bytes, as a node asks for them.
    func records(
        of table: RecordTable, prefix: [UInt8]
    ) throws(StorageError) -> [(key: [UInt8], value: [UInt8])] {
        try records(in: table, range: KeyRange(prefix: prefix), order: .ascending, limit: .max)
            .map { ($0.key, $0.value) }
    }
}

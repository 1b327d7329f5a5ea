import LightningPayment
import LightningWire

/// What is durable of a node: tables of records.
struct TestStore {
    private var tables: [RecordTable: [[UInt8]: [UInt8]]] = [:]

    mutating func apply(_ writes: [RecordWrite]) {
        for write in writes { tables[write.table, default: [:]][write.key] = write.value }
    }

    /// Whether nothing is durable.
    var isEmpty: Bool { tables.values.allSatisfy { $0.isEmpty } }

    func records(_ table: RecordTable, prefix: [UInt8] = []) -> [StoredRecord] {
        (tables[table] ?? [:]).filter { $0.key.starts(with: prefix) }
            .sorted { $0.key.lexicographicallyPrecedes($1.key) }
            .map { StoredRecord(key: $0.key, value: $0.value) }
    }

    func value(_ table: RecordTable, _ key: [UInt8]) -> [UInt8]? { tables[table]?[key] }

    func answer(_ query: HistoryQuery) -> [StoredRecord] {
        records(query.table, prefix: query.prefix)
    }

    /// The bytes of keys and values of a table.
    func size(_ table: RecordTable) -> Int {
        (tables[table] ?? [:]).reduce(0) { $0 + $1.key.count + $1.value.count }
    }
}

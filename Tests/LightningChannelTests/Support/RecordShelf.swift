import LightningChannel
import LightningWire

/// What a database holds, in memory.
struct RecordShelf: Equatable {
    private var tables: [RecordTable: [[UInt8]: [UInt8]]] = [:]
    /// All bytes of keys and values that were written.
    private(set) var bytesWritten = 0

    mutating func apply(_ writes: [RecordWrite]) {
        for write in writes {
            tables[write.table, default: [:]][write.key] = write.value
            bytesWritten += write.key.count + (write.value?.count ?? 0)
        }
    }

    func records(_ table: RecordTable) -> [(key: [UInt8], value: [UInt8])] {
        (tables[table] ?? [:]).sorted { $0.key.lexicographicallyPrecedes($1.key) }
            .map { (key: $0.key, value: $0.value) }
    }

    /// The bytes of keys and values that are there.
    var bytesStored: Int {
        tables.values.reduce(0) { sum, table in
            table.reduce(sum) { $0 + $1.key.count + $1.value.count }
        }
    }

    func commitments() throws -> Commitments { try Commitments(records: records) }
}

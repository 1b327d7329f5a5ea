import LightningWire

/// What a connection is asked to run often: its text is made once, when it is prepared.
enum Command: Hashable {
    case begin
    case commit
    /// Key and value.
    case put(RecordTable)
    /// Key.
    case remove(RecordTable)
    /// Key.
    case value(RecordTable)
    /// First key, key past the last where there is one, and how many.
    case records(RecordTable, isBounded: Bool, ScanOrder)
    case other(String)

    var sql: String {
        switch self {
        case .begin: return "BEGIN IMMEDIATE"
        case .commit: return "COMMIT"
        case .put(let table):
            return "INSERT INTO \(table.sqlName) VALUES (?1, ?2)"
                + " ON CONFLICT (key) DO UPDATE SET value = excluded.value"
        case .remove(let table): return "DELETE FROM \(table.sqlName) WHERE key = ?1"
        case .value(let table): return "SELECT value FROM \(table.sqlName) WHERE key = ?1"
        case .records(let table, let isBounded, let order):
            let end = isBounded ? " AND key < ?2" : ""
            let direction =
                switch order {
                case .ascending: "ASC"
                case .descending: "DESC"
                }
            return "SELECT key, value FROM \(table.sqlName) WHERE key >= ?1\(end)"
                + " ORDER BY key \(direction) LIMIT ?3"
        case .other(let sql): return sql
        }
    }
}

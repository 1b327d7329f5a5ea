import LightningWire

/// The database's form: a version number, and for each version the statements that lead to it from the one before.
enum Schema {
    /// `SALM`: tells a database of this program from others (SQLite's application_id).
    static let applicationID: Int64 = 0x5341_4C4D

    /// Version n is reached by `migrations[n - 1]`. A release never changes a migration that another has shipped.
    static let migrations: [[String]] = [
        RecordTable.allCases.map(create)
    ]

    static var currentVersion: Int { migrations.count }

    /// A table clustered by its key: one B-tree, so that a record costs one search and a range is read in order.
    private static func create(_ table: RecordTable) -> String {
        "CREATE TABLE \(table.sqlName) (key BLOB PRIMARY KEY NOT NULL, value BLOB NOT NULL)"
            + " WITHOUT ROWID, STRICT"
    }

    /// Brings a database to the current version, in one transaction.
    static func migrate(_ connection: Connection) throws(StorageError) {
        let application = try connection.integer("PRAGMA application_id")
        let version = Int(try connection.integer("PRAGMA user_version"))
        let objects = try connection.integer("SELECT count(*) FROM sqlite_schema")
        let isNew = application == 0 && version == 0 && objects == 0
        guard isNew || application == applicationID else { throw .notOurs(path: connection.path) }
        guard version <= currentVersion else {
            throw .newerSchema(found: version, supported: currentVersion)
        }
        guard version < currentVersion else { return }
        try connection.execute("BEGIN IMMEDIATE")
        for migration in migrations[version...] {
            for statement in migration { try connection.execute(statement) }
        }
        try connection.execute("PRAGMA application_id = \(applicationID)")
        try connection.execute("PRAGMA user_version = \(currentVersion)")
        try connection.execute("COMMIT")
    }
}

extension RecordTable {
    /// The table's name in the database, as the case is called.
    var sqlName: String { "\(self)" }
}

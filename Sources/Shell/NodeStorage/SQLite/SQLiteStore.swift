import Bitcoin
import Glibc
import LightningWire
import Synchronization

/// Records in an SQLite database: write-ahead log, full sync, one transaction per batch.
///
/// One connection writes; each read takes another from a small pool, so that queries run beside the loop and never wait
/// for a commit (nor a commit for them).
public final class SQLiteStore: RecordStore {
    /// Where the database is.
    public let path: String

    /// The name of the file system among those registered with SQLite; nil for the operating system's.
    private let fileSystem: String?
    private let writer: Mutex<Connection>
    private let readers = Mutex<[Connection]>([])

    /// How many idle read connections are kept.
    private static let idleReaders = 4

    /// What a power cut may cost.
    public enum Durability: Sendable {
        /// Nothing that was committed.
        case full
        /// The last commits, but not the database: for what can be had again.
        case relaxed
    }

    /// Opens the database at `path` and brings it to this release's version; makes it where there is none.
    ///
    /// Throws ``StorageError/newerSchema(found:supported:)`` or ``StorageError/notOurs(path:)`` and leaves the file as it
    /// was where it must not be touched. `fileSystem` names one that is registered with SQLite (`sqlite3_vfs_register`).
    public init(
        path: String, fileSystem: String? = nil, durability: Durability = .full
    ) throws(StorageError) {
        self.path = path
        self.fileSystem = fileSystem
        if fileSystem == nil { try Self.createFile(path) }
        let connection = try Connection(path: path, readOnly: false, fileSystem: fileSystem)
        try connection.execute("PRAGMA trusted_schema = OFF")
        try connection.execute("PRAGMA cell_size_check = ON")
        // An onion then fits into a page beside its neighbours; on half of that each would take pages of its own, and lists
        // of free pages would be written with it. A database that is there keeps the size that it has.
        try connection.execute("PRAGMA page_size = 8192")
        try Schema.migrate(connection)
        try connection.execute("PRAGMA journal_mode = WAL")
        let syncs: String
        switch durability {
        case .full: syncs = Mutation.isOn(.skipDiskSync) ? "OFF" : "FULL"
        case .relaxed: syncs = "NORMAL"
        }
        try connection.execute("PRAGMA synchronous = \(syncs)")
        // A commit that outgrew the log leaves it large otherwise.
        try connection.execute("PRAGMA journal_size_limit = 16777216")
        try Self.settle(connection)
        writer = Mutex(connection)
    }

    /// SQLite gives its other files the permissions of this one.
    private static func createFile(_ path: String) throws(StorageError) {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else {
            if errno == EROFS { throw .readOnly(path: path) }
            throw .inaccessible(path: path, reason: String(cString: strerror(errno)))
        }
        close(file)
    }

    /// Makes durable what the log holds, before anybody reads it.
    ///
    /// A process that ended between writing a commit and the end of its sync leaves a log that reads as committed and that
    /// a power failure would still take away: what a start finds there would be acted upon, and then not be there any more.
    private static func settle(_ connection: Connection) throws(StorageError) {
        if Mutation.isOn(.trustUnsyncedLog) { return }
        // Into the database itself, not only a sync of the log: after a sync that failed, the next one may say that all is
        // well of pages that never reached the disk.
        guard try connection.integer("PRAGMA wal_checkpoint(TRUNCATE)") == 0 else {
            throw .busy(path: connection.path)
        }
    }

    public func commit(_ writes: [RecordWrite]) throws(StorageError) {
        try writer.withLock { connection throws(StorageError) in
            do throws(StorageError) {
                try connection.run(.begin)
                for write in writes { try Self.apply(write, on: connection) }
                try connection.run(.commit)
            } catch {
                // SQLite rolls back by itself on some errors; where it has, this does nothing.
                if !connection.isAutocommit { try? connection.execute("ROLLBACK") }
                throw error
            }
        }
    }

    private static func apply(
        _ write: RecordWrite, on connection: Connection
    ) throws(StorageError) {
        let statement: Statement
        if let value = write.value {
            statement = try connection.statement(.put(write.table))
            statement.bind(2, value)
        } else {
            statement = try connection.statement(.remove(write.table))
        }
        statement.bind(1, write.table.stored(write.key))
        defer { statement.reset() }
        _ = try connection.step(statement)
    }

    public func value(in table: RecordTable, at key: [UInt8]) throws(StorageError) -> [UInt8]? {
        try reading { connection throws(StorageError) in
            let statement = try connection.statement(.value(table))
            defer { statement.reset() }
            statement.bind(1, table.stored(key))
            return try connection.step(statement) ? statement.bytes(column: 0) : nil
        }
    }

    public func records(
        in table: RecordTable, range: KeyRange, order: ScanOrder, limit: Int
    ) throws(StorageError) -> [Record] {
        let end = range.upTo.map { table.stored($0) } ?? table.keyPrefix.map { [$0 + 1] }
        return try reading { connection throws(StorageError) in
            let statement = try connection.statement(
                .records(table, isBounded: end != nil, order))
            defer { statement.reset() }
            statement.bind(1, table.stored(range.from))
            if let end { statement.bind(2, end) }
            statement.bind(3, Int64(max(0, limit)))
            var records: [Record] = []
            while try connection.step(statement) {
                var key = statement.bytes(column: 0)
                if table.keyPrefix != nil { key.removeFirst() }
                records.append(Record(key: key, value: statement.bytes(column: 1)))
            }
            return records
        }
    }

    /// Reads every page and index of the database; throws ``StorageError/corrupt(path:detail:)`` where one is damaged.
    public func checkIntegrity() throws(StorageError) {
        let findings = try reading { connection throws(StorageError) in
            try connection.texts("PRAGMA integrity_check(10)")
        }
        guard findings == ["ok"] else {
            throw .corrupt(path: path, detail: findings.first ?? "no answer")
        }
    }

    /// Calls `body` with a read connection that no other thread has.
    private func reading<Answer>(
        _ body: (Connection) throws(StorageError) -> Answer
    ) throws(StorageError) -> Answer {
        let connection: Connection
        if let idle = borrowReader() {
            connection = idle.connection
        } else {
            connection = try Connection(path: path, readOnly: true, fileSystem: fileSystem)
        }
        let answer = try body(connection)
        giveBack(ReaderBox(connection))
        return answer
    }

    private func borrowReader() -> ReaderBox? {
        readers.withLock { readers in readers.popLast().map { ReaderBox($0) } }
    }

    private func giveBack(_ box: ReaderBox) {
        readers.withLock { readers in
            if readers.count < Self.idleReaders { readers.append(box.connection) }
        }
    }
}

extension RecordTable {
    /// A key of the table as the database has it.
    fileprivate func stored(_ key: [UInt8]) -> [UInt8] {
        guard let keyPrefix else { return key }
        return [keyPrefix] + key
    }
}

/// Carries a connection between the pool and the one thread that uses it.
///
/// Unchecked sendability: a connection is in the pool or with one reader, never both.
private struct ReaderBox: @unchecked Sendable {
    let connection: Connection

    init(_ connection: Connection) { self.connection = connection }
}

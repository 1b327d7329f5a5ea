import CSQLite
import Glibc

/// One connection to a database file and the statements prepared on it. Used by one thread at a time.
final class Connection {
    let path: String
    private let handle: OpaquePointer
    private var statements: [Command: Statement] = [:]

    /// How long a lock held by another connection is waited for, in milliseconds.
    private static let busyTimeout: Int32 = 5_000

    /// Opens `path`, which exists already unless it is on a file system of SQLite's that is named.
    init(path: String, readOnly: Bool, fileSystem: String?) throws(StorageError) {
        self.path = path
        var opened: OpaquePointer?
        var flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        flags |= readOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE
        if fileSystem != nil, !readOnly { flags |= SQLITE_OPEN_CREATE }
        let result = sqlite3_open_v2(path, &opened, flags, fileSystem)
        guard let opened else {
            throw .failed(operation: "open", code: result, message: "out of memory")
        }
        handle = opened
        guard result == SQLITE_OK else { throw error(during: "open", code: result) }
        sqlite3_busy_timeout(handle, Self.busyTimeout)
    }

    deinit {
        statements.removeAll()
        sqlite3_close_v2(handle)
    }

    /// Whether no transaction is open.
    var isAutocommit: Bool { sqlite3_get_autocommit(handle) != 0 }

    /// Runs statements that answer nothing.
    func execute(_ sql: String) throws(StorageError) {
        let result = sqlite3_exec(handle, sql, nil, nil, nil)
        guard result == SQLITE_OK else { throw error(during: operation(of: sql), code: result) }
    }

    /// Runs a statement that answers nothing, prepared once.
    func run(_ command: Command) throws(StorageError) {
        let statement = try statement(command)
        defer { statement.reset() }
        _ = try step(statement)
    }

    /// The statement of `command`, prepared once.
    func statement(_ command: Command) throws(StorageError) -> Statement {
        if let known = statements[command] { return known }
        let sql = command.sql
        var prepared: OpaquePointer?
        let result = sqlite3_prepare_v3(
            handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
        guard result == SQLITE_OK, let prepared else {
            throw error(during: operation(of: sql), code: result)
        }
        let statement = Statement(prepared)
        statements[command] = statement
        return statement
    }

    /// The integer that a pragma or query answers with; 0 where it answers nothing.
    func integer(_ sql: String) throws(StorageError) -> Int64 {
        let statement = try statement(.other(sql))
        defer { statement.reset() }
        return try step(statement) ? statement.integer(column: 0) : 0
    }

    /// The text that a pragma or query answers with in its first column, row by row.
    func texts(_ sql: String) throws(StorageError) -> [String] {
        let statement = try statement(.other(sql))
        defer { statement.reset() }
        var rows: [String] = []
        while try step(statement) { rows.append(statement.text(column: 0)) }
        return rows
    }

    /// Moves on to the next row; false where there is none.
    func step(_ statement: Statement) throws(StorageError) -> Bool {
        let result = statement.step()
        switch result {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default: throw error(during: operation(of: statement.sql), code: result)
        }
    }

    private func operation(of sql: String) -> String {
        sql.split(separator: " ").first.map { $0.lowercased() } ?? "run"
    }

    /// Says in the module's words what `code` means.
    private func error(during operation: String, code: Int32) -> StorageError {
        let message = String(cString: sqlite3_errmsg(handle))
        switch code & 0xff {
        case SQLITE_FULL: return .diskFull(path: path)
        case SQLITE_BUSY, SQLITE_LOCKED: return .busy(path: path)
        case SQLITE_CORRUPT: return .corrupt(path: path, detail: message)
        case SQLITE_NOTADB: return .notOurs(path: path)
        case SQLITE_IOERR where !spaceErrors.isDisjoint(with: systemErrors):
            return .diskFull(path: path)
        case SQLITE_IOERR where systemErrors.contains(EROFS),
            SQLITE_READONLY where isOnReadOnlySystem:
            return .readOnly(path: path)
        case SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_READONLY:
            return .inaccessible(path: path, reason: message)
        default: return .failed(operation: operation, code: code, message: message)
        }
    }

    private var isOnReadOnlySystem: Bool { access(path, W_OK) != 0 && errno == EROFS }

    /// Disk, quota and file size limit.
    private var spaceErrors: Set<Int32> { [ENOSPC, EDQUOT, EFBIG] }

    /// What the system said last about the database's files: the connection's own note of it is often overwritten by the
    /// time a statement has failed.
    private var systemErrors: Set<Int32> {
        var errors: Set<Int32> = [sqlite3_system_errno(handle)]
        var files: [UnsafeMutablePointer<sqlite3_file>?] = [nil, nil]
        sqlite3_file_control(handle, nil, SQLITE_FCNTL_FILE_POINTER, &files[0])
        sqlite3_file_control(handle, nil, SQLITE_FCNTL_JOURNAL_POINTER, &files[1])
        for file in files {
            var number: Int32 = 0
            let control = file?.pointee.pMethods?.pointee.xFileControl
            if control?(file, SQLITE_FCNTL_LAST_ERRNO, &number) == SQLITE_OK {
                errors.insert(number)
            }
        }
        return errors
    }
}

/// A prepared statement. Parameters count from 1, columns from 0.
final class Statement {
    private let handle: OpaquePointer

    init(_ handle: OpaquePointer) { self.handle = handle }

    deinit { sqlite3_finalize(handle) }

    var sql: String { sqlite3_sql(handle).map { String(cString: $0) } ?? "" }

    func step() -> Int32 { sqlite3_step(handle) }

    /// Makes the statement ready for its next use and forgets what was bound.
    func reset() {
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
    }

    /// Binds bytes, which SQLite copies. Binding fails on wrong parameters only, and then the step does.
    func bind(_ index: Int32, _ bytes: [UInt8]) {
        guard !bytes.isEmpty else {
            sqlite3_bind_zeroblob(handle, index, 0)
            return
        }
        let copies = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        _ = bytes.withUnsafeBytes {
            sqlite3_bind_blob64(handle, index, $0.baseAddress, UInt64($0.count), copies)
        }
    }

    func bind(_ index: Int32, _ integer: Int64) {
        sqlite3_bind_int64(handle, index, integer)
    }

    func integer(column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

    func bytes(column: Int32) -> [UInt8] {
        guard let start = sqlite3_column_blob(handle, column) else { return [] }
        let count = Int(sqlite3_column_bytes(handle, column))
        return Array(UnsafeRawBufferPointer(start: start, count: count))
    }

    func text(column: Int32) -> String {
        sqlite3_column_text(handle, column).map { String(cString: $0) } ?? ""
    }
}

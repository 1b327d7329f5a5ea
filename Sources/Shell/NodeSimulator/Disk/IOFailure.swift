import CSQLite

/// SQLite's extended codes for failures of a disk: its header makes them of macros that Swift does not read.
enum IOFailure {
    static let read = SQLITE_IOERR | 1 << 8
    /// A read past the end of the file: no failure, the rest is zeros.
    static let shortRead = SQLITE_IOERR | 2 << 8
    static let write = SQLITE_IOERR | 3 << 8
    static let sync = SQLITE_IOERR | 4 << 8
    static let truncate = SQLITE_IOERR | 6 << 8
    static let delete = SQLITE_IOERR | 10 << 8
    static let access = SQLITE_IOERR | 13 << 8
    /// There is no file to delete.
    static let noFile = SQLITE_IOERR | 23 << 8
}

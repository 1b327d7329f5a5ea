/// Why durable state cannot be read or written.
public enum StorageError: Error, Equatable, Sendable {
    /// Another process holds the data directory; `process` is its number where the lock file tells it.
    case inUse(path: String, process: Int?)
    /// A directory or file cannot be made or opened; `reason` is the system's word for why.
    case inaccessible(path: String, reason: String)
    /// The file is not a database, or one of another program.
    case notOurs(path: String)
    /// A newer release wrote the database; this one reads up to version `supported`.
    case newerSchema(found: Int, supported: Int)
    /// The disk, the quota or the file size limit is used up: nothing of the batch was written.
    case diskFull(path: String)
    /// The file system takes no writes at all, as one that the system found errors on.
    case readOnly(path: String)
    /// Somebody else kept the database locked for longer than the time allowed.
    case busy(path: String)
    /// The database is damaged; `detail` is what the database engine found.
    case corrupt(path: String, detail: String)
    /// Reading or writing failed otherwise; `code` is SQLite's extended result code.
    case failed(operation: String, code: Int32, message: String)

    /// Whether the same commit may succeed later without anything done to the database itself.
    public var mayPass: Bool {
        switch self {
        case .diskFull, .busy: true
        case .inUse, .inaccessible, .notOurs, .newerSchema, .readOnly, .corrupt, .failed: false
        }
    }
}

extension StorageError: CustomStringConvertible {
    /// What happened and what to do about it, for a person.
    public var description: String {
        switch self {
        case .inUse(let path, let process):
            let holder = process.map { " (process \($0))" } ?? ""
            return "another salama\(holder) is using \(path): stop it, or choose another --datadir"
        case .inaccessible(let path, let reason):
            return "cannot use \(path): \(reason)"
        case .notOurs(let path):
            return "\(path) is not a database of salama: move it away, or choose another --datadir"
        case .newerSchema(let found, let supported):
            return "the database has version \(found) and this release reads up to \(supported):"
                + " use the newer release again; nothing was changed"
        case .diskFull(let path):
            return
                "no space left for \(path) (disk, quota or file size limit): nothing was written or"
                + " sent; free some space"
        case .readOnly(let path):
            return "the file system of \(path) is read-only: nothing was written or sent; look into"
                + " the system's log for errors of the disk, and mount it for writing"
        case .busy(let path):
            return "\(path) stays locked by another program: close whatever has it open"
        case .corrupt(let path, let detail):
            return "\(path) is damaged (\(detail)): restore the data directory from a copy, or the"
                + " wallet from its mnemonic"
        case .failed(let operation, let code, let message):
            return "the database failed to \(operation): \(message) (SQLite code \(code))"
        }
    }
}

import Glibc

/// The folder of a node's files, held by one process at a time.
///
/// The lock goes with the process, however it ends.
public final class DataDirectory: Sendable {
    /// Where the folder is.
    public let path: String
    private let lockFile: Int32

    /// Makes the folder (0700) where it is missing, with the folders above it, and locks it.
    ///
    /// Throws ``StorageError/inUse(path:process:)`` where another process has it.
    public init(path: String) throws(StorageError) {
        self.path = path
        try Self.create(path)
        let lockPath = path + "/salama.lock"
        lockFile = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard lockFile >= 0 else { throw Self.inaccessible(lockPath) }
        guard flock(lockFile, LOCK_EX | LOCK_NB) == 0 else {
            let holder = Self.readProcess(lockFile)
            close(lockFile)
            throw .inUse(path: path, process: holder)
        }
        let process = Array("\(getpid())\n".utf8)
        guard ftruncate(lockFile, 0) == 0, pwrite(lockFile, process, process.count, 0) > 0 else {
            let error = Self.inaccessible(lockPath)
            close(lockFile)
            throw error
        }
    }

    deinit { close(lockFile) }

    /// The process that holds the folder at `path`; nil where none does.
    public static func holder(of path: String) -> Int? {
        let file = open(path + "/salama.lock", O_RDWR | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { return nil }
        defer { close(file) }
        guard flock(file, LOCK_SH | LOCK_NB) != 0, errno == EWOULDBLOCK else { return nil }
        return readProcess(file)
    }

    /// Makes a folder that only its owner may enter, and the missing ones above it.
    public static func create(_ path: String) throws(StorageError) {
        var partial = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            partial += "/" + part
            guard mkdir(partial, 0o700) == 0 || errno == EEXIST else {
                throw inaccessible(partial)
            }
        }
        var status = stat()
        guard stat(path, &status) == 0 else { throw inaccessible(path) }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw .inaccessible(path: path, reason: "it is not a folder")
        }
    }

    private static func readProcess(_ file: Int32) -> Int? {
        var buffer = [UInt8](repeating: 0, count: 16)
        let count = pread(file, &buffer, buffer.count, 0)
        guard count > 0 else { return nil }
        let digits = buffer.prefix(count).prefix { $0 >= 0x30 && $0 <= 0x39 }
        return Int(String(decoding: digits, as: UTF8.self))
    }

    private static func inaccessible(_ path: String) -> StorageError {
        errno == EROFS
            ? .readOnly(path: path)
            : .inaccessible(path: path, reason: String(cString: strerror(errno)))
    }
}

import ChainBackend
import Glibc

/// Small files for their owner alone, which are there as a whole or not at all.
enum PrivateFile {
    /// Puts `bytes` in the place of the file, or makes it, through a second file and its renaming.
    static func replace(_ path: String, with bytes: [UInt8]) throws(ChainServerError) {
        let temporary = path + ".tmp"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .file(path: temporary, reason: lastError()) }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw .file(path: path, reason: lastError()) }
            rest = rest.dropFirst(count)
        }
        guard fsync(descriptor) == 0, rename(temporary, path) == 0 else {
            throw .file(path: path, reason: lastError())
        }
    }

    /// The bytes of a file of at most `limit` bytes; nil where there is none.
    static func read(_ path: String, limit: Int) throws(ChainServerError) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw .file(path: path, reason: lastError())
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw .file(path: path, reason: lastError())
        }
        guard status.st_size <= limit else {
            throw .damaged(path: path, reason: "larger than \(limit) bytes")
        }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        let count = bytes.withUnsafeMutableBytes {
            Glibc.read(descriptor, $0.baseAddress, $0.count)
        }
        guard count == bytes.count else { throw .file(path: path, reason: lastError()) }
        return bytes
    }

    /// Makes a directory for its owner alone, with those above it.
    static func makeDirectory(_ path: String) throws(ChainServerError) {
        var partial = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            partial += "\(part)/"
            guard mkdir(partial, 0o700) == 0 || errno == EEXIST else {
                throw .file(path: partial, reason: lastError())
            }
        }
    }

    /// What the system says of the last failure.
    static func lastError() -> String { String(cString: strerror(errno)) }
}

/// Why the process cannot start or go on.
public enum ChainServerError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A file cannot be read or written.
    case file(path: String, reason: String)
    /// Another process has the directory.
    case inUse(directory: String)
    /// A file holds what this program did not write.
    case damaged(path: String, reason: String)
    /// The chain cannot be read or written.
    case log(ChainLogError)
    /// An address cannot be listened on.
    case listen(String)
    /// ZeroMQ refuses an address.
    case publish(address: String, reason: String)

    public var description: String {
        switch self {
        case .file(let path, let reason): "cannot use \(path): \(reason)"
        case .inUse(let directory): "another salama chain is running on \(directory)"
        case .damaged(let path, let reason): "\(path) is damaged: \(reason)"
        case .log(let error): "\(error)"
        case .listen(let reason): reason
        case .publish(let address, let reason): "cannot publish on \(address): \(reason)"
        }
    }
}

import Glibc

/// Why a file that the server keeps cannot be used.
public enum NodeFileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// It cannot be read.
    case cannotRead(path: String, reason: String)
    /// It cannot be written.
    case cannotWrite(path: String, reason: String)
    /// It is not what it should be.
    case malformed(path: String, reason: String)

    public var description: String {
        switch self {
        case .cannotRead(let path, let reason): "cannot read \(path): \(reason)"
        case .cannotWrite(let path, let reason): "cannot write \(path): \(reason)"
        case .malformed(let path, let reason): "\(path) is not usable: \(reason)"
        }
    }
}

/// Files that only their owner may read.
enum SecretFile {
    /// The most bytes of such a file.
    private static let limit = 1 << 20

    /// The bytes of the file; nil where there is none.
    static func read(_ path: String) throws(NodeFileError) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw .cannotRead(path: path, reason: reason())
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            guard count >= 0 else { throw .cannotRead(path: path, reason: reason()) }
            if count == 0 { return bytes }
            bytes += chunk.prefix(count)
            guard bytes.count <= limit else { throw .malformed(path: path, reason: "too large") }
        }
    }

    /// Writes the file whole or not at all: to a neighbour, which is made durable and then takes its name.
    static func write(
        _ bytes: [UInt8], to path: String, mode: mode_t = 0o600
    ) throws(NodeFileError) {
        let neighbour = path + ".new"
        unlink(neighbour)
        let descriptor = open(neighbour, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw .cannotWrite(path: path, reason: reason()) }
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            guard count > 0 else { break }
            written += count
        }
        let isDurable = written == bytes.count && fsync(descriptor) == 0
        let failure = reason()
        close(descriptor)
        guard isDurable, rename(neighbour, path) == 0 else {
            unlink(neighbour)
            throw .cannotWrite(path: path, reason: failure)
        }
        let end = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let directory = open(end.isEmpty ? "/" : end, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if directory >= 0 {
            fsync(directory)
            close(directory)
        }
    }

    /// Makes the directory and those above it, for their owner alone.
    static func makeDirectory(_ path: String) throws(NodeFileError) {
        if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else {
            throw .cannotWrite(path: path, reason: reason())
        }
        try makeDirectory(String(path[..<slash]))
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw .cannotWrite(path: path, reason: reason())
        }
    }

    private static func reason() -> String { String(cString: strerror(errno)) }
}

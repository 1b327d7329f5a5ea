import Glibc

/// A file that lines are appended to, renamed to `.1` (and that to `.2`, and on) when it has grown to its limit.
public struct LogFile: ~Copyable {
    private let path: String
    private let sizeLimit: Int
    private let count: Int
    private var descriptor: Int32
    private var size: Int

    /// Opens `path` for appending, made (0600) where it is missing; nil where it cannot be written. `count` is how many
    /// files are kept, this one included.
    public init?(path: String, sizeLimit: Int, count: Int) {
        self.path = path
        self.sizeLimit = sizeLimit
        self.count = count
        descriptor = Self.openFile(path)
        guard descriptor >= 0 else { return nil }
        size = Int(lseek(descriptor, 0, SEEK_END))
    }

    deinit { close(descriptor) }

    private static func openFile(_ path: String) -> Int32 {
        open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    }

    /// Appends a line. What cannot be written is lost: a full disk must not stop the node from saying so elsewhere.
    mutating func append(_ line: [UInt8]) {
        if size + line.count > sizeLimit { rotate() }
        size += max(0, write(descriptor, line, line.count))
    }

    private mutating func rotate() {
        for number in stride(from: count - 1, to: 0, by: -1) {
            rename(number == 1 ? path : "\(path).\(number - 1)", "\(path).\(number)")
        }
        if count <= 1 { unlink(path) }
        let next = Self.openFile(path)
        guard next >= 0 else { return }
        close(descriptor)
        descriptor = next
        size = 0
    }
}

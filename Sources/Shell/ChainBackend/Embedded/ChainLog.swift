import Bitcoin
import Glibc
import RegtestChain

/// The file that keeps a chain: one record after the other, each with its length and checksum.
///
/// A record that was being written when the machine went down is cut off when the file is opened again. `append` is called
/// by one thread at a time.
public final class ChainLog: Sendable {
    /// Where the file is.
    public let path: String
    private let descriptor: Int32

    private static let headerSize = 8
    private static let maximumRecord = 8 << 20

    /// Opens the file, or makes it for its owner alone, and gives `replay` what it holds, in order.
    public init(
        path: String, replay: (JournalEntry) throws(ReplayError) -> Void
    ) throws(ChainLogError) {
        self.path = path
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system(path: path, reason: Self.lastError()) }
        var offset = 0
        while let payload = try read(at: offset) {
            do {
                try replay(JournalEntry(decoding: payload))
            } catch let error as ReplayError {
                throw .unreadable(path: path, offset: offset, reason: "\(error)")
            } catch {
                throw .unreadable(path: path, offset: offset, reason: "\(error)")
            }
            offset += Self.headerSize + payload.count
        }
        // What follows the last whole record was never answered for.
        guard ftruncate(descriptor, offset) == 0, lseek(descriptor, off_t(offset), SEEK_SET) >= 0,
            fsync(descriptor) == 0
        else { throw .system(path: path, reason: Self.lastError()) }
    }

    deinit { close(descriptor) }

    /// Writes entries and returns when they are on the disk.
    func append(_ entries: [JournalEntry]) throws(ChainLogError) {
        var writer = ByteWriter()
        for entry in entries {
            let payload = entry.encoded
            writer.writeLittleEndian(UInt32(payload.count))
            writer.write(Self.checksum(payload))
            writer.write(payload)
        }
        var rest = writer.bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .system(path: path, reason: Self.lastError()) }
            rest = rest.dropFirst(count)
        }
        guard fdatasync(descriptor) == 0 else {
            throw .system(path: path, reason: Self.lastError())
        }
    }

    /// The payload of the record at `offset`; nil where the file ends, or holds no whole record.
    private func read(at offset: Int) throws(ChainLogError) -> [UInt8]? {
        let header = try read(Self.headerSize, at: offset)
        guard header.count == Self.headerSize else { return nil }
        let size = header[..<4].reversed().reduce(0) { $0 << 8 | Int($1) }
        guard size > 0, size <= Self.maximumRecord else { return nil }
        let payload = try read(size, at: offset + Self.headerSize)
        guard payload.count == size, Self.checksum(payload) == Array(header[4...]) else {
            return nil
        }
        return payload
    }

    private func read(_ count: Int, at offset: Int) throws(ChainLogError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let got = bytes.withUnsafeMutableBytes {
                pread(
                    descriptor, $0.baseAddress?.advanced(by: filled), count - filled,
                    off_t(offset + filled))
            }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw .system(path: path, reason: Self.lastError()) }
            if got == 0 { break }
            filled += got
        }
        return Array(bytes[..<filled])
    }

    private static func checksum(_ payload: [UInt8]) -> [UInt8] {
        Array(SHA256.doubleHash(payload).bytes[..<4])
    }

    private static func lastError() -> String { String(cString: strerror(errno)) }
}

/// Why the file of a chain cannot be used.
public enum ChainLogError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The system refuses to read or write it.
    case system(path: String, reason: String)
    /// A whole record does not fit those before it.
    case unreadable(path: String, offset: Int, reason: String)

    public var description: String {
        switch self {
        case .system(let path, let reason): "cannot use \(path): \(reason)"
        case .unreadable(let path, let offset, let reason):
            "\(path) does not hold a chain at byte \(offset): \(reason)"
        }
    }
}

import Glibc
import LightningGraph

/// The graph's own file: mapped and read at the start, replaced as a whole when it is saved.
struct GraphFile: Sendable {
    let path: String

    /// What the file holds; nil where there is none. Throws where it is damaged or of a newer release.
    func load() throws(GraphStoreError) -> GraphStore.Contents? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_size > 0 else { return nil }
        let size = Int(status.st_size)
        guard let start = mmap(nil, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0),
            start != MAP_FAILED
        else { return nil }
        defer { munmap(start, size) }
        return try GraphStore.decode(UnsafeRawBufferPointer(start: start, count: size).bytes)
    }

    /// Replaces the file, so that a stop at any moment leaves the old one or the new one. Answers the system's word for why
    /// where that fails.
    func save(_ contents: GraphStore.Contents) -> String? {
        let bytes = GraphStore.encode(contents)
        let draft = path + ".new"
        let file = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { return reason }
        var failure = Self.write(bytes, to: file) && fsync(file) == 0 ? nil : reason
        close(file)
        if failure == nil, rename(draft, path) != 0 { failure = reason }
        if failure != nil { unlink(draft) }
        return failure
    }

    private var reason: String { String(cString: strerror(errno)) }

    private static func write(_ bytes: [UInt8], to file: Int32) -> Bool {
        bytes.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty {
                let part = UnsafeRawBufferPointer(rebasing: rest)
                let count = Glibc.write(file, part.baseAddress, part.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                rest = rest.dropFirst(count)
            }
            return true
        }
    }
}

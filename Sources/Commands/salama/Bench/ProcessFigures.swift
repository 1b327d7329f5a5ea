import CLinux
import Glibc

/// What the system and the allocator say of this process.
enum ProcessFigures {
    /// What this process has handed to the operating system to be written so far.
    static func bytesWritten() throws -> Int { try number("wchar:", in: "/proc/self/io") }

    /// The memory that is this process's own, and its share of what it has in common with others.
    static func proportionalMemory() throws -> Int {
        // Pages that hold nothing any more are no part of what is measured.
        malloc_trim(0)
        return try number("Pss:", in: "/proc/self/smaps_rollup") * 1024
    }

    /// What is allocated on the heap.
    static func heap() -> Int {
        let state = mallinfo2()
        return state.uordblks + state.hblkhd
    }

    private static func number(_ name: String, in path: String) throws -> Int {
        for line in try text(path).split(separator: "\n") where line.hasPrefix(name) {
            let words = line.dropFirst(name.count).split(separator: " ")
            if let number = words.first.flatMap({ Int($0) }) { return number }
        }
        throw CommandFailure("the system does not tell `\(name)` in \(path)")
    }

    private static func text(_ path: String) throws -> String {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw CommandFailure("cannot read \(path)") }
        defer { close(file) }
        var buffer = [UInt8](repeating: 0, count: 8_192)
        let count = read(file, &buffer, buffer.count)
        return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    }
}

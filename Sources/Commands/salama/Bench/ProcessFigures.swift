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

    /// The same of another process, with the pages that it holds for later.
    static func proportionalMemory(of process: pid_t) throws -> Int {
        try number("Pss:", in: "/proc/\(process)/smaps_rollup") * 1024
    }

    /// The time that a process has had on all processors, in seconds.
    static func processorTime(of process: pid_t) throws -> Double {
        // The name in parentheses may hold spaces. User and system time are the 12th and 13th fields behind it.
        let fields = try text("/proc/\(process)/stat").split(separator: ")").last?
            .split(separator: " ")
        guard let fields, fields.count > 12, let user = Double(fields[11]),
            let system = Double(fields[12])
        else { throw CommandFailure("the system does not tell the time of process \(process)") }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
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

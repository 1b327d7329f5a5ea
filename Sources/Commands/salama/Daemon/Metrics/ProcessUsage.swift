import Glibc

/// What the process takes of the machine.
struct ProcessUsage {
    /// In bytes.
    let residentMemory: UInt64
    /// On all processors, in microseconds.
    let processorTime: UInt64

    /// The present.
    static var current: ProcessUsage {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let time = [usage.ru_utime, usage.ru_stime].reduce(UInt64(0)) { sum, part in
            sum + UInt64(max(0, part.tv_sec)) * 1_000_000 + UInt64(max(0, part.tv_usec))
        }
        return ProcessUsage(
            residentMemory: residentPages * UInt64(getpagesize()), processorTime: time)
    }

    /// The second number in `/proc/self/statm`; 0 where that cannot be read.
    private static var residentPages: UInt64 {
        let file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return 0 }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 128)
        let count = read(file, &bytes, bytes.count)
        guard count > 0 else { return 0 }
        let words = String(decoding: bytes.prefix(count), as: UTF8.self).split(separator: " ")
        return words.count > 1 ? UInt64(words[1]) ?? 0 : 0
    }
}

import Glibc

/// A time of day in UTC, as the system's clock has it.
public struct WallClock: Sendable {
    /// Seconds since 1970.
    public let seconds: UInt64
    /// Milliseconds since then, below 1,000.
    public let milliseconds: Int

    /// The present.
    public static var now: WallClock {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return WallClock(
            seconds: UInt64(max(0, time.tv_sec)), milliseconds: time.tv_nsec / 1_000_000)
    }

    /// A time of that many seconds since 1970.
    public init(seconds: UInt64, milliseconds: Int = 0) {
        self.seconds = seconds
        self.milliseconds = milliseconds
    }

    /// As in `2026-01-31 23:59:59.123`.
    public var text: String {
        var time = time_t(seconds)
        var parts = tm()
        gmtime_r(&time, &parts)
        let date =
            "\(parts.tm_year + 1900)-\(padded(parts.tm_mon + 1, 2))-\(padded(parts.tm_mday, 2))"
        let clock =
            "\(padded(parts.tm_hour, 2)):\(padded(parts.tm_min, 2)):\(padded(parts.tm_sec, 2))"
        return "\(date) \(clock).\(padded(Int32(milliseconds), 3))"
    }

    private func padded(_ number: Int32, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

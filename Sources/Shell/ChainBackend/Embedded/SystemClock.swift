import Glibc

/// The time of the machine.
public enum SystemClock {
    /// The seconds since 1970.
    @Sendable public static func secondsSince1970() -> UInt32 {
        UInt32(clamping: time(nil))
    }
}

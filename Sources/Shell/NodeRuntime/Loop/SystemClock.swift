import Bitcoin
import Glibc
import LightningNode
import Synchronization

/// Where the loop takes time and entropy from.
public protocol NodeClock: Sendable {
    /// The present, with fresh entropy.
    func moment() -> Moment
}

/// The system's clock and random generator.
///
/// Its time never goes back, as ``SteadyTime`` says.
public final class SystemClock: NodeClock {
    private let steady = Mutex(SteadyTime())

    /// The system's.
    public init() {}

    public func moment() -> Moment {
        // The time that the machine sleeps counts too.
        let milliseconds = steady.withLock {
            $0.time(
                wall: Self.nanoseconds(CLOCK_REALTIME), elapsed: Self.nanoseconds(CLOCK_BOOTTIME))
        }
        return Moment(
            time: milliseconds / 1_000, milliseconds: milliseconds % 1_000,
            entropy: SystemEntropy.hash())
    }

    private static func nanoseconds(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(max(0, time.tv_sec)) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

/// The time of day for whoever measures time by it: it follows the system's clock, and never goes back.
///
/// A clock that was set back is waited for at half the pace. So nothing that is due stands still until the old time has
/// come again, and what the node tells others of its past is never of the future for longer than it must be.
package struct SteadyTime {
    /// What was answered last, in nanoseconds since 1970.
    private var time: UInt64 = 0
    /// What another clock, which nobody sets, said at that moment.
    private var elapsed: UInt64 = 0

    package init() {}

    /// The time in milliseconds since 1970, from that of the system's clock and one that nobody sets, in nanoseconds.
    package mutating func time(wall: UInt64, elapsed: UInt64) -> UInt64 {
        let passed = elapsed - min(elapsed, self.elapsed)
        time = max(wall, time == 0 ? 0 : time + passed / 2)
        self.elapsed = elapsed
        return time / 1_000_000
    }
}

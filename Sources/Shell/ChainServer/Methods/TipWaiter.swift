import Dispatch
import Glibc

/// Wakes a thread that waits for something to happen to the chain.
final class TipWaiter: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    func signal() { semaphore.signal() }

    /// Returns after a signal or after `milliseconds`.
    func wait(milliseconds: Int64) {
        _ = semaphore.wait(timeout: .now() + .milliseconds(Int(milliseconds)))
    }
}

/// The time since some moment in the past, which no change of the clock affects.
enum MonotonicMilliseconds {
    static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}

import Synchronization

/// How the loop fares, counted since the process began.
public struct LoopFigures: Sendable, Equatable {
    /// Batches that were made durable.
    public var batches: UInt64 = 0
    /// Inputs that were taken.
    public var inputs: UInt64 = 0
    /// Records that were written.
    public var writes: UInt64 = 0
    /// How many commits took at most each of ``commitLimits``, and one more for those that took longer.
    public var commits = [UInt64](repeating: 0, count: commitLimits.count + 1)
    /// How long all commits took, in microseconds.
    public var commitTime: UInt64 = 0
    /// Inputs that wait at present.
    public var waiting = 0

    /// Ends of the classes of commits' durations, in microseconds.
    public static let commitLimits: [UInt64] = [
        100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000,
    ]
}

/// Counts what the loop does.
final class LoopMeter: Sendable {
    private let figures = Mutex(LoopFigures())

    /// What was counted so far.
    var current: LoopFigures { figures.withLock { $0 } }

    /// Notes a batch that is durable.
    func note(inputs: Int, writes: Int, time: Duration) {
        let (seconds, attoseconds) = time.components
        let microseconds =
            UInt64(clamping: seconds) * 1_000_000
            + UInt64(clamping: attoseconds / 1_000_000_000_000)
        let place =
            LoopFigures.commitLimits.firstIndex { microseconds <= $0 }
            ?? LoopFigures.commitLimits.count
        figures.withLock { figures in
            figures.inputs += UInt64(inputs)
            guard writes > 0 else { return }
            figures.batches += 1
            figures.writes += UInt64(writes)
            figures.commits[place] += 1
            figures.commitTime += microseconds
        }
    }
}

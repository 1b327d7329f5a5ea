import Dispatch
import Glibc
import LightningCommitment
import Synchronization
import Threads

/// Threads that help the node's own one with work in many like pieces, so that it gets as many cores as there are.
///
/// Pieces are taken one after the other by whoever has time: a helper that the system does not let run holds nobody up. The
/// threads begin with the first work that is worth it.
final class WorkCrew: ParallelWork {
    private let bench: WorkBench

    /// As many helpers as there are further cores, and no more than three.
    convenience init() {
        self.init(helpers: min(3, max(0, sysconf(Int32(_SC_NPROCESSORS_ONLN)) - 1)))
    }

    /// So many helpers.
    init(helpers: Int) { bench = WorkBench(helpers: helpers) }

    deinit { bench.close() }

    /// With fewer pieces the work is done before a helper is awake.
    static let fewestPieces = 6

    func map<Result: Sendable>(
        _ count: Int, _ body: @escaping @Sendable (Int) -> Result
    ) -> [Result] {
        guard count >= Self.fewestPieces, bench.isStaffed else { return (0..<count).map(body) }
        return [Result](unsafeUninitializedCapacity: count) { buffer, initialized in
            guard let start = buffer.baseAddress else { return }
            let results = Places(start: start)
            let job = WorkJob(count) { results.fill($0, with: body($0)) }
            bench.put(job)
            job.work()
            job.wait()
            bench.clear()
            initialized = count
        }
    }
}

/// Room for results, each of which one thread writes once.
///
/// Unchecked sendability: every place belongs to one piece, a piece is taken by one thread, and nobody reads before all
/// pieces are done. A thread that comes late finds no piece and touches no place.
private struct Places<Result>: @unchecked Sendable {
    let start: UnsafeMutablePointer<Result>

    func fill(_ index: Int, with result: Result) { (start + index).initialize(to: result) }
}

/// One piece of work after the other, for whoever asks.
private final class WorkJob: Sendable {
    private let count: Int
    private let body: @Sendable (Int) -> Void
    private let next = Atomic<Int>(0)
    private let unfinished: Atomic<Int>
    private let end = DispatchSemaphore(value: 0)

    /// How many pieces are taken at a time.
    private static let handful = 2

    init(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
        self.count = count
        self.body = body
        unfinished = Atomic(count)
    }

    /// Works until nothing is left to be taken.
    func work() {
        while true {
            let (first, _) = next.wrappingAdd(Self.handful, ordering: .relaxed)
            guard first < count else { return }
            let pieces = first..<min(first + Self.handful, count)
            for piece in pieces { body(piece) }
            let left = unfinished.wrappingSubtract(
                pieces.count, ordering: .acquiringAndReleasing)
            if left.newValue == 0 { end.signal() }
        }
    }

    /// Waits for those who have taken the last pieces. To be called once.
    func wait() { end.wait() }
}

/// Where work is put for the helpers.
private final class WorkBench: Sendable {
    private struct State {
        var job: WorkJob?
        var isOpen = true
        var hasStarted = false
    }

    private let state = Mutex(State())
    private let calls = DispatchSemaphore(value: 0)
    private let helpers: Int

    init(helpers: Int) { self.helpers = helpers }

    var isStaffed: Bool { helpers > 0 }

    func put(_ job: WorkJob) {
        let mustStart = state.withLock { state in
            state.job = job
            defer { state.hasStarted = true }
            return !state.hasStarted
        }
        if mustStart {
            for _ in 0..<helpers { _ = SystemThread.detached("node-work") { self.help() } }
        }
        for _ in 0..<helpers { calls.signal() }
    }

    /// Lets go of what the work was made of.
    func clear() { state.withLock { $0.job = nil } }

    private func help() {
        while true {
            calls.wait()
            let (job, isOpen) = state.withLock { ($0.job, $0.isOpen) }
            guard isOpen else { return }
            job?.work()
        }
    }

    /// Ends the threads.
    func close() {
        state.withLock { $0.isOpen = false }
        for _ in 0..<helpers { calls.signal() }
    }
}

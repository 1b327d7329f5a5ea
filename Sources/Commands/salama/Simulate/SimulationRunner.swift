import Glibc
import NodeSimulator
import Synchronization
import Threads

/// Runs the networks of many seeds on several threads, and tells how far it is.
final class SimulationRunner: Sendable {
    private let job: SimulationJob
    private let state: Mutex<State>
    private let stopping = Atomic<Bool>(false)

    private struct State {
        var next: UInt64
        var report = SimulationReport()
        var lastHash: String?
        var lastTrace: [String] = []
    }

    /// How many broken promises are enough.
    private static let enough = 10

    init(_ job: SimulationJob) {
        self.job = job
        state = Mutex(State(next: job.seeds.lowerBound))
    }

    /// Begins no more networks, and gives up those that are running.
    func stop() { stopping.store(true, ordering: .releasing) }

    private var isStopped: Bool { stopping.load(ordering: .acquiring) }

    /// Runs until all seeds are done or ``stop()`` is called.
    func run() -> SimulationSummary {
        let start = ContinuousClock.now
        let running = Atomic<Int>(job.threads)
        let threads = (0..<job.threads).map { number in
            SystemThread("simulate-\(number)") { [self] in
                while let seed = takeSeed() { runSeed(seed) }
                running.subtract(1, ordering: .releasing)
            }
        }
        var nextTold: Int64 = 5
        while running.load(ordering: .acquiring) > 0 {
            SystemThread.sleep(milliseconds: 20)
            let elapsed = (ContinuousClock.now - start).components.seconds
            guard elapsed >= nextTold else { continue }
            nextTold = elapsed + 5
            tell(after: elapsed)
        }
        // Even when it was stopped: a thread that goes on would use what the end of the process takes down.
        for thread in threads { thread.join() }
        let elapsed = ContinuousClock.now - start
        return state.withLock { state in
            SimulationSummary(
                report: state.report, seconds: elapsed, isInterrupted: isStopped,
                traceHash: job.isReplay ? state.lastHash : nil,
                trace: job.isReplay ? state.lastTrace : [])
        }
    }

    private func tell(after seconds: Int64) {
        let (done, violations) = state.withLock {
            ($0.report.networks, $0.report.violations.count)
        }
        let rate = seconds > 0 ? Double(done) / Double(seconds) : 0
        say(
            "\(grouped(done)) of \(grouped(job.seeds.count)) networks,"
                + " \(grouped(violations)) broken promises, \((rate * 10).rounded() / 10) per second"
        )
    }

    private func takeSeed() -> UInt64? {
        state.withLock { state in
            guard !isStopped, state.next < job.seeds.upperBound,
                state.report.violations.count < Self.enough
            else { return nil }
            defer { state.next += 1 }
            return state.next
        }
    }

    private func runSeed(_ seed: UInt64) {
        var plan = SimulationPlan(seed: seed)
        plan.traceLines = job.isReplay ? job.traceLines : 0
        var outcome = Simulation.run(plan, while: { !isStopped })
        if !outcome.report.violations.isEmpty, !job.isReplay {
            // The same run once more, with words.
            plan.traceLines = job.traceLines
            let told = Simulation.run(plan, while: { !isStopped })
            if !told.report.violations.isEmpty { outcome = told }
        }
        // What was given up half-way proves nothing, unless it has broken a promise before.
        guard !isStopped || !outcome.report.violations.isEmpty else { return }
        for violation in outcome.report.violations { say(SimulationSummary.text(of: violation)) }
        state.withLock { state in
            state.report.add(outcome.report)
            state.lastHash = "\(outcome.traceHash)"
            state.lastTrace = outcome.lastLines
        }
    }
}

import Synchronization

/// What became of the payments that were begun in a span of time.
final class SoakWindow: Sendable {
    /// The figures so far.
    struct Figures: Sendable {
        var paid = 0
        /// Ended without being paid, as the payer was told.
        var failed = 0
        /// Nobody told what became of them: the payer was away.
        var unanswered = 0
        /// Not begun, as their time came while all payers were waiting, or as no invoice could be had.
        var missed = 0
        /// How long those took that were paid, in milliseconds.
        var latencies: [Float] = []
        var seconds = 0.0

        /// Payments that were made, per second.
        var rate: Double { seconds > 0 ? Double(paid) / seconds : 0 }

        /// The time that so many hundredths of the payments stay below, in milliseconds.
        func latency(percentile: Int) -> Double {
            let sorted = latencies.sorted()
            guard !sorted.isEmpty else { return 0 }
            return Double(sorted[min(sorted.count - 1, sorted.count * percentile / 100)])
        }
    }

    private let state: Mutex<Figures>
    private let begin = ContinuousClock.now

    /// One that begins now; `figures` are those that it has at once.
    init(_ figures: Figures = Figures()) { state = Mutex(figures) }

    var figures: Figures { state.withLock { $0 } }

    /// From here on payments belong to another window; only the first call counts.
    func close() {
        let time = (ContinuousClock.now - begin) / .seconds(1)
        state.withLock { state in
            if state.seconds == 0 { state.seconds = time }
        }
    }

    func add(_ outcome: LoadClient.Outcome, after latency: Duration) {
        state.withLock { state in
            switch outcome {
            case .paid:
                state.paid += 1
                state.latencies.append(Float(latency / .milliseconds(1)))
            case .failed: state.failed += 1
            case .unknown: state.unanswered += 1
            }
        }
    }

    func miss(_ count: Int = 1) { state.withLock { $0.missed += count } }
}

/// Something that `salama bench` measures.
struct Bench: Sendable {
    let name: String
    let summary: String
    let run: @Sendable (BenchSettings) throws -> [BenchFigure]

    /// A measurement that needs no settings.
    init(name: String, summary: String, run: @escaping @Sendable () throws -> [BenchFigure]) {
        self.init(name: name, summary: summary) { _ in try run() }
    }

    /// A measurement.
    init(
        name: String, summary: String,
        run: @escaping @Sendable (BenchSettings) throws -> [BenchFigure]
    ) {
        self.name = name
        self.summary = summary
        self.run = run
    }

    /// All of them: add one by adding an entry.
    static let all: [Bench] = [
        scriptVerification, blockParsing, walletScan, storage, onions, transport, commitments,
        channels, durableChannels, paymentStorage, idleChannels, restart, invoices, routing,
        directPayments, forwardedPayments, twiceForwardedPayments, embeddedPayments, processes,
    ]
}

/// What measurements are given.
struct BenchSettings: Sendable {
    /// The folder with the tables of the mainnet graph.
    var graphFolder = "../shared/graph"
    /// How many payments are on their way at a time, where not the usual numbers.
    var widths: [Int]?
}

/// One measured number.
struct BenchFigure: Sendable {
    let name: String
    /// The number, or the median of several.
    let value: Double
    let unit: String
    /// The least and the greatest of several; nil for a number that was measured or computed once.
    let spread: ClosedRange<Double>?

    init(_ name: String, _ value: Double, _ unit: String) {
        self.name = name
        self.value = value
        self.unit = unit
        spread = nil
    }

    /// The median and the spread of several measurements, at least one.
    init(_ name: String, _ values: [Double], _ unit: String) {
        self.name = name
        self.unit = unit
        value = median(values)
        let sorted = values.sorted()
        spread = (sorted.first ?? 0)...(sorted.last ?? 0)
    }
}

/// The middle one of several numbers; 0 of none.
func median(_ values: [Double]) -> Double {
    values.isEmpty ? 0 : values.sorted()[values.count / 2]
}

/// Measures how long work takes, several times over.
///
/// Each repetition takes the best of many short rounds: what else runs on the machine only ever adds.
enum Stopwatch {
    private static let repetitions = 7

    /// The times of each of `works`, which take turns so that all see the same machine; `rounds` are of one repetition.
    static func measure(
        rounds: Int = 12, calls: Int, _ works: [() throws -> Void]
    ) throws -> [Timings] {
        let clock = ContinuousClock()
        var timings = [Timings](repeating: Timings(), count: works.count)
        for _ in 0..<repetitions {
            var best = [Duration](repeating: .seconds(3600), count: works.count)
            for _ in 0..<rounds {
                for (index, work) in works.enumerated() {
                    let elapsed = try clock.measure {
                        for _ in 0..<calls { try work() }
                    }
                    best[index] = min(best[index], elapsed)
                }
            }
            for index in works.indices {
                timings[index].nanoseconds.append(best[index] / .nanoseconds(calls))
            }
        }
        return timings
    }
}

/// How long the same work took in each repetition, in nanoseconds for one call.
struct Timings: Sendable {
    var nanoseconds: [Double] = []

    /// The time of one call.
    func time(_ name: String) -> BenchFigure {
        BenchFigure(name, nanoseconds.map { $0 / 1e3 }, "µs")
    }

    /// How much is done in a second, where one call does `amount`.
    func rate(_ name: String, of amount: Double = 1, _ unit: String = "/s") -> BenchFigure {
        BenchFigure(name, nanoseconds.map { amount * 1e9 / $0 }, unit)
    }

    /// How many times as long it takes as something else did, repetition by repetition.
    func ratio(_ name: String, to other: Timings) -> BenchFigure {
        BenchFigure(name, zip(nanoseconds, other.nanoseconds).map { $0 / $1 }, "")
    }
}

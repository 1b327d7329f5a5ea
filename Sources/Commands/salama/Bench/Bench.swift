/// Something that `salama bench` measures.
struct Bench: Sendable {
    let name: String
    let summary: String
    let run: @Sendable () throws -> [BenchFigure]

    /// All of them: add one by adding an entry.
    static let all: [Bench] = [scriptVerification, blockParsing, walletScan]
}

/// One measured number.
struct BenchFigure: Sendable {
    let name: String
    let value: Double
    let unit: String

    init(_ name: String, _ value: Double, _ unit: String) {
        self.name = name
        self.value = value
        self.unit = unit
    }
}

/// Measures how long work takes, in the best of many short rounds: what else runs on the machine only ever adds.
enum Stopwatch {
    /// Nanoseconds for one call of each of `works`, which take turns so that all see the same machine.
    static func best(
        rounds: Int = 40, calls: Int, _ works: [() throws -> Void]
    ) throws -> [Double] {
        let clock = ContinuousClock()
        var best = [Duration](repeating: .seconds(3600), count: works.count)
        for _ in 0..<rounds {
            for (index, work) in works.enumerated() {
                let elapsed = try clock.measure {
                    for _ in 0..<calls { try work() }
                }
                best[index] = min(best[index], elapsed)
            }
        }
        return best.map { $0 / .nanoseconds(calls) }
    }
}

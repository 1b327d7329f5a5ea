import Synchronization

/// How far a run is: told on standard error, and kept for whoever ends it early.
final class SoakProgress: Sendable {
    private let state = Mutex<SoakReport?>(nil)

    /// What is known so far; nil before the first trial has ended.
    var report: SoakReport? { state.withLock { $0 } }

    /// Takes down how it goes, and tells of the last trial in a row.
    func update(_ report: SoakReport, _ record: SoakRecord) {
        if report.steps.count == 1 { say(Self.heading) }
        say(Self.row(of: record))
        state.withLock { $0 = report }
    }

    private static let heading = line([
        "#", "trial", "paid/s", "with it", "after", "p50 ms", "with it", "after", "p99 ms",
        "with it", "after", "MiB", "files", "what",
    ])

    private static func row(of record: SoakRecord) -> String {
        let figures = record.windows.map(\.window.figures)
        return line(
            ["\(record.step.number)", record.step.trial.rawValue]
                + figures.map { tenths($0.rate) }
                + figures.map { "\(Int($0.latency(percentile: 50).rounded()))" }
                + figures.map { "\(Int($0.latency(percentile: 99).rounded()))" }
                + [mebibytes(record.memory), "\(record.files)", record.event])
    }

    /// Cells at their places; the rows above are printed already when the next one is known.
    private static func line(_ cells: [String]) -> String {
        let widths = [3, 16, 7, 7, 7, 7, 7, 7, 7, 7, 7, 6, 5, 0]
        return zip(cells, widths).enumerated().map { index, cell in
            let padding = String(repeating: " ", count: max(0, cell.1 - cell.0.count))
            return index == 1 || index == cells.count - 1 ? cell.0 + padding : padding + cell.0
        }.joined(separator: " ")
    }
}

/// Figures in Prometheus' text format (version 0.0.4): each family with its meaning and type, then its samples.
struct MetricsPage {
    private(set) var text = ""

    enum Kind: String { case counter, gauge, histogram }

    /// Begins a family of figures.
    private mutating func begin(_ name: String, _ kind: Kind, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
    }

    /// One figure without labels.
    mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: some BinaryInteger) {
        begin(name, kind, help)
        text += "\(name) \(value)\n"
    }

    /// One figure in seconds, given in microseconds.
    mutating func add(_ name: String, _ kind: Kind, _ help: String, microseconds: UInt64) {
        begin(name, kind, help)
        text += "\(name) \(Self.seconds(microseconds))\n"
    }

    /// A figure for each value of a label.
    mutating func add(
        _ name: String, _ kind: Kind, _ help: String, by label: String,
        _ values: [(label: String, value: Int64)]
    ) {
        begin(name, kind, help)
        for (value, figure) in values {
            text += "\(name){\(label)=\"\(value)\"} \(figure)\n"
        }
    }

    /// A figure that is 1, for what its label says.
    mutating func addText(_ name: String, _ help: String, _ label: String, _ value: String) {
        begin(name, .gauge, help)
        let escaped = value.flatMap { character -> [Character] in
            switch character {
            case "\\": ["\\", "\\"]
            case "\"": ["\\", "\""]
            case "\n": ["\\", "n"]
            default: [character]
            }
        }
        text += "\(name){\(label)=\"\(String(escaped))\"} 1\n"
    }

    /// How often a duration fell in each class; `limits` are the classes' ends in microseconds, and `counts` has one more.
    mutating func addHistogram(
        _ name: String, _ help: String, limits: [UInt64], counts: [UInt64], sum: UInt64
    ) {
        begin(name, .histogram, help)
        var total: UInt64 = 0
        for (limit, count) in zip(limits, counts) {
            total += count
            text += "\(name)_bucket{le=\"\(Self.seconds(limit))\"} \(total)\n"
        }
        total += counts.last ?? 0
        text += "\(name)_bucket{le=\"+Inf\"} \(total)\n"
        text += "\(name)_sum \(Self.seconds(sum))\n\(name)_count \(total)\n"
    }

    private static func seconds(_ microseconds: UInt64) -> String {
        let (whole, rest) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        guard rest > 0 else { return "\(whole)" }
        var digits = String(String(1_000_000 + rest).dropFirst())
        while digits.hasSuffix("0") { digits.removeLast() }
        return "\(whole).\(digits)"
    }
}

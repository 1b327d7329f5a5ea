/// `salama bench`.
enum BenchCommand {
    static let command = Command(
        name: "bench", group: .tools, summary: "measure the node on this machine",
        discussion: """
            Runs the named measurements, or all of them:

            \(Bench.all.map { "  \($0.name): \($0.summary)" }.joined(separator: "\n"))
            """,
        positionals: [
            Positional(name: "NAME", help: "what to measure", isOptional: true, isRest: true)
        ],
        flags: [.json],
        takesConfiguration: false,
        examples: [
            Example("salama bench", "measures everything"),
            Example("salama bench scripts --json", "measures script verification, for programs"),
        ],
        run: run)

    private static func run(_ arguments: Arguments) throws {
        let benches = try chosen(arguments.positionals)
        var lines: [String] = []
        for bench in benches {
            let figures = try bench.run()
            if arguments.isSet("json") {
                let fields = figures.map {
                    "{\"name\":\"\($0.name)\",\"value\":\(short($0.value)),\"unit\":\"\($0.unit)\"}"
                }
                lines.append("\"\(bench.name)\":[\(fields.joined(separator: ","))]")
            } else {
                put("\(bench.name)\n")
                for figure in figures {
                    let name = figure.name.padded(to: 36)
                    put("  \(name)\(short(figure.value)) \(figure.unit)\n")
                }
            }
        }
        if arguments.isSet("json") { put("{\(lines.joined(separator: ","))}\n") }
    }

    private static func chosen(_ names: [String]) throws(UsageError) -> [Bench] {
        var chosen: [Bench] = []
        for name in names {
            guard let bench = Bench.all.first(where: { $0.name == name }) else {
                let known = Bench.all.map(\.name).joined(separator: ", ")
                throw UsageError("there is no measurement `\(name)`; there are: \(known)")
            }
            chosen.append(bench)
        }
        return chosen.isEmpty ? Bench.all : chosen
    }

    /// Two digits behind the point below 100, none above.
    private static func short(_ value: Double) -> String {
        guard value < 100 else { return "\(Int(value.rounded()))" }
        return "\((value * 100).rounded() / 100)"
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(1, width - count))
    }
}

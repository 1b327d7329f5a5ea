import JSON

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
        flags: [
            .json,
            .value(
                "graph", "FOLDER",
                "where the tables of the mainnet graph are (default: \(BenchSettings().graphFolder))"
            ),
            .value(
                "in-flight", "COUNTS",
                "payments on their way at a time, such as 1,100 (default: 1,10,30,100,400)"),
        ],
        takesConfiguration: false,
        examples: [
            Example("salama bench", "measures everything"),
            Example("salama bench scripts --json", "measures script verification, for programs"),
        ],
        run: run)

    private static func run(_ arguments: Arguments) throws {
        let isJSON = arguments.isSet("json")
        let settings = try settings(arguments)
        var report = JSONObject()
        var table = Table([
            .left("measurement"), .left("figure"), .right("value"), .left("unit"), .right("min"),
            .right("max"),
        ])
        for bench in try chosen(arguments.positionals) {
            let figures = try bench.run(settings)
            report.append(bench.name, .array(figures.map(json)))
            for figure in figures {
                table.add([
                    bench.name, figure.name, short(figure.value), figure.unit,
                    figure.spread.map { short($0.lowerBound) } ?? "",
                    figure.spread.map { short($0.upperBound) } ?? "",
                ])
            }
        }
        put(
            isJSON
                ? String(decoding: JSONValue.object(report).serialized(), as: UTF8.self) + "\n"
                : table.text)
    }

    private static func settings(_ arguments: Arguments) throws(UsageError) -> BenchSettings {
        var settings = BenchSettings()
        if let folder = arguments.value("graph") { settings.graphFolder = folder }
        if let text = arguments.value("in-flight") {
            settings.widths = try text.split(separator: ",").map { word throws(UsageError) in
                guard let width = Int(word), 1...400 ~= width else {
                    throw UsageError("--in-flight takes numbers from 1 to 400 with commas between")
                }
                return width
            }
        }
        return settings
    }

    private static func json(_ figure: BenchFigure) -> JSONValue {
        var fields: JSONObject = [
            "name": .string(figure.name), "value": .number(plain(figure.value)),
            "unit": .string(figure.unit),
        ]
        if let spread = figure.spread {
            fields["min"] = .number(plain(spread.lowerBound))
            fields["max"] = .number(plain(spread.upperBound))
        }
        return .object(fields)
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

    /// Two digits behind the point below 100, none above, with thousands marks.
    private static func short(_ value: Double) -> String {
        value < 100 ? plain(value) : grouped(Int(value.rounded()))
    }

    /// The same without marks, for programs.
    private static func plain(_ value: Double) -> String {
        value < 100 ? "\((value * 100).rounded() / 100)" : "\(Int(value.rounded()))"
    }
}

import Bitcoin
import JSON
import NodeSimulator

/// What came of a simulation, for people and for programs.
struct SimulationSummary {
    let report: SimulationReport
    let seconds: Duration
    /// Whether it was stopped before all networks were run.
    let isInterrupted: Bool
    /// The hash of the one network that was replayed; nil where there were many.
    let traceHash: String?
    /// The end of its trace.
    let trace: [String]

    /// The figures in the order in which they are shown.
    private var figures: [(name: String, key: String, value: Int64)] {
        [
            ("networks", "networks", Int64(report.networks)),
            ("events", "events", Int64(report.events)),
            ("blocks", "blocks", Int64(report.blocks)),
            ("channels opened", "channels_opened", Int64(report.channelsOpened)),
            ("payments tried", "payments_tried", Int64(report.paymentsTried)),
            ("payments settled", "payments_settled", Int64(report.paymentsSettled)),
        ]
            + report.closes.sorted { $0.key < $1.key }.map {
                (
                    "closes, \($0.key)",
                    "closes_\($0.key.map { $0 == " " ? "_" : String($0) }.joined())",
                    Int64($0.value)
                )
            } + [
                ("breaches tried", "breaches_tried", Int64(report.breachesTried)),
                ("breaches punished", "breaches_punished", Int64(report.breachesPunished)),
                ("crashes", "crashes", Int64(report.crashes)),
                ("connections lost", "connections_lost", Int64(report.connectionsLost)),
                ("reorganisations", "reorganisations", Int64(report.reorganisations)),
                ("satoshis lost by honest nodes", "satoshis_lost", report.satoshisLost.value),
                ("violations", "violations", Int64(report.violations.count)),
            ]
    }

    private var elapsed: String {
        let parts = seconds.components
        let tenths = parts.attoseconds / 100_000_000_000_000_000
        return "\(parts.seconds).\(tenths)"
    }

    /// A table.
    var text: String {
        var table = Table([.left("figure"), .right("value")])
        for figure in figures { table.add([figure.name, grouped(figure.value)]) }
        table.add(["seconds", elapsed])
        var text = trace.map { $0 + "\n" }.joined() + table.text
        if let traceHash { text += "trace hash \(traceHash)\n" }
        return text
    }

    /// One JSON object.
    var json: String {
        var object = JSONObject()
        for figure in figures { object.append(figure.key, .integer(figure.value)) }
        object.append("seconds", .number(elapsed))
        object.append("interrupted", .bool(isInterrupted))
        object.append("commit", .string(SourceRevision.current))
        if let traceHash { object.append("trace_hash", .string(traceHash)) }
        object["violations"] = .integer(report.violations.count)
        object.append(
            "broken_promises",
            .array(
                report.violations.map { found in
                    [
                        "seed": .integer(found.seed),
                        "checker": .string("\(found.violation.invariant)"),
                        "message": .string(found.violation.message),
                        "trace_hash": .string("\(found.traceHash)"),
                        "trace": .array(found.lastLines.map { .string($0) }),
                    ]
                }))
        return String(decoding: JSONValue.object(object).serialized(), as: UTF8.self) + "\n"
    }

    /// What tells a person of a broken promise and how to see it again.
    static func text(of found: SeededViolation) -> String {
        let lines = found.lastLines.map { "  " + $0 + "\n" }.joined()
        return lines + """
            seed \(found.seed), commit \(SourceRevision.current): \(found.violation.invariant) is broken
              \(found.violation.message)
              trace hash \(found.traceHash)
              salama simulate --seed \(found.seed)
            """
    }
}

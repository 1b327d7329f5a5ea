import JSON

/// One trial of a run and what the payments did before, during and after it.
struct SoakRecord: Sendable {
    /// Whether it took place.
    enum Event: Sendable {
        /// With what was done to whom.
        case done(String)
        /// With the reason.
        case skipped(String)
    }

    let step: SoakStep
    let what: Event
    let before: SoakWindow
    let during: SoakWindow
    let after: SoakWindow
    /// The most that any node used of memory, in bytes, and of files, from the trial's begin to its end.
    let memory: Int
    let files: Int

    var windows: [(name: String, window: SoakWindow)] {
        [("before", before), ("during", during), ("after", after)]
    }

    var event: String {
        switch what {
        case .done(let text): text
        case .skipped(let reason): "SKIPPED: \(reason)"
        }
    }

    /// Whether something was done at all.
    var tookPlace: Bool {
        switch what {
        case .done: true
        case .skipped: false
        }
    }
}

/// What came of a run, for people and for programs.
struct SoakReport: Sendable {
    let settings: SoakSettings
    let chain: String
    /// Payments per second when nothing was wrong and nobody waited.
    let capacity: Double
    var steps: [SoakRecord] = []
    var facts = Facts()
    var reasons: [String: Int] = [:]
    /// What the paying, relaying and attacking themselves took of the processors, in seconds.
    var processorTime = 0.0
    /// The promises that were not kept.
    var broken: [String] = []
    /// Whether it was run to its end, and the books were read.
    var isComplete = false
    /// What each node used when it had warmed up, at the end, and at most.
    private var use: [(name: String, use: SoakUse)] = []

    /// The sums of all nodes.
    struct Facts: Sendable {
        var payments = 0
        var paid = 0
        /// In millisatoshi.
        var amount: Int64 = 0
        var fees: Int64 = 0
        var withoutEnd = 0

        init() {}

        init(_ accounts: [SoakAccount]) {
            for account in accounts {
                payments += account.payments
                paid += account.paid.count
                amount += account.sent - account.fees
                fees += account.fees
                withoutEnd += account.withoutEnd
            }
        }
    }

    /// What any node may take at most, whatever is done to it, in bytes.
    static let memoryBound = 192 << 20
    /// What a node may have grown by at the end, in bytes and files.
    private static let growthBound = 24 << 20
    private static let fileBound = 32

    init(_ settings: SoakSettings, _ chain: String, capacity: Double) {
        self.settings = settings
        self.chain = chain
        self.capacity = capacity
    }

    /// Takes down what the nodes have used so far.
    mutating func note(_ use: [SoakUse], names: [String]) {
        self.use = Array(zip(names, use)).map { (name: $0.0, use: $0.1) }
    }

    /// Judges what the nodes used, and how payments went under attack.
    mutating func judge() {
        for (name, use) in use { judge(name, use) }
        for record in steps where record.step.trial.isAttack && record.tookPlace {
            let name = record.step.trial.rawValue
            if record.event.isEmpty { broken.append("nobody attacked in \(name)") }
            let (usual, kept) = (record.before.figures.rate, record.during.figures.rate)
            if kept < usual / 2 {
                broken.append(
                    "under \(name) \(tenths(kept)) of \(tenths(usual)) payments a second were left")
            }
        }
    }

    private mutating func judge(_ name: String, _ use: SoakUse) {
        if use.mostMemory > Self.memoryBound {
            broken.append("\(name) took \(mebibytes(use.mostMemory)) MiB of memory")
        }
        guard let first = use.baseline, let last = use.last else { return }
        if last.memory > first.memory + Self.growthBound {
            broken.append(
                "\(name)'s memory grew from \(mebibytes(first.memory)) to"
                    + " \(mebibytes(last.memory)) MiB")
        }
        if last.files > first.files + Self.fileBound {
            broken.append("\(name)'s open files grew from \(first.files) to \(last.files)")
        }
    }

    /// A table.
    var text: String {
        var table = Table([
            .right("#"), .left("trial"), .left("when"), .right("paid/s"), .right("p50 ms"),
            .right("p99 ms"), .right("failed"), .right("no answer"), .right("missed"),
            .right("MiB"), .right("files"), .left("what"),
        ])
        for record in steps {
            for (name, window) in record.windows {
                let figures = window.figures
                let isFirst = name == "before"
                let isTrial = name == "during"
                table.add([
                    isFirst ? "\(record.step.number)" : "",
                    isFirst ? record.step.trial.rawValue : "", name, tenths(figures.rate),
                    tenths(figures.latency(percentile: 50)),
                    tenths(figures.latency(percentile: 99)), grouped(figures.failed),
                    grouped(figures.unanswered), grouped(figures.missed),
                    isTrial ? mebibytes(record.memory) : "", isTrial ? "\(record.files)" : "",
                    isTrial ? record.event : "",
                ])
            }
        }
        return table.text + "\n" + useTable.text + "\n" + summary
    }

    private var useTable: Table {
        var table = Table([
            .left("node"), .right("MiB at first"), .right("at the end"), .right("at most"),
            .right("files at first"), .right("at the end"), .right("at most"),
        ])
        for (name, use) in use {
            table.add([
                name, use.baseline.map { mebibytes($0.memory) } ?? "-",
                use.last.map { mebibytes($0.memory) } ?? "-", mebibytes(use.mostMemory),
                use.baseline.map { "\($0.files)" } ?? "-", use.last.map { "\($0.files)" } ?? "-",
                "\(use.mostFiles)",
            ])
        }
        return table
    }

    private var summary: String {
        let why = reasons.sorted { $0.value > $1.value }.map { "\($0.key): \(grouped($0.value))" }
        return """
            seed \(settings.seed), commit \(SourceRevision.current), \(chain)
            capacity \(tenths(capacity)) payments a second, tried at four fifths of it
            \(books)
            the payers, the relay and the attackers took \(tenths(processorTime)) s of processor time
            not made: \(why.isEmpty ? "none" : why.joined(separator: ", "))
            \(verdict)

            """
    }

    private var books: String {
        guard isComplete else { return "the books were not read" }
        return "\(grouped(facts.payments)) payments begun, \(grouped(facts.paid)) made over"
            + " \(millisatoshis(facts.amount)) sat with \(millisatoshis(facts.fees)) sat in fees,"
            + " \(grouped(facts.withoutEnd)) without an end"
    }

    private var verdict: String {
        guard isComplete else { return "stopped before the end: nothing is judged" }
        guard !broken.isEmpty else { return "every promise was kept" }
        return broken.map { "BROKEN: \($0)" }.joined(separator: "\n")
    }

    /// One JSON object.
    var json: String {
        let object: JSONObject = [
            "ok": .bool(isComplete && broken.isEmpty), "complete": .bool(isComplete),
            "seed": .integer(settings.seed),
            "seconds": .integer(settings.seconds), "commit": .string(SourceRevision.current),
            "chain": .string(chain), "capacity_per_second": .number(tenths(capacity)),
            "payments": .integer(facts.payments), "paid": .integer(facts.paid),
            "paid_msat": .integer(facts.amount), "fees_msat": .integer(facts.fees),
            "without_end": .integer(facts.withoutEnd),
            "own_processor_seconds": .number(tenths(processorTime)),
            "not_made": .object(
                JSONObject(reasons.sorted { $0.key < $1.key }.map { ($0.key, .integer($0.value)) })
            ),
            "broken": .array(broken.map { .string($0) }),
            "trials": .array(steps.map(Self.json)),
            "nodes": .array(
                use.map { name, use in
                    [
                        "name": .string(name),
                        "memory_first": .integer(use.baseline?.memory ?? 0),
                        "memory_last": .integer(use.last?.memory ?? 0),
                        "memory_most": .integer(use.mostMemory),
                        "files_first": .integer(use.baseline?.files ?? 0),
                        "files_last": .integer(use.last?.files ?? 0),
                        "files_most": .integer(use.mostFiles),
                    ]
                }),
        ]
        return String(decoding: JSONValue.object(object).serialized(), as: UTF8.self) + "\n"
    }

    private static func json(_ record: SoakRecord) -> JSONValue {
        var object: JSONObject = [
            "number": .integer(record.step.number), "trial": .string(record.step.trial.rawValue),
            "what": .string(record.event), "memory": .integer(record.memory),
            "files": .integer(record.files),
        ]
        if !record.tookPlace { object["skipped"] = true }
        for (name, window) in record.windows {
            let figures = window.figures
            object[name] = [
                "seconds": .number(tenths(figures.seconds)),
                "per_second": .number(tenths(figures.rate)),
                "p50_ms": .number(tenths(figures.latency(percentile: 50))),
                "p99_ms": .number(tenths(figures.latency(percentile: 99))),
                "paid": .integer(figures.paid), "failed": .integer(figures.failed),
                "unanswered": .integer(figures.unanswered), "missed": .integer(figures.missed),
            ]
        }
        return .object(object)
    }
}

func tenths(_ number: Double) -> String { "\((number * 10).rounded() / 10)" }

func mebibytes(_ bytes: Int) -> String { tenths(Double(bytes) / 1_048_576) }

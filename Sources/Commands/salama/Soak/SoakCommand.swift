import Glibc
import NodeRuntime
import Synchronization
import Threads

/// `salama soak`.
enum SoakCommand {
    static let command = Command(
        name: "soak", group: .tools,
        summary: "keep a network of processes paying under faults and attacks, and check its books",
        discussion: """
            Five nodes in a ring, each a process with its database on the disk of the working directory, pay each other at four
            fifths of the rate that they reach, which is measured first. One after the other come faults and then attacks:

            \(SoakTrial.allCases.map { "  \($0.rawValue): \($0.summary)" }.joined(separator: "\n"))

            At the end every payment has ended, the books of all nodes agree to the millisatoshi, no channel is closed, and
            memory and open files are where they were. The seed decides which node each fault meets, and when.

            The exit status is 0 where all of that holds, 1 where it does not, and 130 after Ctrl-C, which ends it with the report
            so far.
            """,
        flags: [
            .value("minutes", "COUNT", "how long payments are made (default: 10)"),
            .value("seconds", "COUNT", "the same in seconds"),
            .value("seed", "NUMBER", "repeat the plan of another run"),
            .value("only", "NAMES", "these trials alone, with commas between"),
            .toggle("faults", "the faults alone, without the attacks"),
            .toggle("hostile", "the attacks alone, without the faults"),
            .toggle("bitcoind", "on a real bitcoind of this machine, not on Salama's own chain"),
            .value("program", "FILE", "the salama whose nodes are tried, where it is another"),
            .toggle("keep", "leave the nodes' files to be looked at"),
            .json,
        ],
        takesConfiguration: false,
        examples: [
            Example(
                "salama soak --minutes 60 --bitcoind", "tries it for an hour on a real bitcoind"),
            Example(
                "salama soak --minutes 2 --only killed-nodes,full-disk --seed 7",
                "repeats two faults of the plan 7"),
        ],
        run: run)

    private static func run(_ arguments: Arguments) throws {
        let settings = try SoakSettings(arguments)
        // From here on Ctrl-C leads to the end below, which leaves nothing behind.
        Signals.prepare()
        let processes = try LocalProcesses(for: "soak", in: LocalProcesses.workingFolder())
        defer { processes.end(keepsFolder: settings.keepsFolder) }
        let progress = SoakProgress()
        let outcome = Mutex<Result<SoakReport, any Error>?>(nil)
        let thread = SystemThread("soak") {
            let result = Result { try Soak(settings, processes, progress).run() }
            outcome.withLock { $0 = result }
            Signals.requestEnd()
        }
        let number = Signals.wait()
        Signals.endAtOnce()
        guard let result = outcome.withLock({ $0 }) else {
            if let report = progress.report { show(report, settings) }
            throw CommandFailure(
                "stopped by \(number == SIGINT ? "Ctrl-C" : "a signal")", status: 128 + number)
        }
        thread.join()
        let report = try result.get()
        show(report, settings)
        if settings.keepsFolder { say("the nodes' files are in \(processes.folder)") }
        guard report.broken.isEmpty else {
            let count = report.broken.count
            throw CommandFailure(
                "\(grouped(count)) \(count == 1 ? "promise was" : "promises were") broken;"
                    + " --seed \(settings.seed) repeats the plan")
        }
    }

    private static func show(_ report: SoakReport, _ settings: SoakSettings) {
        put(settings.isJSON ? report.json : report.text)
    }
}

/// What the command line asks for.
struct SoakSettings: Sendable {
    let seed: UInt64
    let seconds: Int
    let trials: [SoakTrial]
    /// The path of a real bitcoind; nil for the project's own chain.
    let bitcoind: String?
    /// The library that changes a process's clock; nil where there is none.
    let clockLibrary: String?
    /// Another program whose nodes are tried.
    let program: String?
    let keepsFolder: Bool
    let isJSON: Bool

    init(_ arguments: Arguments) throws {
        seed =
            try arguments.integer("seed", in: 0...(1 << 53))
            ?? UInt64.random(in: 1...999_999_999)
        let minutes = try arguments.integer("minutes", in: 1...10_000) ?? 10
        seconds = try arguments.integer("seconds", in: 10...600_000) ?? minutes * 60
        bitcoind = try arguments.isSet("bitcoind") ? BitcoindProgram.path() : nil
        clockLibrary = ClockLibrary.path
        self.program = arguments.value("program")
        keepsFolder = arguments.isSet("keep")
        isJSON = arguments.isSet("json")
        if arguments.isSet("faults"), arguments.isSet("hostile") {
            throw UsageError("--faults and --hostile each leave out the other")
        }
        let wanted = try arguments.value("only").map(Self.trials)
        trials = SoakTrial.allCases.filter { trial in
            if let wanted { return wanted.contains(trial) }
            return !(trial.isAttack && arguments.isSet("faults"))
                && !(!trial.isAttack && arguments.isSet("hostile"))
        }
    }

    private static func trials(_ names: String) throws(UsageError) -> [SoakTrial] {
        try names.split(separator: ",").map { name throws(UsageError) in
            guard let trial = SoakTrial(rawValue: String(name)) else {
                let known = SoakTrial.allCases.map(\.rawValue).joined(separator: ", ")
                throw UsageError("there is no trial `\(name)`; there are: \(known)")
            }
            return trial
        }
    }
}

/// The library that gives a process another clock (Debian's libfaketime).
enum ClockLibrary {
    /// Where it is: what SALAMA_SOAK_FAKETIME names (`make soak` sets it), or where Debian has it.
    static var path: String? {
        let named = getenv("SALAMA_SOAK_FAKETIME").map { String(cString: $0) } ?? ""
        let folders = ["x86_64", "aarch64"].map { "/usr/lib/\($0)-linux-gnu/faketime" }
        return ([named] + folders.map { $0 + "/libfaketime.so.1" }).first {
            !$0.isEmpty && access($0, R_OK) == 0
        }
    }
}

import Dispatch
import Glibc
import JSON
import NodeSimulator

/// `salama simulate`.
enum SimulateCommand {
    static let command = Command(
        name: "simulate", group: .tools,
        summary: "run networks of nodes under faults and hold them to eight promises",
        discussion: """
            Each seed is a network of 3 to 8 nodes on a chain, in one process under a virtual clock: connections and blocks
            are lost, disks fail, processes crash, peers cheat. A seed and a commit replay it exactly; equal trace hashes
            show that they did.

            The exit status is 0 where every promise was kept, and 1 where one was broken. Ctrl-C ends it early, with the
            summary of what has been run; the exit status is 130 then, where no promise was broken.
            """,
        flags: [
            .value(
                "seed", "NUMBER", "replay one network, and print the end of its trace if it fails"),
            .value("from", "NUMBER", "the first seed; 1 if not given"),
            .value("seeds", "COUNT", "how many networks to run; 100 if not given"),
            .value(
                "jobs", "COUNT", "how many to run at a time; one for each processor if not given"),
            .value("trace", "LINES", "how many lines of the trace to print; 60 if not given"),
            .json,
        ],
        takesConfiguration: false,
        examples: [
            Example("salama simulate --seeds 500", "runs the networks of the seeds 1 to 500"),
            Example("salama simulate --seed 42 --trace 200", "replays one and prints its end"),
        ],
        run: run)

    private static func run(_ arguments: Arguments) throws {
        let job = try SimulationJob(arguments)
        let runner = SimulationRunner(job)
        signal(SIGINT, SIG_IGN)
        let interrupt = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
        interrupt.setEventHandler { runner.stop() }
        interrupt.activate()
        let summary = runner.run()
        withExtendedLifetime(interrupt) {}
        put(job.isJSON ? summary.json : summary.text)
        if !summary.report.violations.isEmpty {
            let count = summary.report.violations.count
            throw CommandFailure(
                "\(grouped(count)) \(count == 1 ? "promise was" : "promises were") broken")
        }
        if summary.isInterrupted {
            // As a shell tells of a program that SIGINT ended.
            throw CommandFailure("stopped by Ctrl-C", status: 128 + SIGINT)
        }
    }
}

/// What the command line asks for.
struct SimulationJob: Sendable {
    let seeds: Range<UInt64>
    let threads: Int
    let traceLines: Int
    /// Whether one network is replayed, and its trace is wanted whatever comes of it.
    let isReplay: Bool
    let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        isJSON = arguments.isSet("json")
        let seed: UInt64? = try arguments.integer("seed", in: 0...(UInt64.max - 1))
        let from: UInt64? = try arguments.integer("from", in: 0...(UInt64.max / 2))
        let count: UInt64? = try arguments.integer("seeds", in: 1...1_000_000_000)
        if seed != nil, from != nil || count != nil {
            throw UsageError("--seed replays one network; --from and --seeds run many")
        }
        let first = seed ?? from ?? 1
        seeds = first..<(first + (seed == nil ? count ?? 100 : 1))
        isReplay = seed != nil
        let processors = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        threads = min(
            try arguments.integer("jobs", in: 1...1_024) ?? processors, seeds.count)
        traceLines = try arguments.integer("trace", in: 0...1_000_000) ?? 60
    }
}

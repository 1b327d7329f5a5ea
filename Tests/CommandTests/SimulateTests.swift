import Bitcoin
import FoundationEssentials
import Glibc
import TestSupport
import Testing

/// `salama simulate`.
struct SimulateTests {
    let salama: String

    init() throws { salama = try #require(PackageFiles.salama) }

    private func report(of process: (status: Int32, output: String, errors: String)) throws
        -> JSONValue
    {
        try JSONDecoder().decode(JSONValue.self, from: Data(process.output.utf8))
    }

    @Test("one network is run twice with the same trace hash, and another with another")
    func replay() throws {
        let runs = try ["20", "20", "2"].map { seed in
            try ChildProcess.run(salama, ["simulate", "--seed", seed, "--trace", "5"])
        }
        let hashes = try runs.map { run in
            #expect(run.status == 0, "\(run.errors)")
            let line = run.output.split(separator: "\n").last { $0.hasPrefix("trace hash ") }
            let hash = try #require(line).dropFirst("trace hash ".count)
            #expect(hash.count == 64)
            // The end of the trace, whatever came of the run.
            #expect(run.output.contains("everything is settled"))
            return hash
        }
        #expect(hashes[0] == hashes[1])
        #expect(hashes[0] != hashes[2])
    }

    @Test("many networks end with one JSON object that has every figure")
    func json() throws {
        let run = try ChildProcess.run(
            salama, ["simulate", "--from", "19", "--seeds", "3", "--jobs", "1", "--json"])
        #expect(run.status == 0, "\(run.errors)")
        let report = try report(of: run)
        #expect(report["networks"]?.number == 3)
        #expect(report["violations"]?.number == 0)
        #expect(report["satoshis_lost"]?.number == 0)
        #expect(report["interrupted"] == .bool(false))
        #expect(report["broken_promises"]?.array?.isEmpty == true)
        #expect(report["trace_hash"] == nil)
        for name in ["events", "blocks", "payments_tried", "payments_settled", "crashes"] {
            #expect(try #require(report[name]?.number) > 0, "\(name)")
        }
        for name in ["channels_opened", "breaches_punished", "reorganisations", "seconds"] {
            #expect(report[name]?.number != nil, "\(name)")
        }
        #expect(report["commit"] != nil)
    }

    @Test(
        "a broken promise is told with its seed, commit, checker and trace, and the exit status is 1",
        .enabled(if: Mutation.isAvailable, "no promise is broken by what ships"))
    func broken() throws {
        // The fault is named where the program's own name stands, since the command takes no such flag.
        let process = try ChildProcess(
            salama, ["simulate", "--seeds", "1", "--trace", "7", "--json"],
            name: "--mutation=claimTooEarly")
        #expect(try process.wait(atMost: .seconds(120)) == 1)
        let report = try report(of: (1, process.output, process.errors))
        let found = try #require(report["broken_promises"]?.array?.first)
        #expect(found["seed"]?.number == 1)
        #expect(found["checker"] == .string("validity"))
        #expect(found["trace"]?.array?.count == 7)
        #expect(process.errors.contains("salama simulate --seed 1\n"))
        #expect(process.errors.contains("salama: 1 promise was broken\n"))
    }

    /// What `make build` has made; nil where it was not run.
    private static let shipped: String? = {
        let path = PackageFiles.root.appending(path: ".build/release/salama").path
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }()

    @Test(
        "the program that ships has no faults to switch on",
        .enabled(if: shipped != nil, "`make build` was not run"))
    func shippedProgram() throws {
        let program = try #require(Self.shipped)
        let hashes = try [program, "--mutation=claimTooEarly"].map { name in
            let process = try ChildProcess(program, ["simulate", "--seed", "1"], name: name)
            try process.wait(atMost: .seconds(120))
            return try #require(process.output.split(separator: "\n").last)
        }
        #expect(hashes[0].hasPrefix("trace hash "))
        #expect(hashes[0] == hashes[1])
    }

    @Test("Ctrl-C ends with the summary of what was run, and status 130")
    func interrupted() throws {
        let process = try ChildProcess(
            salama, ["simulate", "--seeds", "1000000", "--jobs", "1", "--json"])
        // The first word on how far it is comes after some seconds.
        while process.isRunning, !process.errors.contains(" of 1,000,000 networks") {
            usleep(20_000)
        }
        process.end(with: SIGINT)
        #expect(try process.wait() == 130)
        #expect(process.errors.hasSuffix("salama: stopped by Ctrl-C\n"))
        let report = try report(of: (130, process.output, process.errors))
        #expect(report["interrupted"] == .bool(true))
        #expect(try #require(report["networks"]?.number) < 1_000_000)
    }

    @Test(
        "what is typed wrong is refused in one line, with status 2",
        arguments: [
            ["--seed", "x"], ["--seed", "-1"], ["--seed", "18446744073709551615"],
            ["--seed", "1", "--seeds", "2"], ["--seed", "1", "--from", "2"], ["--seeds", "0"],
            ["--seeds", "1e3"], ["--from"], ["--jobs", "0"], ["--seeds", "1", "--seeds", "2"],
            ["--sede", "1"], ["5"],
        ])
    func wrong(_ words: [String]) throws {
        let run = try ChildProcess.run(salama, ["simulate"] + words)
        #expect(run.status == 2)
        #expect(run.output.isEmpty)
        #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
    }
}

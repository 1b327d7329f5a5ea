import FoundationEssentials
import Glibc
import JSON
import TestSupport
import Testing

/// `salama soak`, which tries networks of processes.
@Suite(.serialized) struct SoakTests {
    private let program: String

    init() throws { program = try #require(PackageFiles.salama) }

    /// The rates are those of a machine that runs other tests too, and so are judged by nobody here.
    @Test("nothing is lost where nodes are killed, a disk is full, and the chain is reorganised")
    func faults() throws {
        let soak = try ChildProcess(
            program,
            [
                "soak", "--seconds", "15", "--seed", "1", "--json",
                "--only", "killed-nodes,full-disk,reorganisations",
            ])
        let status = try soak.wait(atMost: .seconds(300))
        #expect(status == 0, "\(soak.errors)")
        let report = try JSONValue(parsing: Array(soak.output.utf8))
        #expect(report["ok"] == true && report["broken"] == [])
        #expect(report["without_end"] == 0)
        let (paid, trials) = try (#require(report["paid"]), #require(report["trials"]?.array))
        #expect(paid.integer(Int.self) ?? 0 > 0)
        #expect(
            Set(trials.compactMap { $0["trial"]?.string })
                == ["killed-nodes", "full-disk", "reorganisations"])
        for trial in trials {
            #expect(trial["skipped"] == nil)
            for part in ["before", "during", "after"] {
                #expect(trial[part]?["p99_ms"]?.number != nil)
            }
        }
        #expect(try leftovers(of: soak).isEmpty)
    }

    @Test(
        "a soak that is interrupted or killed leaves neither processes nor files behind",
        arguments: [SIGINT, SIGKILL])
    func interrupted(_ number: Int32) throws {
        let soak = try ChildProcess(program, ["soak"])
        try eventually("the nodes") { soak.errors.contains("make their wallets") }
        #expect(try leftovers(of: soak).count > 2)
        kill(soak.identifier, number)
        let status = try soak.wait(atMost: .seconds(60))
        if number == SIGINT { #expect(status == 128 + SIGINT) }
        try eventually("the end of the nodes") { try leftovers(of: soak).isEmpty }
    }

    @Test(
        "what cannot be meant is refused",
        arguments: [["--only", "bad-weather"], ["--faults", "--hostile"], ["--seconds", "0"]])
    func refused(_ words: [String]) throws {
        let result = try ChildProcess.run(program, ["soak"] + words)
        #expect(result.status == 2)
    }

    /// The run's folder, where it is still there, and the processes that work in it.
    private func leftovers(of soak: ChildProcess) throws -> [String] {
        let name = "salama-soak-\(soak.identifier)-"
        let folders = try FileManager.default.contentsOfDirectory(atPath: ".").filter {
            $0.hasPrefix(name)
        }
        let processes = try FileManager.default.contentsOfDirectory(atPath: "/proc").filter {
            let line = FileManager.default.contents(atPath: "/proc/\($0)/cmdline") ?? Data()
            return String(decoding: line, as: UTF8.self).contains(name)
        }
        return folders + processes
    }
}

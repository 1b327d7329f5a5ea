import FoundationEssentials
import Glibc
import JSON
import TestSupport
import Testing

/// `salama demo`, as `make demo` runs it.
@Suite(.serialized) struct DemoTests {
    private let program: String

    init() throws { program = try #require(PackageFiles.salama) }

    private static let chains = ChainProcess.Kind.allCases.filter(\.isPresent)

    @Test(
        "the story is told to its end on both chains, and all its figures are right",
        arguments: chains)
    func story(_ chain: ChainProcess.Kind) throws {
        let flags = chain == .bitcoind ? ["--bitcoind"] : []
        let demo = try ChildProcess(
            program, ["demo", "--exit", "--json"] + flags,
            environment: ["SALAMA_DEMO_BITCOIND": PackageFiles.bitcoind ?? ""])
        let status = try demo.wait(atMost: .seconds(240))
        #expect(status == 0, "\(demo.errors)")
        let facts = try JSONValue(parsing: Array(demo.output.utf8))
        #expect(facts["ok"] == true)
        let folder = try #require(facts["datadir"]?.string)
        #expect(!FileManager.default.fileExists(atPath: folder))
        #expect(facts["nodes"] == ["Alice", "Bob", "Carol"])
        let payment = try #require(facts["payment"])
        #expect(payment["hops"] == 2)
        let (before, after) = try (
            #require(payment["balances_before_msat"]), #require(payment["balances_after_msat"])
        )
        func change(_ name: String) throws -> Int64 {
            let values = [after, before].map { $0[name]?.integer(Int64.self) }
            return try #require(values[0]) - #require(values[1])
        }
        let fee = try #require(payment["fee_msat"]?.integer(Int64.self))
        #expect(fee > 0)
        #expect(try change("Alice") == -250_000_000 - fee)
        #expect(try change("Bob") == fee)
        #expect(try change("Carol") == 250_000_000)
        #expect(facts["many_payments"]?["count"] == 1_000)
        let cheat = try #require(facts["cheat"])
        let gain = try #require(cheat["peer_gained_sat"]?.integer(Int64.self))
        // All but what miners take.
        #expect(gain > 4_900_000 && gain < 5_000_000)
        #expect(demo.errors.contains("The books balance"))
        #expect(try leftovers(of: demo).isEmpty)
    }

    @Test("Ctrl-C ends the demo in order whenever it comes", arguments: [0, 30, 120, 1_000])
    func interrupted(_ milliseconds: UInt32) throws {
        let demo = try ChildProcess(program, ["demo", "--exit"])
        while demo.output.isEmpty && demo.isRunning { usleep(1_000) }
        usleep(milliseconds * 1_000)
        kill(demo.identifier, SIGINT)
        let status = try demo.wait()
        #expect(status == 1 && demo.errors.hasSuffix("salama: stopped by Ctrl-C\n"))
        #expect(try leftovers(of: demo).isEmpty)
    }

    @Test("a demo that is killed leaves neither processes nor files behind")
    func killed() throws {
        let demo = try ChildProcess(program, ["demo", "--exit"])
        while demo.output.isEmpty && demo.isRunning { usleep(1_000) }
        #expect(try !leftovers(of: demo).isEmpty)
        demo.end(with: SIGKILL)
        try eventually("the end of the demo's nodes") { try leftovers(of: demo).isEmpty }
    }

    @Test("a line that is too short or too long is refused", arguments: ["2", "11", "many"])
    func wrongCount(_ count: String) throws {
        let result = try ChildProcess.run(program, ["demo", "--nodes", count])
        #expect(result.status == 2)
        #expect(result.errors.contains("--nodes must be a whole number from 3 to 10"))
    }

    /// The demo's folder, where it is still there, and the processes that work in it.
    private func leftovers(of demo: ChildProcess) throws -> [String] {
        let folders = try FileManager.default.contentsOfDirectory(atPath: "/tmp").filter {
            $0.hasPrefix("salama-demo-\(demo.identifier)-")
        }
        let processes = try FileManager.default.contentsOfDirectory(atPath: "/proc").filter {
            let line = FileManager.default.contents(atPath: "/proc/\($0)/cmdline") ?? Data()
            return String(decoding: line, as: UTF8.self).contains("salama-demo-\(demo.identifier)-")
        }
        return folders + processes
    }
}

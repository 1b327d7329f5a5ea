import FoundationEssentials
import Glibc
import TestSupport
import Testing

/// `salama bench` where it runs other processes.
@Suite struct BenchTests {
    private let program: String

    init() throws { program = try #require(PackageFiles.salama) }

    @Test(
        "a measurement that is interrupted or killed leaves neither processes nor files behind",
        arguments: [SIGINT, SIGKILL])
    func interrupted(_ number: Int32) throws {
        let bench = try ChildProcess(program, ["bench", "payments-direct"])
        try eventually("the measurement's nodes") { bench.errors.contains("make their wallets") }
        #expect(try leftovers(of: bench).count > 2)
        bench.end(with: number)
        try eventually("the end of the measurement's nodes") {
            try leftovers(of: bench).isEmpty
        }
    }

    @Test("numbers of payments in flight are checked", arguments: ["0", "401", "1,many", "-1"])
    func wrongWidths(_ text: String) throws {
        let result = try ChildProcess.run(
            program, ["bench", "payments-direct", "--in-flight=\(text)"])
        #expect(result.status == 2)
        #expect(result.errors.contains("--in-flight takes numbers from 1 to 400"))
    }

    /// The measurement's folder, where it is still there, and the processes that work in it.
    private func leftovers(of bench: ChildProcess) throws -> [String] {
        let name = "salama-bench-\(bench.identifier)-"
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

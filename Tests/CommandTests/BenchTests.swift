import FoundationEssentials
import TestSupport
import Testing

/// `salama bench`.
struct BenchTests {
    let salama: String

    init() throws { salama = try #require(PackageFiles.salama) }

    @Test("a measurement prints its figures as one JSON object")
    func json() throws {
        let result = try ChildProcess.run(salama, ["bench", "blocks", "--json"])
        #expect(result.status == 0)
        let report = try JSONDecoder().decode(JSONValue.self, from: Data(result.output.utf8))
        let figures = try #require(report["blocks"]?.array)
        #expect(figures.count == 4)
        for figure in figures {
            let value = try #require(figure["value"]?.number)
            #expect(value > 0)
            // The size is counted once; what is measured comes with its spread.
            guard figure["name"] != .string("block") else { continue }
            #expect(try #require(figure["min"]?.number) <= value)
            #expect(try #require(figure["max"]?.number) >= value)
        }
    }

    @Test("an unknown measurement is refused in one line, with status 2")
    func unknown() throws {
        let result = try ChildProcess.run(salama, ["bench", "scirpts"])
        #expect(result.status == 2)
        #expect(result.errors.split(separator: "\n").count == 1)
        #expect(result.errors.contains("there is no measurement `scirpts`"))
    }
}

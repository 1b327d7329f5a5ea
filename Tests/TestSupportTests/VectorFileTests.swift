import FoundationEssentials
import TestSupport
import Testing

struct VectorFileTests {
    static let script = VectorFile("bitcoin/script_tests.json")

    @Test("the package's root is the folder of Package.swift")
    func root() {
        let manifest = PackageFiles.root.appending(path: "Package.swift")
        #expect(FileManager.default.fileExists(atPath: manifest.path))
    }

    @Test("the program is found beside the tests")
    func program() throws {
        #expect(try #require(PackageFiles.salama).hasSuffix("/salama"))
    }

    @Test("a shared vector file is read as JSON", .enabled(if: script.isPresent))
    func json() throws {
        let rows = try #require(try Self.script.json().array)
        #expect(rows.count > 1000)
        #expect(rows[0][0]?.string?.hasPrefix("Format is") == true)
    }

    @Test("a file that is not there says its name")
    func absent() {
        #expect(!VectorFile("none.json").isPresent)
        #expect(throws: VectorFileError.notFound(name: "none.json")) {
            try VectorFile("none.json").bytes()
        }
    }

    @Test("JSON values keep their kinds")
    func kinds() throws {
        let text = #"[null, true, 1, -9007199254740993, 0.5, "x", {"a": [2]}]"#
        let value = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
        #expect(
            value
                == .array([
                    .null, .bool(true), .integer(1), .integer(-9_007_199_254_740_993), .number(0.5),
                    .string("x"), .object(["a": .array([.integer(2)])]),
                ]))
        #expect(value[6]?["a"]?[0]?.integer == 2)
        #expect(value[7] == nil)
    }
}

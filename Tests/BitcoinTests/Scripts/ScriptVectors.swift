import Bitcoin
import TestSupport
import Testing

@Suite("Bitcoin Core's script vectors") struct ScriptVectors {
    static let file = VectorFile("bitcoin/script_tests.json")

    @Test(
        "every script gives the very error that Bitcoin Core gives",
        .enabled(if: file.isPresent, "shared/vectors is not there"))
    func scripts() throws {
        // Rows of one field are comments.
        let rows = try #require(Self.file.json().array).filter { $0.array?.count != 1 }
        var (run, passed) = (0, 0)
        for row in rows {
            let isRight = try Self.holds(ScriptCase(row), "\(row)")
            run += 1
            passed += isRight ? 1 : 0
        }
        #expect(run == 1222)
        #expect(passed == run)
        Self.file.record(cases: rows.count, run: run, passed: passed)
    }

    @Test("the project's own script vectors give their errors")
    func ownScripts() throws {
        for row in try OwnVectors("scripts.json").cases("scripts", count: 40) {
            #expect(try Self.holds(ScriptCase(row), "\(row)"))
        }
    }

    /// Whether the verdict is the expected one, and fewer flags never forbid, nor more flags allow, a script.
    private static func holds(_ script: ScriptCase, _ name: String) -> Bool {
        let verdict = script.verdict(script.flags)
        #expect(verdict == script.expected, "\(name)")
        var isRight = verdict == script.expected
        let isValid = script.expected == "OK"
        for (flagName, flag) in ScriptFlags.named {
            let flags =
                isValid
                ? script.flags.subtracting(flag).trimmed : script.flags.union(flag).filled
            let isStable = (script.verdict(flags) == "OK") == isValid
            #expect(isStable, "\(name): \(flagName) must not change the verdict")
            isRight = isRight && isStable
        }
        return isRight
    }
}

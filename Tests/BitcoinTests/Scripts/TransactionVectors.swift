import Bitcoin
import TestSupport
import Testing

@Suite("Bitcoin Core's transaction vectors") struct TransactionVectors {
    static let valid = VectorFile("bitcoin/tx_valid.json")
    static let invalid = VectorFile("bitcoin/tx_invalid.json")

    @Test(
        "valid transactions are valid under all flags but the excluded ones",
        .enabled(if: valid.isPresent, "shared/vectors is not there"))
    func validTransactions() throws {
        let rows = try #require(Self.valid.json().array).filter { $0[0]?.array != nil }
        var (run, passed) = (0, 0)
        for row in rows {
            let isRight = try Self.isValid(TransactionCase(row))
            #expect(isRight, "\(row)")
            run += 1
            passed += isRight ? 1 : 0
        }
        #expect(run == 121)
        Self.valid.record(cases: rows.count, run: run, passed: passed)
    }

    @Test(
        "invalid transactions fail under the flags that forbid them, and under no fewer",
        .enabled(if: invalid.isPresent, "shared/vectors is not there"))
    func invalidTransactions() throws {
        let rows = try #require(Self.invalid.json().array).filter { $0[0]?.array != nil }
        var (run, passed) = (0, 0)
        for row in rows {
            let isRight = try Self.isInvalid(TransactionCase(row))
            #expect(isRight, "\(row)")
            run += 1
            passed += isRight ? 1 : 0
        }
        #expect(run == 93)
        Self.invalid.record(cases: rows.count, run: run, passed: passed)
    }

    private static func isValid(_ row: TransactionCase) throws -> Bool {
        let excluded = try ScriptText.flags(row.flagNames)
        let flags = ScriptFlags.every.subtracting(excluded)
        guard row.isWellFormed, flags == flags.filled, row.passes(flags) else { return false }
        // Fewer flags allow it, too.
        for (_, flag) in ScriptFlags.named where !row.passes(flags.subtracting(flag).trimmed) {
            return false
        }
        // None is excluded without need.
        return excluded.lackingOne.allSatisfy {
            !row.passes(ScriptFlags.every.subtracting($0).trimmed)
        }
    }

    private static func isInvalid(_ row: TransactionCase) throws -> Bool {
        guard row.flagNames != "BADTX", row.isWellFormed else {
            return row.flagNames == "BADTX" && !row.isWellFormed
        }
        let flags = try ScriptText.flags(row.flagNames)
        guard flags == flags.filled, !row.passes(flags) else { return false }
        // More flags forbid it, too.
        for (_, flag) in ScriptFlags.named where row.passes(flags.union(flag).filled) {
            return false
        }
        // None is there without need.
        return flags.lackingOne.allSatisfy { row.passes($0) }
    }
}

/// A row of `tx_valid.json` or `tx_invalid.json`.
struct TransactionCase {
    let transaction: Transaction
    let spending: [TransactionOutput]
    let flagNames: String

    init(_ row: JSONValue) throws {
        transaction = try Transaction(hex: try #require(row[1]?.string))
        flagNames = try #require(row[2]?.string)
        var outputs: [OutPoint: TransactionOutput] = [:]
        for output in try #require(row[0]?.array) {
            let id = try TransactionID(displayHex: try #require(output[0]?.string))
            let index = UInt32(truncatingIfNeeded: try #require(output[1]?.integer))
            outputs[OutPoint(id, index)] = TransactionOutput(
                amount: Satoshi(output[3]?.integer ?? 0),
                scriptPubKey: try ScriptText.script(try #require(output[2]?.string)))
        }
        // What no row names is only spent by transactions that are broken in themselves.
        let missing = TransactionOutput(amount: .zero, scriptPubKey: Script())
        spending = transaction.inputs.map { outputs[$0.previousOutput] ?? missing }
    }

    var isWellFormed: Bool { (try? transaction.checkContextFree()) != nil }

    func passes(_ flags: ScriptFlags) -> Bool {
        (try? ScriptVerifier(transaction, spending: spending, flags: flags).verify()) != nil
    }
}

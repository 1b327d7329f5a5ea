import Bitcoin
import TestSupport
import Testing

@Suite("The examples of BIP 143 and BIP 341") struct SegwitVectors {
    @Test("signature hashes of segwit version 0 are the BIP's, for every type")
    func signatureHashes() throws {
        for row in try OwnVectors("bip143.json").cases("signatureHashes", count: 12) {
            let hash = SignatureHash.segwitV0(
                try Transaction(hex: row.text("transaction")),
                input: Int(try #require(row["input"]?.integer)),
                scriptCode: try Script(hex: row.text("scriptCode")),
                amount: Satoshi(try #require(row["amount"]?.integer)),
                type: SighashType(UInt32(try #require(row["type"]?.integer))))
            #expect(hash.hex == (try row.text("hash")))
        }
    }

    @Test("the signed transactions are valid, and none is with another amount or spent script")
    func signedTransactions() throws {
        for row in try OwnVectors("bip143.json").cases("signedTransactions", count: 5) {
            let transaction = try Transaction(hex: row.text("transaction"))
            let spending = try #require(row["spending"]?.array).map(Self.output)
            try ScriptJudge.verify(transaction, spending: spending)
            for index in spending.indices {
                var other = spending
                // The last bit of the program, key or hash.
                other[index].scriptPubKey.bytes[other[index].scriptPubKey.bytes.count - 2] ^= 1
                #expect(throws: ScriptFailure.self) {
                    try ScriptVerifier(transaction, spending: other).verify()
                }
                guard !transaction.inputs[index].witness.isEmpty else { continue }
                other = spending
                other[index].amount += Satoshi(1)
                #expect(throws: ScriptFailure.self) {
                    try ScriptVerifier(transaction, spending: other).verify()
                }
            }
        }
    }
    @Test("signature hashes of taproot are the BIP's, and its transaction is valid")
    func taproot() throws {
        let vectors = try OwnVectors("bip341.json")
        let unsigned = try Transaction(hex: vectors.content.text("unsigned"))
        let signed = try Transaction(hex: vectors.content.text("signed"))
        let spending = try vectors.cases("spending", count: 9).map(Self.output)
        let cache = SignatureHashCache(unsigned, spending: spending)
        for row in try vectors.cases("signatureHashes", count: 7) {
            let index = Int(try #require(row["input"]?.integer))
            let type = SighashType(UInt32(try #require(row["type"]?.integer)))
            let hash = SignatureHash.taproot(unsigned, input: index, type: type, cache: cache)
            #expect(hash?.hex == (try row.text("hash")))
        }
        try ScriptJudge.verify(signed, spending: spending)
    }

    private static func output(_ row: JSONValue) throws -> TransactionOutput {
        TransactionOutput(
            amount: Satoshi(try #require(row["amount"]?.integer)),
            scriptPubKey: try Script(hex: row.text("scriptPubKey")))
    }
}

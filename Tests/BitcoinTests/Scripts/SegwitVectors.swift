import Bitcoin
import TestSupport
import Testing

@Suite("BIP 143's examples") struct SegwitVectors {
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
            let spending = try #require(row["spending"]?.array).map {
                TransactionOutput(
                    amount: Satoshi(try #require($0["amount"]?.integer)),
                    scriptPubKey: try Script(hex: $0.text("scriptPubKey")))
            }
            try ScriptVerifier(transaction, spending: spending).verify()
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
}

import Bitcoin
import LightningCommitment
import TestSupport
import Testing

/// BOLT 3, appendices B and E.
@Suite("Funding script and keys of BOLT 3") struct KeyVectors {
    static let keys = VectorFile("bolt/bolt03-appendix-e-key-derivation.txt")
    static let funding = VectorFile("bolt/bolt03-appendix-b-funding.txt")

    /// The bytes behind `name: 0x` in the text.
    static func bytes(_ name: String, in text: String) throws -> [UInt8] {
        for line in text.split(separator: "\n") {
            let line = line.drop { $0 == " " }
            guard line.hasPrefix("\(name): ") else { continue }
            let digits = line.dropFirst(name.count + 2)
            return try Hex.decode(digits.hasPrefix("0x") ? digits.dropFirst(2) : digits)
        }
        throw VectorFileError.notFound(name: name)
    }

    @Test(
        "keys derive from basepoints and secrets",
        .enabled(if: keys.isPresent, "shared/vectors is not there"))
    func derivation() throws {
        let text = try Self.keys.text()
        let base = try PrivateKey(Self.bytes("base_secret", in: text))
        let secret = try PrivateKey(Self.bytes("per_commitment_secret", in: text))
        let point = secret.publicKey
        #expect(point.compressed == (try Self.bytes("per_commitment_point", in: text)))
        #expect(base.publicKey.compressed == (try Self.bytes("base_point", in: text)))
        let results = [
            (try base.publicKey.derived(for: point).compressed, "localpubkey"),
            (try base.derived(for: point).exposedBytes(), "localprivkey"),
            (try base.publicKey.revocationKey(for: point).compressed, "revocationpubkey"),
        ]
        var passed = 0
        for (bytes, name) in results {
            let expected = try Self.bytes(name, in: text)
            #expect(bytes == expected, "\(name)")
            passed += bytes == expected ? 1 : 0
        }
        // The last case has its result in a comment alone.
        let revocation = try base.revocationKey(for: secret)
        let isRight = text.contains("=> 0x\(Hex.encode(revocation.exposedBytes()))")
        #expect(isRight)
        #expect(revocation.publicKey == (try base.publicKey.revocationKey(for: point)))
        let cases = text.split(separator: "\n").count { $0.contains("    name: ") }
        #expect(cases == 4)
        Self.keys.record(cases: cases, run: 4, passed: passed + (isRight ? 1 : 0))
    }

    @Test(
        "the funding transaction is built and signed to the byte",
        .enabled(if: funding.isPresent, "shared/vectors is not there"))
    func fundingTransaction() throws {
        let text = try Self.funding.text()
        func decimal(_ name: String) throws -> Int64 {
            let line = try #require(text.split(separator: "\n").first { $0.contains("\(name): ") })
            return try #require(Int64(line.split(separator: " ").last ?? ""))
        }
        let script = FundingScript(
            try PublicKey(Self.bytes("remote_funding_pubkey", in: text)),
            try PublicKey(Self.bytes("local_funding_pubkey", in: text)))
        #expect(text.contains("# funding witness script = \(script.witnessScript.hex)"))
        let coinbase = try Transaction(
            decoding: Self.bytes("Block 1 coinbase transaction", in: text))
        let key = try PrivateKey(Self.bytes("Block 1 coinbase privkey", in: text).prefix(32))
        let expected = try Transaction(decoding: Self.bytes("funding tx", in: text))
        var transaction = Transaction(
            inputs: [TransactionInput(previousOutput: OutPoint(coinbase.id, 0))],
            outputs: [
                TransactionOutput(
                    amount: Satoshi(try decimal("funding satoshis")),
                    scriptPubKey: script.scriptPubKey),
                TransactionOutput(
                    amount: Satoshi(try decimal("change satoshis")),
                    scriptPubKey: expected.outputs[1].scriptPubKey),
            ])
        let hash = SignatureHash.legacy(
            transaction, input: 0, scriptCode: coinbase.outputs[0].scriptPubKey, type: .all)
        let signature = key.sign(hash, grindLowR: false).witnessItem()
        transaction.inputs[0].scriptSig =
            ScriptBuilder().push(signature).push(key.publicKey).script
        #expect(transaction == expected)
        #expect(text.contains("# txid: \(transaction.id)"))
        Self.funding.record(cases: 1, run: 1, passed: transaction == expected ? 1 : 0)
    }
}

import Bitcoin
import TestSupport
import Testing

@Suite("PSBT format") struct PSBTTests {
    let vectors: OwnVectors

    init() throws { vectors = try OwnVectors("psbt.json") }

    @Test("valid PSBTs of BIP 174, 370 and 371 are read and written back")
    func valid() throws {
        var identical = 0
        for row in try vectors.cases("valid", count: 30) {
            let text = try row.text("psbt")
            let psbt = try PSBT(base64: text)
            #expect(try PSBT(decoding: psbt.encoded) == psbt, "\(row)")
            #expect(psbt.encoded.count == (try Base64.decode(text)).count)
            identical += psbt.base64 == text ? 1 : 0
        }
        #expect(identical == 30)
    }

    @Test("invalid PSBTs of BIP 174, 370 and 371 are refused")
    func invalid() throws {
        for row in try vectors.cases("invalid", count: 55) {
            #expect(throws: PSBTError.self, "\(row)") { try PSBT(base64: row.text("psbt")) }
        }
    }

    @Test("a version 2 PSBT has the lock time that BIP 370 determines, or none")
    func lockTimes() throws {
        for row in try vectors.cases("lockTimes", count: 9) {
            let psbt = try PSBT(base64: row.text("psbt"))
            if let lockTime = row["lockTime"]?.integer {
                #expect(try psbt.unsignedTransaction().lockTime == LockTime(UInt32(lockTime)))
            } else {
                #expect(throws: PSBTError.incompatibleLockTimes) { try psbt.unsignedTransaction() }
            }
        }
    }

    @Test("a PSBT keeps its transaction and its entries from version to version")
    func conversion() throws {
        let psbt = try PSBT(decoding: Hex.decode(vectors.content.text("updated")))
        let second = try psbt.converted(to: .v2)
        #expect(second.version == .v2)
        #expect(try second.unsignedTransaction() == psbt.unsignedTransaction())
        #expect(try PSBT(decoding: second.encoded) == second)
        #expect(try second.converted(to: .v0) == psbt)
        #expect(throws: PSBTError.differentTransactions) { try psbt.combined(with: second) }
    }

    @Test("no cut or flipped byte brings the decoder down")
    func damaged() throws {
        let bytes = try Hex.decode(vectors.content.text("combined"))
        for count in stride(from: 0, to: bytes.count, by: 17) {
            #expect(throws: PSBTError.self) { try PSBT(decoding: Array(bytes[..<count])) }
        }
        for index in stride(from: 0, to: bytes.count, by: 5) {
            var damaged = bytes
            damaged[index] ^= 0x81
            if let psbt = try? PSBT(decoding: damaged) {
                #expect(try PSBT(decoding: psbt.encoded) == psbt)
            }
        }
    }

    @Test("base 64 takes the shortest form alone")
    func base64() throws {
        for count in 0..<20 {
            let bytes = [UInt8](0..<UInt8(count)).map { $0 &* 91 }
            #expect(try Base64.decode(Base64.encode(bytes)) == bytes)
        }
        #expect(Base64.encode(Array("foob".utf8)) == "Zm9vYg==")
        for text in ["Zm9vYg=", "Zm9vYh==", "Zm=vYg==", "====", "Zm9v\n", "Zm9vYg==Zm9v", "Zm 9"] {
            #expect(throws: DecodeError.self, "\(text)") { try Base64.decode(text) }
        }
    }
}

@Suite("PSBT roles") struct PSBTRoleTests {
    /// Keys in wallet import format.
    private struct Keys: PSBTKeySource {
        let keys: [PrivateKey]

        func privateKey(for publicKey: PublicKey, origin: KeyOrigin) -> PrivateKey? {
            keys.first { $0.publicKey == publicKey }
        }
    }

    let vectors: OwnVectors

    init() throws { vectors = try OwnVectors("psbt.json") }

    private func psbt(_ name: String) throws -> PSBT {
        try PSBT(decoding: Hex.decode(vectors.content.text(name)))
    }

    private func signer(_ name: String) throws -> Keys {
        let texts = try vectors.strings(name, count: 2)
        return Keys(keys: try texts.map { try WIF($0, network: .regtest).key })
    }

    @Test("the creator of BIP 174 makes its PSBT")
    func creator() throws {
        let transaction = Transaction(
            inputs: try [
                ("75ddabb27b8845f5247975c8a5ba7c6f336c4570708ebe230caf6db5217ae858", UInt32(0)),
                ("1dea7cd05979072a3578cab271c02244ea8a090bbb46aa680a65ecd027048d83", 1),
            ].map { id, index in
                TransactionInput(
                    previousOutput: OutPoint(try TransactionID(displayHex: id), index))
            },
            outputs: [
                TransactionOutput(
                    amount: Satoshi(149_990_000),
                    scriptPubKey: try Script(hex: "0014d85c2b71d0060b09c9886aeb815e50991dda124d")),
                TransactionOutput(
                    amount: Satoshi(100_000_000),
                    scriptPubKey: try Script(hex: "001400aea9a2e5f0f876a588df5546e8742d1d87008f")),
            ])
        #expect(PSBT(transaction).encoded == (try psbt("created")).encoded)
    }

    @Test("the updater of BIP 174 adds what it knows")
    func updater() throws {
        var psbt = try psbt("created")
        let redeem = try vectors.strings("redeemScripts", count: 2).map { try Script(hex: $0) }
        let previous = try vectors.strings("previousTransactions", count: 2)
            .map { try Transaction(hex: $0) }
        var origins: [[UInt8]: KeyOrigin] = [:]
        let master = try ExtendedPrivateKey(vectors.content.text("master"), network: .regtest)
        for row in try vectors.cases("keys", count: 6) {
            let path = try DerivationPath(row.text("path"))
            let key = try Hex.decode(row.text("key"))
            #expect(try master.derive(path).key.publicKey.compressed == key)
            origins[key] = KeyOrigin(master.fingerprint, path)
        }
        func keys(in script: Script) throws -> [[UInt8]: KeyOrigin] {
            let pushed = try script.instructions().map { Array($0.data) }
            return origins.filter { pushed.contains($0.key) }
        }
        let witnessScript = try Script(
            hex: vectors.strings("witnessScripts", count: 1)[0])
        let spent = try psbt.unsignedTransaction().inputs.map { input in
            try #require(previous.first { $0.id == input.previousOutput.transactionID })
        }
        psbt.inputs[0].previousTransaction = spent[0]
        psbt.inputs[0].redeemScript = redeem[0]
        psbt.inputs[0].derivations = try keys(in: redeem[0])
        psbt.inputs[1].witnessOutput = spent[1].outputs[1]
        psbt.inputs[1].redeemScript = redeem[1]
        psbt.inputs[1].witnessScript = witnessScript
        psbt.inputs[1].derivations = try keys(in: witnessScript)
        for (index, output) in try psbt.unsignedTransaction().outputs.enumerated() {
            psbt.outputs[index].derivations = origins.filter {
                Script.payToWitnessPublicKeyHash(Hash160(hashing: $0.key)) == output.scriptPubKey
            }
        }
        #expect(psbt == (try self.psbt("updated")))
        for index in psbt.inputs.indices { psbt.inputs[index].sighashType = .all }
        #expect(psbt.encoded == (try self.psbt("withSighash")).encoded)
    }

    @Test("the signers of BIP 174 add their signatures, by key or by path")
    func signers() throws {
        var options = PSBTSigningOptions()
        options.grindsLowR = false
        for (name, result) in [("firstSigner", "signedFirst"), ("secondSigner", "signedSecond")] {
            var psbt = try psbt("withSighash")
            #expect(try psbt.sign(with: signer(name), options) == 2)
            #expect(psbt.encoded == (try self.psbt(result)).encoded)
        }
        let master = try ExtendedPrivateKey(vectors.content.text("master"), network: .regtest)
        var psbt = try psbt("withSighash")
        #expect(try psbt.sign(with: master, options) == 4)
        #expect(try psbt.sign(with: master) == 0)
        #expect(psbt.encoded == (try self.psbt("combined")).encoded)
    }

    @Test("what fails the signer's checks in BIP 174 is not signed")
    func signerChecks() throws {
        let rows = try vectors.cases("failsSigner", count: 4)
        let expected: [PSBTError] = [
            .missingPreviousTransaction(input: 0), .wrongRedeemScript(input: 0),
            .wrongRedeemScript(input: 1), .wrongWitnessScript(input: 1),
        ]
        for (row, expected) in zip(rows, expected) {
            var psbt = try PSBT(base64: row.text("psbt"))
            let keys = Keys(keys: [])
            #expect(throws: expected, "\(row)") {
                for index in psbt.inputs.indices { _ = try psbt.sign(index, with: keys) }
            }
        }
    }

    @Test("combiner, finalizer and extractor of BIP 174 give its results")
    func combineAndFinalize() throws {
        let (first, second) = (try psbt("signedFirst"), try psbt("signedSecond"))
        var psbt = try first.combined(with: second)
        #expect(psbt == (try second.combined(with: first)))
        #expect(psbt.encoded == (try self.psbt("combined")).encoded)
        #expect(throws: PSBTError.notFinal(input: 0)) { try psbt.extractTransaction() }
        try psbt.finalize()
        #expect(psbt.encoded == (try self.psbt("finalized")).encoded)
        let transaction = try psbt.extractVerifiedTransaction()
        #expect(Hex.encode(transaction.encoded) == (try vectors.content.text("transaction")))
        var incomplete = first
        #expect(throws: PSBTError.missingSignatures(input: 0, needed: 2, available: 1)) {
            try incomplete.finalize()
        }
        incomplete.inputs[0].sighashType = SighashType.none
        #expect(throws: PSBTError.sighashTypeMismatch(input: 0, expected: .none, actual: .all)) {
            try incomplete.finalize(0)
        }
    }

    @Test("a combiner keeps unknown entries")
    func combineUnknown() throws {
        let combined = try psbt("unknownFirst").combined(with: psbt("unknownSecond"))
        #expect(combined.encoded == (try psbt("unknownCombined")).encoded)
    }

    @Test("a combiner refuses another transaction, even one that differs in its lock time alone")
    func combineOthers() throws {
        let first = try psbt("created")
        var transaction = try first.unsignedTransaction()
        transaction.lockTime = LockTime(1)
        for other in [PSBT(transaction), try first.converted(to: .v2)] {
            #expect(throws: PSBTError.differentTransactions) { try first.combined(with: other) }
        }
    }

    @Test("in version 2 sequences may differ, and what one signer closed stays closed")
    func combineVersion2() throws {
        var first = try psbt("created").converted(to: .v2)
        var second = first
        first.modifiable = [.inputs, .hasSighashSingle]
        second.modifiable = [.inputs, .outputs]
        second.inputs[0].sequence = .replaceable
        let combined = try second.combined(with: first)
        #expect(combined.modifiable == [.inputs, .hasSighashSingle])
        #expect(combined.inputs[0].sequence == .replaceable)
        #expect(try first.combined(with: second).inputs[0].sequence == .final)
        second.inputs[0].outputIndex = 7
        #expect(throws: PSBTError.differentTransactions) { try first.combined(with: second) }
    }
}

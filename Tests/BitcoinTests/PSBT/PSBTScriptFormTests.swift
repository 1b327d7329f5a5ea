import Bitcoin
import TestSupport
import Testing

/// A wallet of three keys that can describe coins of every form to a PSBT.
private struct Coins {
    let master: ExtendedPrivateKey
    let keys: [PublicKey]
    let origins: [KeyOrigin]

    init() throws {
        master = try ExtendedPrivateKey(seed: SecretBytes([UInt8](0..<32)))
        let paths = try ["m/0'/1", "m/0'/2", "m/7/8/9"].map { try DerivationPath($0) }
        keys = try paths.map { [master] in try master.derive($0).key.publicKey }
        origins = paths.map { [master] in KeyOrigin(master.fingerprint, $0) }
    }

    /// A script that locks a coin, and what a PSBT has to say to unlock it.
    struct Form {
        let name: String
        let script: Script
        let describe: (inout PSBTInput) -> Void
    }

    private func nested(_ name: String, _ script: Script, witness: Bool = false) -> [Form] {
        let addDerivations: (inout PSBTInput) -> Void = { [keys, origins] input in
            for (key, origin) in zip(keys, origins) { input.derivations[key.compressed] = origin }
        }
        let direct = Form(name: name, script: script, describe: addDerivations)
        let inHash = Form(name: "P2SH \(name)", script: .payToScriptHash(of: script)) { input in
            input.redeemScript = script
            addDerivations(&input)
        }
        let program = Script.payToWitnessScriptHash(of: script)
        let inWitness = Form(name: "P2WSH \(name)", script: program) { input in
            input.witnessScript = script
            addDerivations(&input)
        }
        let inBoth = Form(name: "P2SH P2WSH \(name)", script: .payToScriptHash(of: program)) {
            input in
            input.witnessScript = script
            input.redeemScript = program
            addDerivations(&input)
        }
        return witness ? [direct, inHash] : [direct, inHash, inWitness, inBoth]
    }

    private func taproot() throws -> [Form] {
        let internalKey = keys[0].xOnly.key
        let single = TapLeaf(
            ScriptBuilder().push(keys[1].xOnly.key).op(.checkSig).script)
        let two = TapLeaf(
            ScriptBuilder().push(keys[0].xOnly.key).op(.checkSig).push(keys[1].xOnly.key)
                .op(.checkSigAdd).push(keys[2].xOnly.key).op(.checkSigAdd).push(2).op(.numEqual)
                .script)
        let tree = TapTree.branch(.leaf(single), .leaf(two))
        let plain = try Taproot.outputKey(internalKey, root: nil).key
        let output = try Taproot.outputKey(internalKey, root: tree.root)
        let keyPath = Form(name: "P2TR", script: .payToTaproot(plain)) { [origins] input in
            input.taprootInternalKey = internalKey
            input.taprootDerivations[internalKey] = TaprootKeyOrigin(origins[0])
        }
        let scriptPaths = tree.paths.map { leaf, path in
            Form(
                name: "P2TR script \(leaf.script.bytes.count)", script: .payToTaproot(output.key)
            ) { [keys, origins] input in
                input.taprootMerkleRoot = tree.root
                let control = Taproot.controlBlock(
                    internalKey: internalKey, isOdd: output.isOdd, path: path)
                input.taprootLeafScripts[control] = leaf
                for (key, origin) in zip(keys, origins) {
                    input.taprootDerivations[key.xOnly.key] = TaprootKeyOrigin(
                        leaves: [leaf.hash], origin)
                }
            }
        }
        return [keyPath] + scriptPaths
    }

    func forms() throws -> [Form] {
        try nested("P2PK", .payToPublicKey(keys[0]))
            + nested("P2PKH", .payToPublicKeyHash(of: keys[1]))
            + nested("multisig", Script.multisig(required: 2, keys))
            + nested("P2WPKH", .payToWitnessPublicKeyHash(of: keys[2]), witness: true)
            + taproot()
            + [Form(name: "P2A", script: .payToAnchor, describe: { _ in })]
    }
}

@Suite("PSBT script forms") struct PSBTScriptFormTests {
    private static func make(_ forms: [Coins.Form]) throws -> PSBT {
        let previous = Transaction(
            inputs: [TransactionInput(previousOutput: OutPoint(TransactionID(.zero), 5))],
            outputs: forms.enumerated().map { index, form in
                TransactionOutput(amount: Satoshi(10_000 + Int64(index)), scriptPubKey: form.script)
            })
        let spending = Transaction(
            inputs: forms.indices.map {
                TransactionInput(previousOutput: OutPoint(previous.id, UInt32($0)))
            },
            outputs: [TransactionOutput(amount: Satoshi(5_000), scriptPubKey: .payToAnchor)])
        var psbt = PSBT(spending)
        for (index, form) in forms.enumerated() {
            form.describe(&psbt.inputs[index])
            psbt.inputs[index].previousTransaction = previous
        }
        return psbt
    }

    @Test(
        "coins of every standard form are signed, finalized and accepted by both judges",
        arguments: [PSBT.Version.v0, .v2])
    func everyForm(_ version: PSBT.Version) throws {
        let coins = try Coins()
        let forms = try coins.forms()
        #expect(forms.count == 18)
        var psbt = try Self.make(forms).converted(to: version)
        if version == .v2 { psbt.modifiable = [.inputs, .outputs] }
        psbt = try PSBT(decoding: psbt.encoded)
        _ = try psbt.sign(with: coins.master)
        psbt = try PSBT(decoding: psbt.encoded)
        try psbt.finalize()
        #expect(psbt.modifiable == (version == .v2 ? [] : nil))
        let transaction = try psbt.extractVerifiedTransaction()
        try ScriptJudge.verify(transaction, spending: psbt.spentOutputs())
    }

    @Test("a wrong signature is found before the transaction leaves")
    func wrongSignature() throws {
        let coins = try Coins()
        let forms = try coins.forms().filter { $0.name == "P2WPKH" }
        var psbt = try Self.make(forms)
        #expect(try psbt.sign(with: coins.master) == 1)
        let other = try PrivateKey([UInt8](repeating: 9, count: 32)).sign(SHA256.hash([1]))
        psbt.inputs[0].partialSignatures[coins.keys[2].compressed] = other.der + [1]
        try psbt.finalize()
        #expect(throws: PSBTError.self) { try psbt.extractVerifiedTransaction() }
        _ = try psbt.extractTransaction()
    }

    @Test("a signer refuses a type that leaves outputs open, unless told otherwise")
    func refusedTypes() throws {
        let coins = try Coins()
        let forms = try coins.forms().filter { $0.name == "P2WPKH" }
        var psbt = try Self.make(forms)
        psbt.inputs[0].sighashType = SighashType.none
        #expect(throws: PSBTError.invalidSighashType(input: 0, .none)) {
            try psbt.sign(with: coins.master)
        }
        var options = PSBTSigningOptions()
        options.acceptedTypes.insert(.none)
        #expect(try psbt.sign(with: coins.master, options) == 1)
    }

    @Test("a previous transaction that is another, or contradicts the output, is refused")
    func wrongPrevious() throws {
        let coins = try Coins()
        let forms = try coins.forms().filter { $0.name == "P2WPKH" }
        let psbt = try Self.make(forms)
        var wrong = psbt
        wrong.inputs[0].previousTransaction?.version = 1
        #expect(throws: PSBTError.wrongPreviousTransaction(input: 0)) {
            try wrong.sign(with: coins.master)
        }
        wrong = psbt
        wrong.inputs[0].witnessOutput = TransactionOutput(
            amount: Satoshi(1), scriptPubKey: forms[0].script)
        #expect(throws: PSBTError.conflictingSpentOutputs(input: 0)) {
            try wrong.sign(with: coins.master)
        }
        wrong.inputs[0].previousTransaction = nil
        wrong.inputs[0].witnessOutput = nil
        #expect(throws: PSBTError.missingSpentOutput(input: 0)) {
            try wrong.sign(with: coins.master)
        }
    }

    @Test("a taproot tree in an output is whole and in order, or refused")
    func trees() throws {
        let leaf = TapLeaf(ScriptBuilder().op(.push1).script)
        func isWhole(_ depths: [UInt8]) throws -> Bool {
            var psbt = try Self.make([])
            psbt = PSBT(
                Transaction(
                    inputs: [TransactionInput(previousOutput: OutPoint(TransactionID(.zero), 1))],
                    outputs: [TransactionOutput(amount: Satoshi(1), scriptPubKey: .payToAnchor)]))
            psbt.outputs[0].taprootTree = depths.map { TaprootTreeLeaf(depth: $0, leaf) }
            guard let read = try? PSBT(decoding: psbt.encoded) else { return false }
            return read.outputs[0].taprootTree?.map(\.depth) == depths
        }
        for depths in [[0], [1, 1], [2, 2, 1], [1, 2, 2], [2, 2, 2, 2], [1, 3, 3, 2]] as [[UInt8]] {
            #expect(try isWhole(depths), "\(depths)")
        }
        for depths in [[], [1], [0, 0], [1, 1, 1], [2, 1, 2], [2, 2], [129]] as [[UInt8]] {
            #expect(try !isWhole(depths), "\(depths)")
        }
    }
}

import CSecp256k1

extension ScriptVerifier {
    /// Verifies a witness program (BIP 141). `isNested` tells that it stood inside pay-to-script-hash.
    func verifyWitness(
        _ program: (version: UInt8, program: [UInt8]), _ witness: [[UInt8]], isNested: Bool,
        _ checker: SignatureChecker
    ) throws(ScriptError) {
        switch (program.version, program.program.count) {
        case (0, 20): try verifyKeyHash(program.program, witness, checker)
        case (0, 32): try verifyScriptHash(program.program, witness, checker)
        case (0, _): throw .witnessProgramWrongLength
        case (1, 32) where !isNested:
            guard flags.contains(.taproot) else { return }
            try verifyTaproot(program.program, witness, checker)
        case (1, 2) where !isNested && program.program == Script.anchorProgram: return
        default:
            if flags.contains(.discourageUpgradableWitnessProgram) {
                throw .discourageUpgradableWitnessProgram
            }
        }
    }

    private func verifyKeyHash(
        _ hash: [UInt8], _ witness: [[UInt8]], _ checker: SignatureChecker
    ) throws(ScriptError) {
        guard witness.count == 2 else { throw .witnessProgramMismatch }
        let script = ScriptBuilder().op(.dup, .hash160).push(hash).op(.equalVerify, .checkSig)
            .script
        try execute(script, .witnessV0, witness, checker)
    }

    private func verifyScriptHash(
        _ hash: [UInt8], _ witness: [[UInt8]], _ checker: SignatureChecker
    ) throws(ScriptError) {
        guard let script = witness.last else { throw .witnessProgramWitnessEmpty }
        guard SHA256.hash(script).withUnsafeBytes({ $0.elementsEqual(hash) }) else {
            throw .witnessProgramMismatch
        }
        try execute(Script(script), .witnessV0, witness.dropLast(), checker)
    }

    /// Executes a witness script, which has to leave one true item and no other.
    private func execute(
        _ script: Script, _ version: ScriptInterpreter.Version, _ items: some Sequence<[UInt8]>,
        _ checker: SignatureChecker, _ tapscript: TapscriptContext? = nil
    ) throws(ScriptError) {
        let stack = ScriptStack(Array(items))
        for item in stack.items where item.count > Script.maximumItemSize { throw .pushSize }
        var interpreter = ScriptInterpreter(
            script, version, stack: stack, checker: checker, flags: flags, tapscript: tapscript)
        try interpreter.run()
        guard interpreter.stack.count == 1 else { throw .cleanStack }
        guard ScriptStack.isTrue(interpreter.stack[0]) else { throw .evaluatedFalse }
    }
}

// MARK: - Taproot

extension ScriptVerifier {
    private func verifyTaproot(
        _ outputKey: [UInt8], _ witness: [[UInt8]], _ checker: SignatureChecker
    ) throws(ScriptError) {
        var items = witness[...]
        var checker = checker
        if items.count >= 2, let last = items.last, last.first == Taproot.annexTag {
            checker.annexHash = SignatureHash.annexHash(last)
            items.removeLast()
        }
        guard let control = items.popLast() else { throw .witnessProgramWitnessEmpty }
        guard let script = items.popLast() else {
            // The only item is a signature by the output's key.
            return try checker.checkSchnorr(control, key: outputKey, tapscript: nil)
        }
        guard control.count >= 33, (control.count - 33) % 32 == 0,
            (control.count - 33) / 32 <= Taproot.maximumPathLength
        else { throw .taprootWrongControlSize }
        let version = control[0] & 0xfe
        let leaf = TapLeaf.hash(version: version, script: script)
        guard Taproot.isCommitted(leaf, control: control, outputKey: outputKey) else {
            throw .witnessProgramMismatch
        }
        if version == TapLeaf.tapscript {
            let weight = Transaction.size(ofWitness: witness) + TapscriptContext.signatureWeight
            try verifyTapscript(
                Script(script), items, checker, TapscriptContext(leaf: leaf, weightLeft: weight))
        } else if flags.contains(.discourageUpgradableTaprootVersion) {
            throw .discourageUpgradableTaprootVersion
        }
    }

    private func verifyTapscript(
        _ script: Script, _ items: ArraySlice<[UInt8]>, _ checker: SignatureChecker,
        _ context: TapscriptContext
    ) throws(ScriptError) {
        var reader = ScriptReader(script)
        while let instruction = try reader.next() {
            guard Opcode.isSuccess(instruction.code) else { continue }
            if flags.contains(.discourageOpSuccess) { throw .discourageOpSuccess }
            return
        }
        guard items.count <= ScriptStack.limit else { throw .stackSize }
        try execute(script, .tapscript, items, checker, context)
    }
}

extension Taproot {
    /// The first byte of an annex: the last item of a witness with two items or more (BIP 341).
    public static let annexTag: UInt8 = 0x50

    /// Whether a control block leads from `leaf` to the output's key, an x coordinate.
    static func isCommitted(_ leaf: Hash256, control: [UInt8], outputKey: [UInt8]) -> Bool {
        guard let internalKey = try? XOnlyPublicKey(Array(control[1..<33])) else { return false }
        var node = leaf
        for start in stride(from: 33, to: control.count, by: 32) {
            let sibling = Hash256(unsafeFilling: { $0.copyBytes(from: control[start..<start + 32]) }
            )
            node = branchHash(node, sibling)
        }
        var key = internalKey.raw
        return tweak(internalKey, root: node).withScalar { tweak in
            secp256k1_xonly_pubkey_tweak_add_check(
                Secp256k1.context, outputKey, Int32(control[0] & 1), &key, tweak) == 1
        }
    }
}

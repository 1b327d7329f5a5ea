/// The roles that turn signatures into a transaction (BIP 174, "Input Finalizer" and "Transaction Extractor").
extension PSBT {
    /// Completes all inputs that are not final yet.
    public mutating func finalize() throws(PSBTError) {
        let context = try PSBTContext(self)
        for index in inputs.indices where !inputs[index].isFinal { try finalize(index, context) }
    }

    /// Builds the script and witness of input `index` from its signatures and drops what is no longer needed.
    public mutating func finalize(_ index: Int) throws(PSBTError) {
        try finalize(index, PSBTContext(self))
    }

    private mutating func finalize(_ index: Int, _ context: PSBTContext) throws(PSBTError) {
        let spend = try spend(index, context)
        let template = try context.spentOutput(index).scriptPubKey.template
        let input = inputs[index]
        var scriptSig = Script()
        var witness: [[UInt8]] = []
        switch spend {
        case .legacy(let script):
            for item in try stack(index, script) { scriptSig.appendDataPush(item) }
            if case .payToScriptHash = template { scriptSig.appendDataPush(script.bytes) }
        case .segwitV0(let scriptCode):
            witness = try stack(index, scriptCode)
            if let witnessScript = input.witnessScript { witness.append(witnessScript.bytes) }
            if let redeem = input.redeemScript { scriptSig.appendDataPush(redeem.bytes) }
        case .taproot: witness = try taprootWitness(index)
        case .anyone: break
        }
        inputs[index].setFinal(scriptSig, witness)
    }

    /// The transaction with all scripts and witnesses, which still has to be verified.
    ///
    /// Throws ``PSBTError/notFinal(input:)``.
    public func extractTransaction() throws(PSBTError) -> Transaction {
        var transaction = try unsignedTransaction()
        for (index, input) in inputs.enumerated() {
            guard input.isFinal else { throw .notFinal(input: index) }
            transaction.inputs[index].scriptSig = input.finalScriptSig ?? Script()
            transaction.inputs[index].witness = input.finalWitness ?? []
        }
        return transaction
    }

    /// The transaction with all scripts and witnesses, after the script interpreter has accepted each of them.
    ///
    /// Throws ``PSBTError/notFinal(input:)`` or ``PSBTError/scriptFailure(_:)``.
    public func extractVerifiedTransaction(
        flags: ScriptFlags = .standard
    ) throws(PSBTError) -> Transaction {
        let transaction = try extractTransaction()
        let verifier = ScriptVerifier(transaction, spending: try spentOutputs(), flags: flags)
        do {
            try verifier.verify()
        } catch {
            throw .scriptFailure(error)
        }
        return transaction
    }

    /// What satisfies `script`, in the order of the stack.
    private func stack(_ index: Int, _ script: Script) throws(PSBTError) -> [[UInt8]] {
        let signatures = inputs[index].partialSignatures
        if let expected = inputs[index].sighashType {
            for signature in signatures.values {
                try checkType(of: signature, is: expected, index)
            }
        }
        switch script.template {
        case .payToPublicKey(let key):
            guard let signature = signatures[key] else {
                throw .missingSignatures(input: index, needed: 1, available: 0)
            }
            return [signature]
        case .payToPublicKeyHash(let hash):
            guard let found = signatures.first(where: { Hash160(hashing: $0.key) == hash }) else {
                throw .missingSignatures(input: index, needed: 1, available: 0)
            }
            return [found.value, found.key]
        case .bareMultisig(let required, let keys):
            let available = keys.compactMap { signatures[$0] }
            guard available.count >= required else {
                throw .missingSignatures(
                    input: index, needed: required, available: available.count)
            }
            return [[]] + available.prefix(required)
        case .payToScriptHash, .payToWitnessPublicKeyHash, .payToWitnessScriptHash, .payToTaproot,
            .payToAnchor, .futureWitness, .nullData, .nonStandard:
            throw .unknownScriptForm(input: index)
        }
    }

    private func checkType(
        of signature: [UInt8], is expected: SighashType, _ index: Int
    ) throws(PSBTError) {
        let actual = SighashType(UInt32(signature.last ?? 0))
        guard actual == expected else {
            throw .sighashTypeMismatch(input: index, expected: expected, actual: actual)
        }
    }

    private func taprootWitness(_ index: Int) throws(PSBTError) -> [[UInt8]] {
        let input = inputs[index]
        let signatures = Array(input.taprootScriptSignatures.values)
        if let expected = input.sighashType {
            for signature in signatures + (input.taprootKeySignature.map { [$0] } ?? []) {
                let full = signature.count == 64 ? signature + [0] : signature
                try checkType(of: full, is: expected, index)
            }
        }
        if let signature = input.taprootKeySignature { return [signature] }
        // The shortest way to the root makes the cheapest witness.
        let leaves = input.taprootLeafScripts.sorted {
            ($0.key.count, $0.value.script.bytes.count) < (
                $1.key.count, $1.value.script.bytes.count
            )
        }
        for (controlBlock, leaf) in leaves {
            guard let items = TapscriptTemplate(leaf)?.stack(input.taprootScriptSignatures) else {
                continue
            }
            return items + [leaf.script.bytes, controlBlock]
        }
        throw .missingSignatures(input: index, needed: 1, available: signatures.count)
    }
}

extension PSBTInput {
    /// Keeps the outputs spent, what version 2 demands and what is unknown, beside the result.
    fileprivate mutating func setFinal(_ scriptSig: Script, _ witness: [[UInt8]]) {
        for type in PSBTInputType.allCases {
            switch type {
            case .previousTransaction, .witnessOutput, .previousTransactionID, .outputIndex,
                .sequence, .requiredTimeLock, .requiredHeightLock, .proprietary, .proofOfReserves:
                continue
            case .partialSignature, .sighashType, .redeemScript, .witnessScript, .derivation,
                .finalScriptSig, .finalWitness, .ripemd160Preimage, .sha256Preimage,
                .hash160Preimage, .hash256Preimage, .taprootKeySignature, .taprootScriptSignature,
                .taprootLeafScript, .taprootDerivation, .taprootInternalKey, .taprootMerkleRoot:
                map.removeAll(ofType: type.rawValue)
            }
        }
        if !scriptSig.isEmpty { finalScriptSig = scriptSig }
        if !witness.isEmpty || scriptSig.isEmpty { finalWitness = witness }
    }
}

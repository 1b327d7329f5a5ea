/// How an input is to be satisfied, found out from its output and the scripts given for it, whose hashes have been
/// checked.
enum PSBTSpend {
    /// Before segwit: the script that signatures cover.
    case legacy(Script)
    /// Segwit version 0: the script that signatures cover, and that of the program.
    case segwitV0(scriptCode: Script)
    /// Taproot, with the output's key.
    case taproot(XOnlyPublicKey)
    /// An output that takes no signature, as P2A does.
    case anyone
}

/// The transaction of a PSBT and the outputs that it spends, found once for all inputs.
struct PSBTContext {
    let transaction: Transaction
    /// With the spent outputs where all are known, as taproot needs.
    let cache: SignatureHashCache
    private let spent: [Result<TransactionOutput, PSBTError>]

    init(_ psbt: PSBT) throws(PSBTError) {
        let transaction = try psbt.unsignedTransaction()
        guard transaction.inputs.count == psbt.inputs.count else {
            throw .noSuchInput(min(transaction.inputs.count, psbt.inputs.count))
        }
        spent = zip(psbt.inputs, transaction.inputs).enumerated().map { index, pair in
            Result { () throws(PSBTError) in
                try pair.0.spentOutput(pair.1.previousOutput, index: index)
            }
        }
        let known = spent.compactMap { try? $0.get() }
        cache = SignatureHashCache(
            transaction, spending: known.count == spent.count ? known : nil)
        self.transaction = transaction
    }

    /// The output that input `index` spends.
    func spentOutput(_ index: Int) throws(PSBTError) -> TransactionOutput {
        guard spent.indices.contains(index) else { throw .noSuchInput(index) }
        return try spent[index].get()
    }

    /// The outputs that all inputs spend.
    func spentOutputs() throws(PSBTError) -> [TransactionOutput] {
        var outputs: [TransactionOutput] = []
        for output in spent { outputs.append(try output.get()) }
        return outputs
    }
}

extension PSBTInput {
    /// The output of that name, after checking the previous transaction against it.
    fileprivate func spentOutput(
        _ name: OutPoint, index: Int
    ) throws(PSBTError) -> TransactionOutput {
        guard let previous = previousTransaction else {
            guard let witnessOutput else { throw .missingSpentOutput(input: index) }
            return witnessOutput
        }
        guard previous.id == name.transactionID, Int(name.index) < previous.outputs.count else {
            throw .wrongPreviousTransaction(input: index)
        }
        let output = previous.outputs[Int(name.index)]
        guard witnessOutput == nil || witnessOutput == output else {
            throw .conflictingSpentOutputs(input: index)
        }
        return output
    }
}

extension PSBT {
    /// The outputs that all inputs spend, in order, after checking the previous transactions against their names.
    ///
    /// Throws ``PSBTError/missingSpentOutput(input:)``, ``PSBTError/wrongPreviousTransaction(input:)`` or
    /// ``PSBTError/conflictingSpentOutputs(input:)``.
    public func spentOutputs() throws(PSBTError) -> [TransactionOutput] {
        try PSBTContext(self).spentOutputs()
    }

    /// How input `index` is to be satisfied; the checks that BIP 174 asks of signers.
    func spend(_ index: Int, _ context: PSBTContext) throws(PSBTError) -> PSBTSpend {
        let output = try context.spentOutput(index)
        let input = inputs[index]
        var script = output.scriptPubKey
        var isNested = false
        if case .payToScriptHash(let hash) = script.template {
            guard let redeem = input.redeemScript else { throw .missingScript(input: index) }
            guard Hash160(hashing: redeem.bytes) == hash else {
                throw .wrongRedeemScript(input: index)
            }
            script = redeem
            isNested = true
        } else if input.redeemScript != nil {
            throw .wrongRedeemScript(input: index)
        }
        switch script.template {
        case .payToWitnessPublicKeyHash(let hash):
            return .segwitV0(scriptCode: .payToPublicKeyHash(hash))
        case .payToWitnessScriptHash(let hash):
            guard let witnessScript = input.witnessScript else {
                throw .missingScript(input: index)
            }
            guard SHA256.hash(witnessScript.bytes) == hash else {
                throw .wrongWitnessScript(input: index)
            }
            return .segwitV0(scriptCode: witnessScript)
        case .payToTaproot(let x) where !isNested:
            guard let key = try? XOnlyPublicKey(x) else {
                throw .unknownScriptForm(input: index)
            }
            return .taproot(key)
        case .payToAnchor where !isNested: return .anyone
        case .payToTaproot, .payToAnchor, .futureWitness, .nullData:
            throw .unknownScriptForm(input: index)
        case .payToPublicKey, .payToPublicKeyHash, .payToScriptHash, .bareMultisig, .nonStandard:
            // A signature before segwit does not cover the amount: only the whole transaction proves it.
            guard input.previousTransaction != nil else {
                throw .missingPreviousTransaction(input: index)
            }
            return .legacy(script)
        }
    }
}

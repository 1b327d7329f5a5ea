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

extension PSBT {
    /// The outputs that all inputs spend, in order.
    ///
    /// Throws ``PSBTError/missingSpentOutput(input:)`` and what ``spentOutput(_:)`` throws.
    public func spentOutputs() throws(PSBTError) -> [TransactionOutput] {
        var outputs: [TransactionOutput] = []
        for index in inputs.indices { outputs.append(try spentOutput(index)) }
        return outputs
    }

    /// The output that input `index` spends, after checking the previous transaction against its name.
    public func spentOutput(_ index: Int) throws(PSBTError) -> TransactionOutput {
        let transaction = try unsignedTransaction()
        guard inputs.indices.contains(index), transaction.inputs.indices.contains(index) else {
            throw .noSuchInput(index)
        }
        let input = inputs[index]
        guard let previous = input.previousTransaction else {
            guard let output = input.witnessOutput else {
                throw .missingSpentOutput(input: index)
            }
            return output
        }
        let name = transaction.inputs[index].previousOutput
        guard previous.id == name.transactionID, Int(name.index) < previous.outputs.count else {
            throw .wrongPreviousTransaction(input: index)
        }
        let output = previous.outputs[Int(name.index)]
        guard input.witnessOutput == nil || input.witnessOutput == output else {
            throw .conflictingSpentOutputs(input: index)
        }
        return output
    }

    /// How input `index` is to be satisfied; the checks that BIP 174 asks of signers.
    func spend(_ index: Int) throws(PSBTError) -> PSBTSpend {
        let output = try spentOutput(index)
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

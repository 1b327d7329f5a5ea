extension RelayPolicy {
    /// Throws where an input spends an output of no usual form, or a P2SH script with too many signature operations.
    public func checkStandardInputs(
        of transaction: Transaction, spending spent: [TransactionOutput]
    ) throws(TransactionRejection) {
        for (input, output) in zip(transaction.inputs, spent) {
            switch output.scriptPubKey.template {
            case .payToPublicKey, .payToPublicKeyHash, .payToWitnessPublicKeyHash,
                .payToWitnessScriptHash, .payToTaproot, .payToAnchor, .bareMultisig, .nullData:
                break
            case .payToScriptHash:
                guard let redeemScript = input.scriptSig.lastPush,
                    Script(redeemScript).sigOpCount(accurately: true)
                        <= RelayPolicy.maximumScriptHashSigOps
                else { throw .nonstandardInputs }
            case .futureWitness, .nonStandard:
                throw .nonstandardInputs
            }
        }
    }

    /// Throws where a witness is larger than its usual forms, or has nothing to say to the output that is spent.
    public func checkStandardWitness(
        of transaction: Transaction, spending spent: [TransactionOutput]
    ) throws(TransactionRejection) {
        for (input, output) in zip(transaction.inputs, spent) where !input.witness.isEmpty {
            guard RelayPolicy.isStandard(input, spending: output.scriptPubKey) else {
                throw .nonstandardWitness
            }
        }
    }

    private static func isStandard(_ input: TransactionInput, spending script: Script) -> Bool {
        if script.template == .payToAnchor { return false }
        var program = script
        var isNested = false
        if case .payToScriptHash = script.template {
            guard let redeemScript = input.scriptSig.lastPush else { return false }
            program = Script(redeemScript)
            isNested = true
        }
        guard let (version, bytes) = program.witnessProgram else { return false }
        switch (version, bytes.count) {
        case (0, 32): return isStandardScriptHash(input.witness)
        case (1, 32) where !isNested: return isStandardTaproot(input.witness)
        default: return true
        }
    }

    /// P2WSH: a script of at most 3,600 bytes and at most 100 items of at most 80 bytes.
    private static func isStandardScriptHash(_ witness: [[UInt8]]) -> Bool {
        guard let script = witness.last else { return false }
        return script.count <= 3600 && witness.count - 1 <= 100
            && witness.dropLast().allSatisfy { $0.count <= 80 }
    }

    /// P2TR: no annex, and for a tapscript items of at most 80 bytes.
    private static func isStandardTaproot(_ witness: [[UInt8]]) -> Bool {
        guard witness.count >= 2 else { return !witness.isEmpty }
        guard witness.last?.first != 0x50 else { return false }
        guard let leaf = witness.last?.first else { return false }
        guard leaf & 0xfe == 0xc0 else { return true }
        return witness.dropLast(2).allSatisfy { $0.count <= 80 }
    }
}

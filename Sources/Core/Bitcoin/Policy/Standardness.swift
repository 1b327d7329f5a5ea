extension RelayPolicy {
    /// Throws the first rule of standardness that the transaction breaks in itself, in Bitcoin Core's order.
    public func checkStandard(_ transaction: Transaction) throws(TransactionRejection) {
        guard (1...RelayPolicy.maximumVersion).contains(transaction.version) else {
            throw .version(transaction.version)
        }
        let weight = transaction.weight
        guard weight <= .maximumStandard else { throw .tooHeavy(weight) }
        for input in transaction.inputs {
            let size = input.scriptSig.bytes.count
            guard size <= RelayPolicy.maximumScriptSigSize else { throw .scriptSigSize(size) }
            guard input.scriptSig.isPushOnly else { throw .scriptSigNotPushOnly }
        }
        var nullDataCount = 0
        for output in transaction.outputs {
            try checkStandard(output, nullDataCount: &nullDataCount)
        }
        let dustCount = dustOutputs(of: transaction).count
        guard dustCount <= RelayPolicy.maximumDustOutputs else { throw .dustOutputs(dustCount) }
        guard nullDataCount <= 1 else { throw .multipleNullData }
        guard transaction.baseSize >= RelayPolicy.minimumBaseSize else {
            throw .tooSmall(bytes: transaction.baseSize)
        }
    }

    private func checkStandard(
        _ output: TransactionOutput, nullDataCount: inout Int
    ) throws(TransactionRejection) {
        switch output.scriptPubKey.template {
        case .payToPublicKey, .payToPublicKeyHash, .payToScriptHash, .payToWitnessPublicKeyHash,
            .payToWitnessScriptHash, .payToTaproot, .payToAnchor, .futureWitness:
            break
        case .nullData:
            guard output.scriptPubKey.bytes.count <= dataCarrierLimit else { throw .scriptPubKey }
            nullDataCount += 1
        case .bareMultisig(let required, let keys):
            guard (1...3).contains(keys.count), (1...keys.count).contains(required) else {
                throw .scriptPubKey
            }
            guard permitsBareMultisig else { throw .bareMultisig }
        case .nonStandard:
            throw .scriptPubKey
        }
    }
}

extension RelayPolicy {
    /// Throws where the signature operations of one transaction cost too much.
    public func checkSigOps(cost: Int) throws(TransactionRejection) {
        guard cost <= RelayPolicy.maximumSigOpsCost else { throw .tooManySigOps(cost: cost) }
    }
}

extension RelayPolicy {
    /// The most outputs of dust in one transaction, which then has to pay no fee at all (ephemeral dust).
    public static let maximumDustOutputs = 1

    /// The least amount at which an output with this script is no dust.
    public func dustThreshold(for script: Script) -> Satoshi {
        if script.isUnspendable { return .zero }
        let scriptSize = script.bytes.count
        let outputSize = 8 + ByteWriter.compactSizeLength(scriptSize) + scriptSize
        // The input that spends it: outpoint, length, sequence and a signature with key, at a quarter in a witness.
        let inputSize = script.witnessProgram == nil ? 148 : 67
        return dustFeerate.fee(for: UInt64(outputSize + inputSize))
    }

    /// Whether the output costs more to spend than it is worth.
    public func isDust(_ output: TransactionOutput) -> Bool {
        output.amount < dustThreshold(for: output.scriptPubKey)
    }

    /// The positions of the outputs that are dust.
    public func dustOutputs(of transaction: Transaction) -> [Int] {
        transaction.outputs.indices.filter { isDust(transaction.outputs[$0]) }
    }

    /// Throws where a transaction with dust gives a miner a reason to mine it alone.
    public func checkEphemeralDust(
        _ transaction: Transaction, fee: Satoshi, modifiedFee: Satoshi
    ) throws(TransactionRejection) {
        guard fee != .zero || modifiedFee != .zero else { return }
        guard dustOutputs(of: transaction).isEmpty else { throw .dustWithFee }
    }
}

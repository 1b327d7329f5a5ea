import Bitcoin

/// A transaction that the wallet has composed and not signed yet.
public struct SpendPlan: Hashable, Sendable {
    /// The transaction, without signatures.
    public let transaction: Transaction
    /// The coins that it spends, in the order of its inputs.
    public let coins: [Coin]
    /// The fee.
    public let fee: Satoshi
    /// The output that pays back to the wallet, and its key; nil where nothing is left over.
    public let change: Change?

    /// An output that pays back to the wallet.
    public struct Change: Hashable, Sendable {
        /// The index of the output.
        public let index: Int
        /// The key that it is locked to.
        public let path: WalletKeyPath
    }

    /// The most that the signed transaction weighs.
    public var weight: Weight {
        TransactionFrame.weight(
            outputs: transaction.outputs,
            inputs: coins.reduce(.zero) { $0 + $1.path.account.inputWeight },
            inputCount: coins.count)
    }
}

/// The weight of a signed transaction, from its parts.
enum TransactionFrame {
    /// Version, counts, lock time, segwit's marker and flag, and the outputs.
    static func weight(outputs: [TransactionOutput], inputs: Weight, inputCount: Int) -> Weight {
        var bytes = 4 + 4 + ByteWriter.compactSizeLength(inputCount)
        bytes += ByteWriter.compactSizeLength(outputs.count)
        for output in outputs {
            let script = output.scriptPubKey.bytes.count
            bytes += 8 + ByteWriter.compactSizeLength(script) + script
        }
        return Weight(UInt64(bytes) * 4 + 2) + inputs
    }
}

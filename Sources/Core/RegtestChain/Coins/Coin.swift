import Bitcoin

/// An unspent output with what consensus asks of it when it is spent.
public struct Coin: Hashable, Sendable {
    /// The amount and the condition for spending it.
    public let output: TransactionOutput
    /// The height of the block that made it.
    public let height: BlockHeight
    /// Whether a coinbase transaction made it, so that it needs 100 blocks before it can be spent.
    public let isCoinbase: Bool

    /// A coin of these parts.
    public init(output: TransactionOutput, height: BlockHeight, isCoinbase: Bool) {
        self.output = output
        self.height = height
        self.isCoinbase = isCoinbase
    }
}

/// The coins that the transactions of one block spent, which is what takes the block back.
public struct BlockUndo: Sendable, Equatable {
    /// For each transaction after the coinbase, the coins in the order of its inputs.
    public internal(set) var spent: [[Coin]] = []
}

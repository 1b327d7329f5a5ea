import Bitcoin

/// Something that happened to the chain or the mempool, in the order in which it happened.
public enum ChainNotice: Sendable {
    /// A block joined the best chain.
    case blockConnected(Block, BlockHash)
    /// A block left the best chain.
    case blockDisconnected(Block, BlockHash)
    /// The best chain has a new tip, after all blocks in between.
    case tipChanged(Block, BlockHash)
    /// A transaction entered the mempool.
    case transactionAdded(Transaction, TransactionID, sequence: UInt64)
    /// A transaction left the mempool other than by being mined.
    case transactionRemoved(TransactionID, sequence: UInt64)
}

import Bitcoin

/// Something that happened outside of the wallet.
public enum WalletInput: Sendable {
    /// Blocks were added to the best chain, lowest first, scanned one after the other by one scanner.
    case blocksConnected([BlockMatch])
    /// The tip is no longer in the best chain.
    case blockDisconnected(BlockHash)
    /// Blocks of the best chain up to the tip, lowest first, scanned again one after the other by one scanner.
    case blocksRescanned([BlockMatch])
    /// A mempool holds the transaction. Parents come before their children.
    case transactionSeen(Transaction)
    /// The mempool does not hold these transactions, and they are not mined.
    case transactionsEvicted([TransactionID])
    /// A mempool took the transaction, or has it, or it is mined.
    case broadcastAccepted(TransactionID)
    /// The network's rules refused the transaction.
    case broadcastRejected(TransactionID)
    /// All transactions that wait to be mined are due to be offered again: at start, after the backend was away, and
    /// now and then.
    case rebroadcastDue
    /// Time went on; leases that end are released.
    case timePassed
}

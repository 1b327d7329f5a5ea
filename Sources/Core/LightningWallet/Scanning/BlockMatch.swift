import Bitcoin

/// What a block holds for the wallet.
public struct BlockMatch: Hashable, Sendable {
    /// The block.
    public let block: BlockReference
    /// The block before it.
    public let previous: BlockHash
    /// The time that its header claims, in seconds since 1970.
    public let time: UInt32
    /// The transactions that touch the wallet, in their order.
    public let transactions: [MatchedTransaction]
    /// Which state of the wallet the block was scanned for.
    let revision: UInt64
    /// The next index of each branch of addresses when the scan began.
    let coverage: [AddressBook.BranchID: UInt32]
}

/// A transaction of a block that touches the wallet.
public struct MatchedTransaction: Hashable, Sendable {
    /// The position in the block; the coinbase has 0.
    public let position: UInt32
    /// The identifier.
    public let id: TransactionID
    /// The transaction itself.
    public let transaction: Transaction
}

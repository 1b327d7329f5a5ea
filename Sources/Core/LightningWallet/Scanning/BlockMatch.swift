import Bitcoin

/// What a block holds for the wallet and for what else is watched.
public struct BlockMatch: Hashable, Sendable {
    /// The block.
    public let block: BlockReference
    /// The block before it.
    public let previous: BlockHash
    /// The time that its header claims, in seconds since 1970.
    public let time: UInt32
    /// The transactions that touch the wallet or what else is watched, in their order.
    public let transactions: [MatchedTransaction]
    /// Which state of the wallet the block was scanned for.
    let revision: UInt64
    /// Which state of the ``ChainWatch`` the block was scanned for.
    let watchRevision: UInt64
    /// The next index of each branch of addresses when the scan began.
    let coverage: [AddressBook.BranchID: UInt32]
}

/// A transaction of a block that touches the wallet or what else is watched.
public struct MatchedTransaction: Hashable, Sendable {
    /// The position in the block; the coinbase has 0.
    public let position: UInt32
    /// The identifier.
    public let id: TransactionID
    /// The transaction itself.
    public let transaction: Transaction
}

extension BlockMatch {
    /// Whether the block was scanned without knowing all that `watch` looks for now.
    public func isStale(for watch: ChainWatch) -> Bool { watchRevision != watch.revision }
}

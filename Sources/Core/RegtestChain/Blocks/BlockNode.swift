import Bitcoin

/// A block's place in the tree of all known blocks.
public struct BlockNode: Sendable {
    /// What is known of a block's validity.
    public enum Validity: Sendable, Equatable {
        /// Its transactions have not been judged, as it was never part of the best chain.
        case untested
        /// It was part of the best chain at some time.
        case valid
        /// It breaks a rule itself.
        case failed(BlockRejection)
        /// A block before it is not valid.
        case descendsFromFailed
    }

    /// The hash of the header.
    public let hash: BlockHash
    /// The header itself.
    public let header: BlockHeader
    /// The number of blocks before it.
    public let height: BlockHeight
    /// The median of the times of this block and the ten before it (BIP 113).
    public let medianTime: UInt32
    /// The number of transactions in this block and all before it.
    public let chainTransactionCount: Int
    /// What is known of its validity.
    public internal(set) var validity: Validity
    /// Blocks of equal work are preferred in this order: the first seen, unless `preciousblock` says otherwise.
    public internal(set) var preference: Int

    /// Whether it or a block before it is known not to be valid.
    public var isFailed: Bool {
        switch validity {
        case .untested, .valid: false
        case .failed, .descendsFromFailed: true
        }
    }

    /// The expected number of hashes for this block and all before it.
    public var chainWork: UInt64 { (UInt64(height.value) + 1) * RegtestRules.workPerBlock }
}

/// A block with the identifiers of its transactions, which cost a hash each.
public struct StoredBlock: Sendable {
    /// The block itself.
    public let block: Block
    /// The identifiers of its transactions, in their order.
    public let transactionIDs: [TransactionID]

    init(_ block: Block) {
        self.block = block
        transactionIDs = block.transactions.map(\.id)
    }
}

import Bitcoin

extension RegtestChain {
    /// The bytes of all blocks, on the best chain or not.
    public var storedSize: Int { state.tree.storedSize }

    /// The last block of the best chain.
    public var tip: BlockNode { state.tip }

    /// Every unspent output of the best chain.
    public var coins: CoinSet { state.coins }

    /// The hash of the best chain's block at `height`; nil above the tip.
    public func blockHash(at height: BlockHeight) -> BlockHash? {
        let index = Int(height.value)
        return index < state.activeChain.count ? state.activeChain[index] : nil
    }

    /// A block's place in the tree; nil where it is not known.
    public func node(_ hash: BlockHash) -> BlockNode? { state.tree.nodes[hash] }

    /// A known block, on the best chain or not.
    public func block(_ hash: BlockHash) -> StoredBlock? { state.tree.blocks[hash] }

    /// Whether the block is part of the best chain.
    public func isInBestChain(_ node: BlockNode) -> Bool { state.isActive(node) }

    /// The coins that a block of the best chain spent; nil for others.
    public func undo(_ hash: BlockHash) -> BlockUndo? { state.undo[hash] }

    /// The block of the best chain that holds a transaction; nil where none does.
    public func blockHolding(_ id: TransactionID) -> BlockHash? { state.transactionIndex[id] }

    /// The blocks that no other builds on, highest first.
    public func tips() -> [BlockNode] { state.tree.tips() }

    /// The last block that a block's chain has in common with the best chain.
    public func fork(of node: BlockNode) -> BlockNode {
        var cursor = node
        while !state.isActive(cursor), let parent = state.tree.nodes[cursor.header.previousBlock] {
            cursor = parent
        }
        return cursor
    }

    /// The output, where no transaction of the best chain spends it, nor one of the mempool if that counts.
    public func unspentOutput(_ outPoint: OutPoint, includingMempool: Bool) -> Coin? {
        guard !includingMempool || mempool.spender(of: outPoint) == nil else { return nil }
        return state.coins[outPoint]
    }

    /// The output of an unconfirmed transaction that no other spends.
    public func unspentMempoolOutput(_ outPoint: OutPoint) -> TransactionOutput? {
        mempool.spender(of: outPoint) == nil ? unconfirmedOutput(outPoint) : nil
    }

    /// The least rate that the mempool takes at `now`.
    public mutating func minimumMempoolFeerate(now: UInt32) -> FeeratePerKvB {
        updateMinimumFee(now: now)
        return max(rollingMinimum, policy.minimumRelayFeerate)
    }
}

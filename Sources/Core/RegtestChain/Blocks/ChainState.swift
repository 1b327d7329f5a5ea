import Bitcoin

/// The tree of blocks, the best chain through it, and the coins at its tip.
///
/// A change of tip is exact in both directions: what ``BlockUndo`` keeps takes a block back.
struct ChainState: Sendable {
    private(set) var tree: BlockTree
    /// The blocks of the best chain; the index is the height.
    private(set) var activeChain: [BlockHash]
    /// Their median times (BIP 113).
    private(set) var medianTimes: [UInt32]
    private(set) var coins = CoinSet()
    private(set) var undo: [BlockHash: BlockUndo] = [:]
    /// Where each transaction of the best chain stands.
    private(set) var transactionIndex: [TransactionID: BlockHash] = [:]
    private(set) var tip: BlockNode

    /// What one step towards the best tip did.
    enum Step {
        case connected(StoredBlock, BlockNode)
        case disconnected(StoredBlock, BlockNode)
    }

    /// A chain of the first block alone, whose output nobody can spend.
    init() {
        let genesis = RegtestRules.genesis
        let hash = genesis.hash
        tree = BlockTree(genesis: genesis)
        activeChain = [hash]
        medianTimes = [genesis.header.time]
        transactionIndex[genesis.transactions[0].id] = hash
        undo[hash] = BlockUndo()
        tip = BlockNode(
            hash: hash, header: genesis.header, height: BlockHeight(0),
            medianTime: genesis.header.time, chainTransactionCount: 1, validity: .valid,
            preference: 0)
    }

    /// Whether the block is part of the best chain.
    func isActive(_ node: BlockNode) -> Bool {
        activeChain.count > Int(node.height.value)
            && activeChain[Int(node.height.value)] == node.hash
    }

    /// Judges a block as far as that is possible before it is connected, and adds it to the tree.
    mutating func accept(_ block: Block, now: UInt32) throws(BlockRejection) -> BlockHash {
        let hash = block.hash
        if let known = tree.nodes[hash] {
            throw known.isFailed ? .duplicateInvalid : .duplicate
        }
        let stored = StoredBlock(block)
        try BlockChecks.check(stored)
        guard let parent = tree.nodes[block.header.previousBlock] else {
            throw .unknownParent(block.header.previousBlock)
        }
        guard !parent.isFailed else { throw .invalidParent(parent.hash) }
        try BlockChecks.check(block.header, after: parent, now: now)
        try BlockChecks.check(stored, after: parent)
        tree.insert(stored, hash: hash, after: parent)
        return hash
    }

    /// Whether a block that is not in the tree would be accepted and connected on top of the tip.
    mutating func wouldConnect(
        _ block: Block, now: UInt32, isVerified: (WitnessTransactionID) -> Bool
    ) throws(BlockRejection) {
        let stored = StoredBlock(block)
        try BlockChecks.check(block.header, after: tip, now: now)
        try BlockChecks.check(stored, after: tip)
        let connected = try BlockConnector(height: tip.height + 1, medianTimes: medianTimes)
            .connect(stored, coins: &coins, isVerified: isVerified)
        BlockConnector.disconnect(stored, undo: connected, coins: &coins)
    }

    /// Goes to the block with the most work, block by block.
    ///
    /// A block that turns out not to be valid is marked so, and the way goes on to the best of the others.
    mutating func activateBestChain(isVerified: (WitnessTransactionID) -> Bool) -> [Step] {
        var steps: [Step] = []
        while let best = tree.bestCandidate(), best.hash != tip.hash {
            let path = pathToActiveChain(from: best)
            let forkHeight = Int(path.fork.value)
            while activeChain.count - 1 > forkHeight { steps.append(disconnectTip()) }
            for node in path.blocks {
                guard let stored = tree.blocks[node.hash] else { return steps }
                do throws(BlockRejection) {
                    steps.append(try connect(stored, node: node, isVerified: isVerified))
                } catch {
                    tree.markFailed(node.hash, because: error)
                    // What was disconnected on the way is a candidate again.
                    tree.rebuildCandidates(minimumHeight: tip.height)
                    break
                }
            }
        }
        tree.pruneCandidates(below: tip.height)
        return steps
    }

    /// Marks a block as failed; where it is part of the best chain, the chain is taken back to before it.
    mutating func invalidate(_ hash: BlockHash) -> [Step] {
        guard let node = tree.nodes[hash] else { return [] }
        var steps: [Step] = []
        if isActive(node) {
            while activeChain.count > Int(node.height.value) { steps.append(disconnectTip()) }
        }
        tree.markFailed(hash, because: .invalidatedByOperator)
        tree.rebuildCandidates(minimumHeight: tip.height)
        return steps
    }

    /// Forgets that the block or its relatives failed.
    mutating func reconsider(_ hash: BlockHash) {
        tree.reconsider(hash)
        tree.rebuildCandidates(minimumHeight: tip.height)
    }

    /// Prefers the block to others of equal work.
    mutating func prefer(_ hash: BlockHash) {
        tree.prefer(hash)
        tree.rebuildCandidates(minimumHeight: tip.height)
    }

    private func pathToActiveChain(from node: BlockNode) -> (fork: BlockHeight, blocks: [BlockNode])
    {
        var blocks: [BlockNode] = []
        var cursor = node
        while !isActive(cursor), let parent = tree.nodes[cursor.header.previousBlock] {
            blocks.append(cursor)
            cursor = parent
        }
        return (cursor.height, blocks.reversed())
    }

    private mutating func connect(
        _ stored: StoredBlock, node: BlockNode, isVerified: (WitnessTransactionID) -> Bool
    ) throws(BlockRejection) -> Step {
        undo[node.hash] = try BlockConnector(height: node.height, medianTimes: medianTimes)
            .connect(stored, coins: &coins, isVerified: isVerified)
        activeChain.append(node.hash)
        medianTimes.append(node.medianTime)
        for id in stored.transactionIDs { transactionIndex[id] = node.hash }
        tree.markValid(node.hash)
        tip = tree.nodes[node.hash] ?? node
        return .connected(stored, tip)
    }

    private mutating func disconnectTip() -> Step {
        guard let stored = tree.blocks[tip.hash], let undo = undo.removeValue(forKey: tip.hash),
            let parent = tree.nodes[tip.header.previousBlock]
        else { preconditionFailure("each connected block but the first has its undo data") }
        BlockConnector.disconnect(stored, undo: undo, coins: &coins)
        for id in stored.transactionIDs { transactionIndex.removeValue(forKey: id) }
        activeChain.removeLast()
        medianTimes.removeLast()
        defer { tip = parent }
        return .disconnected(stored, tip)
    }
}

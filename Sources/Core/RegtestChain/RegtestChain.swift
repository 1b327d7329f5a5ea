import Bitcoin

/// A whole regression test network in one value: blocks, coins and mempool, with the rules of consensus and relay.
///
/// It is deterministic: the same calls at the same times give the same chain. What happened since the last call to
/// ``takeNotices()`` can be asked for.
public struct RegtestChain: Sendable {
    /// The rules for unconfirmed transactions.
    public let policy: RelayPolicy
    /// The transactions that wait for a block.
    public internal(set) var mempool = Mempool()
    var state = ChainState()
    var minimumFee = RollingMinimumFee()
    /// The rate that the mempool asked for when a call last looked.
    var rollingMinimum = FeeratePerKvB.zero
    var estimator = FeeEstimator()
    var notices: [ChainNotice] = []
    var journal: [JournalEntry] = []
    var extraNonce: UInt64

    /// The network's first block, and nothing else.
    ///
    /// Chains with different seeds mine different blocks at the same time to the same script.
    public init(policy: RelayPolicy = RelayPolicy(), seed: UInt64 = 0) {
        self.policy = policy
        extraNonce = seed
    }

    /// What happened since the last call, in its order.
    public mutating func takeNotices() -> [ChainNotice] {
        defer { notices = [] }
        return notices
    }

    /// Offers a transaction at the time `now`, in seconds since 1970.
    public mutating func submit(
        _ transaction: Transaction, now: UInt32
    ) throws(TransactionRejection) -> AcceptedTransaction {
        updateMinimumFee(now: now)
        let candidate = try judge(transaction, mode: .single)
        let accepted = AcceptedTransaction(candidate, mempool: mempool)
        insert(candidate, now: now)
        limitMempool(now: now)
        guard mempool[candidate.id] != nil else { throw .mempoolFull }
        return accepted
    }

    /// What ``submit(_:now:)`` would say, without taking the transaction.
    public mutating func test(
        _ transaction: Transaction, now: UInt32
    ) throws(TransactionRejection) -> AcceptedTransaction {
        updateMinimumFee(now: now)
        return AcceptedTransaction(try judge(transaction, mode: .single), mempool: mempool)
    }

    /// Offers a block at the time `now`, and follows it where it makes the best chain.
    ///
    /// Throws where the block is not taken, or turns out not to be valid when it is connected.
    @discardableResult
    public mutating func submit(_ block: Block, now: UInt32) throws(BlockRejection) -> BlockHash {
        let hash = try state.accept(block, now: now)
        journal.append(.block(block))
        activateBestChain(now: now)
        if case .failed(let rejection) = state.tree.nodes[hash]?.validity { throw rejection }
        return hash
    }

    /// Treats a block as if it broke a rule, and takes the chain back to before it.
    ///
    /// Throws ``ChainLookupError/unknownBlock(_:)``, or ``ChainLookupError/genesisIsFixed`` for the first block.
    public mutating func invalidate(_ hash: BlockHash, now: UInt32) throws(ChainLookupError) {
        let node = try knownNode(hash)
        guard node.height > BlockHeight(0) else { throw .genesisIsFixed }
        journal.append(.invalidated(hash))
        let before = state.tip.hash
        follow(state.invalidate(hash), from: before, now: now)
        activateBestChain(now: now)
    }

    /// Forgets that a block and its relatives failed, and follows them where they make the best chain.
    public mutating func reconsider(_ hash: BlockHash, now: UInt32) throws(ChainLookupError) {
        _ = try knownNode(hash)
        journal.append(.reconsidered(hash))
        state.reconsider(hash)
        activateBestChain(now: now)
    }

    /// Prefers a block to others with the same work, as if it had come first.
    public mutating func prefer(_ hash: BlockHash, now: UInt32) throws(ChainLookupError) {
        _ = try knownNode(hash)
        journal.append(.preferred(hash))
        state.prefer(hash)
        activateBestChain(now: now)
    }

    /// Adds to what counts as the fee of a transaction, when it is judged and mined.
    public mutating func prioritise(_ id: TransactionID, by delta: Satoshi) {
        mempool.prioritise(id, by: delta)
    }

    private func knownNode(_ hash: BlockHash) throws(ChainLookupError) -> BlockNode {
        guard let node = state.tree.nodes[hash] else { throw .unknownBlock(hash) }
        return node
    }
}

/// Why a question about a block has no answer.
public enum ChainLookupError: Error, Sendable, Equatable {
    /// No block has that hash.
    case unknownBlock(BlockHash)
    /// The first block is the first block.
    case genesisIsFixed
}

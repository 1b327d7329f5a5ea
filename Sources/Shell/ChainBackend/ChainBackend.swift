import Bitcoin

/// A view of the Bitcoin chain and a way to publish to it: the seam behind which a bitcoind or the embedded chain stands.
///
/// All calls block and may be made from any thread. An answer is an answer: a backend that cannot say throws, so that
/// "not known" never looks like "not there".
public protocol ChainBackend: Sendable {
    /// What the backend is and how far it has come.
    func status() throws(ChainError) -> ChainStatus

    /// The hash of the best chain's block at `height`; nil above the tip.
    func blockHash(at height: BlockHeight) throws(ChainError) -> BlockHash?

    /// The hashes of the best chain's blocks from height `first` up, at most `count`; fewer where the chain ends before.
    /// They are those of one chain, but perhaps no longer the best when they arrive.
    func blockHashes(from first: BlockHeight, count: Int) throws(ChainError) -> [BlockHash]

    /// The header and height of a block of any known chain; nil where the backend does not know it.
    func header(of block: BlockHash) throws(ChainError) -> ChainHeader?

    /// A whole block. Throws ``ChainError/pruned(_:)`` where it is known and no longer stored.
    func block(_ hash: BlockHash) throws(ChainError) -> Block

    /// The identifiers of a block's transactions, in their order. Throws as ``block(_:)`` does.
    func transactionIDs(in block: BlockHash) throws(ChainError) -> [TransactionID]

    /// An output that no transaction of the best chain (nor of the mempool, if asked) spends; nil where it is spent or
    /// never was.
    func unspentOutput(
        _ outPoint: OutPoint, includingMempool: Bool
    ) throws(ChainError) -> UnspentOutput?

    /// A transaction in the mempool; nil where it is not there.
    func mempoolTransaction(_ id: TransactionID) throws(ChainError) -> Transaction?

    /// The identifiers of all transactions in the mempool.
    func mempool() throws(ChainError) -> [TransactionID]

    /// Offers a transaction to the network. One that is already there or mined counts as accepted.
    func broadcast(_ transaction: Transaction) throws(ChainError) -> BroadcastResult

    /// Offers a child with its unconfirmed parents, whose fee rate is then judged together.
    func broadcast(package: [Transaction]) throws(ChainError) -> BroadcastResult

    /// Asks whether ``broadcast(_:)`` would accept a transaction, without offering it.
    func testAccept(_ transaction: Transaction) throws(ChainError) -> BroadcastResult

    /// The fee rate at which a transaction should confirm within `blocks` blocks; nil without enough data.
    func estimateFee(blocks: Int) throws(ChainError) -> FeeratePerKw?

    /// The same, judged as `mode` says where the backend can tell the modes apart.
    func estimateFee(blocks: Int, mode: FeeEstimateMode) throws(ChainError) -> FeeratePerKw?

    /// The least fee rate that the mempool takes at present.
    func minimumMempoolFee() throws(ChainError) -> FeeratePerKw

    /// Calls `handler` from a thread of the backend whenever the tip or the mempool may have changed, until the
    /// subscription is cancelled or released. Events are hints: a handler asks for the facts.
    func subscribe(_ handler: @escaping @Sendable (ChainEvent) -> Void) -> ChainSubscription
}

extension ChainBackend {
    /// Asks for one hash after the other, and begins anew where the chain is reorganised meanwhile.
    public func blockHashes(
        from first: BlockHeight, count: Int
    ) throws(ChainError) -> [BlockHash] {
        var hashes: [BlockHash] = []
        while hashes.count < count,
            let hash = try blockHash(at: first + UInt32(hashes.count))
        {
            if let last = hashes.last, try header(of: hash)?.header.previousBlock != last {
                hashes = []
            } else {
                hashes.append(hash)
            }
        }
        return hashes
    }

    /// Reads the whole block.
    public func transactionIDs(in block: BlockHash) throws(ChainError) -> [TransactionID] {
        try self.block(block).transactions.map(\.id)
    }

    /// Estimates without regard to `mode`.
    public func estimateFee(
        blocks: Int, mode: FeeEstimateMode
    ) throws(ChainError) -> FeeratePerKw? {
        try estimateFee(blocks: blocks)
    }
}

/// How a fee estimate weighs a fall in fees that may not last.
public enum FeeEstimateMode: String, Sendable, CaseIterable {
    /// Follows the recent past: for what can be bumped later.
    case economical
    /// Looks further back and so falls more slowly: for what has a deadline.
    case conservative
}

/// A block's place in its chain: what is enough to find it again.
public struct ChainPoint: Hashable, Sendable {
    /// The count of blocks below it.
    public var height: BlockHeight
    /// What its header hashes to.
    public var hash: BlockHash

    /// The block `hash` at `height`.
    public init(height: BlockHeight, hash: BlockHash) {
        self.height = height
        self.hash = hash
    }
}

/// Something that may have changed at the backend.
public enum ChainEvent: Sendable, Equatable {
    /// The best chain has a new tip, perhaps on another branch.
    case tipChanged
    /// A transaction entered the mempool; some backends also tell of each one in a new block.
    case transaction(Transaction)
    /// Notifications were lost on their way; anything may have happened since the last one.
    case eventsLost
    /// The backend stopped answering; what is true on the chain is not known until ``reconnected``.
    case disconnected(reason: String)
    /// The backend answers again; anything may have happened since.
    case reconnected
}

/// Keeps a subscription alive; releasing it ends the subscription.
public final class ChainSubscription: Sendable {
    private let onCancel: @Sendable () -> Void

    /// `onCancel` is called once, when this object goes.
    public init(onCancel: @escaping @Sendable () -> Void) { self.onCancel = onCancel }

    deinit { onCancel() }
}

/// What a backend says of itself.
public struct ChainStatus: Sendable, Equatable {
    /// The network that the backend follows.
    public var network: Network
    /// The height of the best block that is stored and verified.
    public var height: BlockHeight
    /// That block.
    public var tip: BlockHash
    /// The height up to which headers are known; above `height` while blocks are still missing.
    public var headerHeight: BlockHeight
    /// Whether the backend says that it is still downloading the chain.
    public var isInitialDownload: Bool
    /// The lowest height whose blocks are stored, on a pruned node.
    public var prunedBelow: BlockHeight?
    /// The median of the last eleven blocks' times, in seconds since 1970.
    public var medianTime: UInt32
    /// The software, as it names itself, such as `/Satoshi:29.0.0/`.
    public var subversion: String

    /// A status of these parts.
    public init(
        network: Network, height: BlockHeight, tip: BlockHash, headerHeight: BlockHeight,
        isInitialDownload: Bool, prunedBelow: BlockHeight?, medianTime: UInt32, subversion: String
    ) {
        self.network = network
        self.height = height
        self.tip = tip
        self.headerHeight = headerHeight
        self.isInitialDownload = isInitialDownload
        self.prunedBelow = prunedBelow
        self.medianTime = medianTime
        self.subversion = subversion
    }
}

/// A header with its place in the tree of blocks.
public struct ChainHeader: Sendable, Equatable {
    /// The block's header.
    public var header: BlockHeader
    /// The count of blocks below it.
    public var height: BlockHeight
    /// Whether the block is part of the best chain.
    public var isInBestChain: Bool

    /// A header at `height`.
    public init(header: BlockHeader, height: BlockHeight, isInBestChain: Bool) {
        self.header = header
        self.height = height
        self.isInBestChain = isInBestChain
    }
}

/// An output that can be spent.
public struct UnspentOutput: Sendable, Equatable {
    /// The amount and the script that locks it.
    public var output: TransactionOutput
    /// The height of the block that holds it; nil in the mempool.
    public var height: BlockHeight?
    /// Whether a coinbase made it, so that it can be spent only after 100 blocks.
    public var isCoinbase: Bool

    /// An output of these parts.
    public init(output: TransactionOutput, height: BlockHeight?, isCoinbase: Bool) {
        self.output = output
        self.height = height
        self.isCoinbase = isCoinbase
    }
}

/// What the network's rules said to a transaction.
public enum BroadcastResult: Sendable, Equatable {
    /// In the mempool now, or before, or mined.
    case accepted
    /// Refused, with bitcoind's word for the reason, such as `min relay fee not met` or `bad-txns-inputs-missingorspent`.
    case rejected(reason: String)
}

/// Why a backend has no answer.
public enum ChainError: Error, Sendable, Equatable {
    /// It cannot be reached or did not answer in time.
    case unavailable(reason: String)
    /// It refuses the credentials.
    case unauthorized
    /// It is starting, or catching up to where it was before, and answers later.
    case warmingUp(reason: String)
    /// It is on another network than the one configured; `actual` is the backend's word for it.
    case wrongNetwork(expected: Network, actual: String)
    /// It is too old; versions count as bitcoind's do: 28.1 is 280100.
    case unsupportedVersion(Int, minimum: Int, subversion: String)
    /// It knows the block and no longer stores it.
    case pruned(BlockHash)
    /// It does not know the block.
    case unknownBlock(BlockHash)
    /// It answered what the protocol does not allow; `method` is the call.
    case invalidAnswer(method: String, detail: String)
    /// It refused the call with an error of its own.
    case refused(method: String, code: Int, message: String)
}

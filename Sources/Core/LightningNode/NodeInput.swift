import Bitcoin

/// Something that happened outside the core.
public enum NodeInput: Sendable {
    /// A block was added to the best chain.
    case blockConnected(height: BlockHeight, hash: BlockHash, block: Block)
    /// The block at the tip is no longer part of the best chain.
    case blockDisconnected(height: BlockHeight, hash: BlockHash)
    /// A transaction that touches the wallet, or may, entered the mempool.
    case unconfirmedTransaction(Transaction)
    /// The backend answered an offer to broadcast a transaction.
    case broadcastAnswered(TransactionID, BroadcastOutcome)
    /// Time went on; the moment of the step tells how far.
    case tick
}

/// What the chain made of an offered transaction.
public enum BroadcastOutcome: Sendable, Equatable {
    /// It is in the mempool, or mined.
    case accepted
    /// It was refused, with the backend's word for the reason.
    case rejected(reason: String)
    /// The backend did not answer: whether the transaction is out is not known.
    case unanswered(reason: String)
}

/// The world's part in a step that the core cannot compute: the time, and numbers that nobody can guess.
public struct Moment: Sendable {
    /// Seconds since 1970.
    public let time: UInt64
    /// The seed of every random choice in the step: 32 bytes from the system's generator, or a test's.
    public let entropy: [UInt8]

    /// The moment `time` with its own `entropy`.
    public init(time: UInt64, entropy: [UInt8]) {
        self.time = time
        self.entropy = entropy
    }
}

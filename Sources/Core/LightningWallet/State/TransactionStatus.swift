import Bitcoin

/// Where a transaction of the wallet stands.
public enum TransactionStatus: Hashable, Sendable {
    /// In the best chain.
    case confirmed(Confirmation)
    /// Waiting to be mined; its inputs count as spent and its outputs as coming.
    case unconfirmed
    /// Not expected to be mined; it neither spends nor pays. `since` is the height at which that was found.
    case inactive(Inactivity, since: BlockHeight)

    /// Whether the transaction spends and pays.
    public var isActive: Bool {
        switch self {
        case .confirmed, .unconfirmed: true
        case .inactive: false
        }
    }

    /// Where it is mined; nil outside of the best chain.
    public var confirmation: Confirmation? {
        if case .confirmed(let confirmation) = self { confirmation } else { nil }
    }
}

/// The place of a transaction in the best chain.
public struct Confirmation: Hashable, Sendable {
    /// The block that holds it.
    public let block: BlockReference
    /// Its position in the block; the coinbase has 0.
    public let position: UInt32
    /// The time of the block's header, in seconds since 1970.
    public let time: UInt32

    /// A place at `position` of `block`, whose header claims `time`.
    public init(block: BlockReference, position: UInt32, time: UInt32) {
        self.block = block
        self.position = position
        self.time = time
    }
}

/// Why a transaction is not expected to be mined.
public enum Inactivity: Hashable, Sendable {
    /// Another unconfirmed transaction spends one of its inputs.
    case replaced(by: TransactionID)
    /// A transaction in `block` spends one of its inputs, or one of its ancestors'. Undone when the block goes.
    case conflicted(with: TransactionID, block: BlockReference)
    /// The mempool no longer holds it, or an ancestor of it, and others made it.
    case evicted
    /// The network's rules refused it when it was first offered.
    case rejected
    /// The user gave it up.
    case abandoned
    /// It is the coinbase of a block that is no longer in the best chain, or descends from one.
    case unmined
}

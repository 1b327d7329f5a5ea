import Bitcoin
import LightningWire

/// What one input or request led to: changes of durable state, and what is to be done once they are durable.
public struct WalletStep: Sendable, Equatable {
    /// The changes of durable state, in order.
    public var writes: [RecordWrite] = []
    /// What is to be done once the writes are durable, in order.
    public var effects: [WalletEffect] = []

    /// A step that changes nothing.
    public init() {}

    /// Appends what another step leads to.
    public mutating func append(_ other: WalletStep) {
        writes += other.writes
        effects += other.effects
    }
}

/// Something to be done outside the wallet. It happens at least once: a start asks again for broadcasts that were due.
public enum WalletEffect: Sendable, Equatable {
    /// Offer a transaction to the network, and answer with ``WalletInput/broadcastAccepted(_:)`` or
    /// ``WalletInput/broadcastRejected(_:)``. Parents come before their children.
    case broadcast(Transaction)
    /// Tell subscribers.
    case tell(WalletEvent)
}

/// News for subscribers.
public enum WalletEvent: Sendable, Equatable {
    /// A transaction came, or its status changed; `previous` is nil for one that is new.
    case transactionChanged(WalletTransaction, previous: TransactionStatus?)
    /// A coin came, went, or changed its class; ask for the balance.
    case balanceChanged
    /// The rescan has reached the tip.
    case rescanFinished
}

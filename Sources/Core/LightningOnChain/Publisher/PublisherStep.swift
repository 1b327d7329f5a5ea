import Bitcoin
import LightningCommitment
import LightningWire

/// What an input or a round of publishing led to. Writes come before broadcasts: what is offered is durable first.
public struct PublisherStep: Sendable {
    /// The changes of durable state, in order.
    public var writes: [RecordWrite] = []
    /// Transactions to offer to the network once the writes are durable: each by itself, or a parent and its child as a
    /// package. Those whose answer is a refusal are told with ``PublisherInput/refused(_:_:)``.
    public var broadcasts: [[Transaction]] = []
    /// What happened, for the log and for subscribers.
    public var events: [PublisherEvent] = []

    /// A step that changes nothing.
    public init() {}

    /// Appends what another step leads to.
    public mutating func append(_ other: PublisherStep) {
        writes += other.writes
        broadcasts += other.broadcasts
        events += other.events
    }
}

/// News of the publisher.
public enum PublisherEvent: Equatable, Sendable {
    /// A transaction takes the claims, or raises the fee of a commitment, at that rate.
    case published([ClaimID], TransactionID, fee: Satoshi, FeeratePerKw)
    /// The claims are not worth what it takes to claim them at present: `fee` would be over `limit`.
    case unaffordable([ClaimID], fee: Satoshi, limit: Satoshi)
    /// The wallet has no coins for the fee: `missing` more, confirmed, are needed.
    case coinsMissing([ClaimID], missing: Satoshi)
    /// A signer or the wallet does not sign; nil tells that the wallet is at fault, or that the channel has no signer.
    case unsigned([ClaimID], SignerError?)
    /// The network refused what was published for the claims.
    case refused([ClaimID], BroadcastRefusal)
    /// The best chain took the claimed output, by that transaction.
    case spent(ClaimID, by: TransactionID, BlockHeight)
}

import Bitcoin
import LightningWire

/// What a step of the payments led to. The HTLCs may be offered only once the writes are durable.
public struct PaymentStep: Equatable, Sendable {
    public var writes: [RecordWrite] = []
    /// HTLCs to offer.
    public var offers: [OfferedAttempt] = []
    /// What has to be looked up in the past; answered with ``Payments/loaded(_:_:at:)``.
    public var queries: [HistoryQuery] = []
    public var events: [PaymentEvent] = []

    /// A step that does nothing, as yet.
    public init() {}

    mutating func append(_ other: PaymentStep) {
        writes += other.writes
        offers += other.offers
        queries += other.queries
        events += other.events
    }
}

/// An HTLC that starts at this node.
public struct OfferedAttempt: Hashable, Sendable {
    /// The attempt's number, which names the HTLC's origin.
    public let attempt: UInt64
    /// The first channel of the route.
    public let channel: ShortChannelID
    public let amount: MilliSatoshi
    public let paymentHash: PaymentHash
    public let cltvExpiry: BlockHeight
    public let onion: [UInt8]
}

/// What happened to a payment.
public enum PaymentEvent: Equatable, Sendable {
    /// It is not made. Nothing was sent.
    case refused(PaymentHash, OrderRefusal)
    /// It has its number, and is durable.
    case started(PaymentHash, number: UInt64)
    case attemptStarted(PaymentHash, attempt: UInt64, PaymentRoute)
    case attemptFailed(PaymentHash, attempt: UInt64, PaymentRoute, AttemptFailure)
    /// `holdTimes` are how long each hop held the HTLC, in units of 100 ms, as far as that can be proven.
    case attemptSucceeded(PaymentHash, attempt: UInt64, PaymentRoute, holdTimes: [UInt32])
    /// So much is not on its way: more routes are wanted, or to be told that there are none.
    case routesWanted(PaymentHash, missing: MilliSatoshi)
    /// The payee has been paid: the preimage is the proof.
    case succeeded(PastPayment)
    /// Nothing was paid, and nothing of it is on its way.
    case failed(PastPayment)
}

import Bitcoin
import LightningWire

/// What a step of the payments led to. The HTLCs may be offered only once the writes are durable.
public struct PaymentStep: Sendable {
    public var writes: [RecordWrite] = []
    /// HTLCs to offer.
    public var offers: [OfferedAttempt] = []
    /// What has to be looked up in the past; answered with ``Payments/loaded(_:_:at:)``.
    public var queries: [HistoryQuery] = []
    /// Payments for which routes are wanted: to be answered with ``Payments/search(_:by:over:at:)`` once the offers are made.
    public var wants: [PaymentHash] = []
    /// Routes to look for; answered with ``Payments/routesFound(_:_:at:)``.
    public var searches: [RouteSearchOrder] = []
    /// What is to be remembered about channels and nodes, before the next routes are looked for.
    public var lessons: [RouteLesson] = []
    public var events: [PaymentEvent] = []

    /// A step that does nothing, as yet.
    public init() {}

    mutating func append(_ other: PaymentStep) {
        writes.extend(by: other.writes)
        offers.extend(by: other.offers)
        queries.extend(by: other.queries)
        wants.extend(by: other.wants)
        searches.extend(by: other.searches)
        lessons.extend(by: other.lessons)
        events.extend(by: other.events)
    }
}

/// Routes to look for.
public struct RouteSearchOrder: Sendable {
    public let id: RouteQueryID
    public let query: RouteQuery
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
    /// Routes are looked for a payment that its payee did not ask for: this is its hash.
    case keysendBegun(PaymentHash)
    /// It has its number, and is durable.
    case started(PaymentHash, number: UInt64)
    case attemptStarted(PaymentHash, PaymentAttempt)
    /// It has arrived or failed.
    case attemptEnded(PaymentHash, PaymentAttempt)
    /// The payee has been paid: the preimage is the proof.
    case succeeded(PastPayment)
    /// Nothing was paid, and nothing of it is on its way.
    case failed(PastPayment)
}

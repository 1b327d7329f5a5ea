import Bitcoin
import LightningWire

/// What a step of the invoices led to.
///
/// Writes and answers belong together: they become durable in one transaction, or neither does.
public struct InvoiceStep: Equatable, Sendable {
    public var writes: [RecordWrite] = []
    /// HTLCs to end.
    public var answers: [AnsweredHTLC] = []
    /// What has to be looked up in the past; answered with ``Invoices/loaded(_:_:at:)``.
    public var queries: [HistoryQuery] = []
    public var events: [InvoiceEvent] = []

    /// A step that does nothing, as yet.
    public init() {}

    mutating func append(_ other: InvoiceStep) {
        writes += other.writes
        answers += other.answers
        queries += other.queries
        events += other.events
    }
}

/// What happened to an invoice.
public enum InvoiceEvent: Equatable, Sendable {
    /// It can be paid.
    case added(InvoiceEntry, PaymentHash)
    /// It cannot be made after all.
    case refused(PaymentHash, InvoiceRefusal)
    /// All of it is there and held until it is settled or cancelled.
    case held(InvoiceEntry, amount: MilliSatoshi)
    /// It is paid. `records` are those that applications put into the payment.
    case settled(InvoiceEntry, records: [TLVRecord])
    case cancelled(InvoiceEntry)
    case expired(InvoiceEntry)
}

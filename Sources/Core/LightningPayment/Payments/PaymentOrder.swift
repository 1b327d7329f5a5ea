import Bitcoin
import LightningCrypto
import LightningInvoice
import LightningWire

/// What is to be paid.
public struct PaymentOrder: Hashable, Sendable {
    public var paymentHash: PaymentHash
    /// What the payee is to get with all parts.
    public var amount: MilliSatoshi
    /// What shows the payee that the payer has the invoice.
    public var paymentSecret: Hash256?
    /// What the invoice asked to be sent back.
    public var metadata: [UInt8]?
    /// The preimage to send along where the payee did not ask for the payment.
    public var keysendPreimage: PaymentPreimage?
    /// Records of applications for the payee, in ascending order of their types.
    public var customRecords: [TLVRecord]
    /// From when on nothing more is sent, in seconds since 1970; nil where that does not matter.
    public var end: UInt64?
    /// Who is paid, as far as it is known.
    public var payee: NodeID?
    /// The invoice; kept for the history.
    public var request: String?
    /// The blocks that HTLCs must have left when they arrive.
    public var finalCLTVDelta: UInt32
    /// Ways to the payee over channels that are not public.
    public var hints: [[RouteHintHop]]
    /// Ways to a payee that does not tell who it is; empty where it does.
    public var blindedEnds: [BlindedDestination]
    /// Whether the payee takes the amount in several parts.
    public var takesParts: Bool

    /// What payees that were not asked are given. In blocks.
    public static let usualFinalCLTVDelta: UInt32 = 80

    /// An order for a payment of these parts. Without a hash it is for ``Payments/keysend(_:along:at:)``.
    public init(
        paymentHash: PaymentHash = .blank, amount: MilliSatoshi, paymentSecret: Hash256? = nil,
        metadata: [UInt8]? = nil, keysendPreimage: PaymentPreimage? = nil,
        customRecords: [TLVRecord] = [], end: UInt64? = nil, payee: NodeID? = nil,
        request: String? = nil, finalCLTVDelta: UInt32 = usualFinalCLTVDelta,
        hints: [[RouteHintHop]] = [], blindedEnds: [BlindedDestination] = [],
        takesParts: Bool = false
    ) {
        self.paymentHash = paymentHash
        self.amount = amount
        self.paymentSecret = paymentSecret
        self.metadata = metadata
        self.keysendPreimage = keysendPreimage
        self.customRecords = customRecords.sorted { $0.type < $1.type }
        self.end = end
        self.payee = payee
        self.request = request
        self.finalCLTVDelta = finalCLTVDelta
        self.hints = hints
        self.blindedEnds = blindedEnds
        self.takesParts = takesParts
    }

    /// An order to pay an invoice.
    ///
    /// `chosen` is for invoices that leave the amount to the payer. Nil where nobody says it, or both say something else:
    /// to give more than what is asked for, as BOLT 11 allows, there is no reason here.
    public init?(_ invoice: Invoice, amount chosen: MilliSatoshi? = nil) {
        let content = invoice.content
        guard let amount = content.amount ?? chosen, chosen ?? amount == amount else { return nil }
        let (end, overflow) = content.timestamp.addingReportingOverflow(content.expiry)
        self.init(
            paymentHash: content.paymentHash, amount: amount,
            paymentSecret: content.paymentSecret, metadata: content.metadata,
            end: overflow ? nil : end, request: invoice.text)
        take(invoice)
    }

    /// Takes what the way to the payee depends on from its invoice.
    mutating func take(_ invoice: Invoice) {
        let content = invoice.content
        payee = invoice.payee
        finalCLTVDelta = UInt32(clamping: content.minFinalCLTVExpiryDelta)
        hints = content.routeHints
        takesParts = content.features.supports(.basicMultiPartPayment)
    }

    /// What the payee reads with one part.
    func finalPayload(amount: MilliSatoshi, cltvExpiry: BlockHeight) -> PaymentPayload {
        var records = customRecords
        if let keysendPreimage {
            records.append(
                TLVRecord(
                    type: PaymentReceipt.keysendType, value: keysendPreimage.hash.bytes))
            records.sort { $0.type < $1.type }
        }
        return PaymentPayload(
            amountToForward: amount, outgoingCltvValue: cltvExpiry,
            paymentData: paymentSecret.map { PaymentData(paymentSecret: $0, total: self.amount) },
            paymentMetadata: metadata, customRecords: records)
    }

    /// Throws where nothing can be sent for the order.
    func check(at moment: PaymentMoment) throws(OrderRefusal) {
        guard amount > .zero, amount.isValid else { throw .amountOutOfRange(amount) }
        if let keysendPreimage, keysendPreimage.paymentHash != paymentHash {
            throw .wrongPreimage(expected: paymentHash, actual: keysendPreimage.paymentHash)
        }
        if let end, moment.seconds > end { throw .expired(end: end) }
        var least = PaymentPayload.firstCustomType
        for record in customRecords {
            let isOwn = keysendPreimage != nil && record.type == PaymentReceipt.keysendType
            guard record.type >= least, !isOwn else { throw .invalidRecord(type: record.type) }
            least = record.type + 1
        }
    }
}

/// Why a payment is not made, or a part of it not sent.
public enum OrderRefusal: Error, Equatable, Sendable {
    case amountOutOfRange(MilliSatoshi)
    /// The invoice can no longer be paid, since this time in seconds since 1970.
    case expired(end: UInt64)
    case wrongPreimage(expected: PaymentHash, actual: PaymentHash)
    /// Records of applications start at 65536, and there is one of each type.
    case invalidRecord(type: UInt64)
    /// The hash was paid before: whoever carried that payment could keep this one.
    case alreadyPaid(PaymentHash)
    /// It is being paid.
    case inProgress(PaymentHash)
    /// There is no such payment, or it has ended.
    case unknownPayment(PaymentHash)
    case noRoute
    /// The payee is this node.
    case selfPayment
    /// Nobody is named who is to be paid.
    case noPayee
    /// Fewer blocks are allowed than the payee asks for.
    case cltvLimitTooLow(needed: UInt32, limit: UInt16)
    case route(RouteProblem)
    /// Without a payment secret a payment cannot have several parts.
    case needsPaymentSecret
    /// The parts are more than what is to be paid.
    case tooMuch(needed: MilliSatoshi, offered: MilliSatoshi)
}

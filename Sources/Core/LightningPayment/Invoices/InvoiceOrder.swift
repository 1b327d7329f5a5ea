import Bitcoin
import LightningInvoice
import LightningWire

/// What an invoice is to ask for.
public struct InvoiceOrder: Hashable, Sendable {
    /// Where the preimage comes from.
    public enum Lock: Hashable, Sendable {
        /// From this node's secret and the invoice's number.
        case derived
        /// From the user.
        case preimage(PaymentPreimage)
        /// From elsewhere, later: payments are held until ``Invoices/settle(_:at:)``.
        case hold(PaymentHash)
    }

    /// What is to be paid; nil leaves it to the payer.
    public var amount: MilliSatoshi?
    public var description: Invoice.Description
    /// What the node notes with the invoice where that holds only the hash of a description; payers do not see it.
    public var note = ""
    /// For how many seconds it can be paid.
    public var expiry: UInt64
    /// The blocks that HTLCs must have left when they arrive.
    public var minFinalCLTVExpiryDelta: UInt32
    public var lock: Lock
    /// Scripts to pay on the chain instead, the preferred first.
    public var fallbacks: [Script]
    /// Ways to this node over channels that are not public, the preferred first.
    public var routeHints: [[RouteHintHop]]

    /// How many ways to this node over its channels that are not public are to be added, at most.
    public var privateHints = 0

    /// A day, as payers have come to expect.
    public static let defaultExpiry: UInt64 = 86_400
    /// Leaves time to claim on the chain after ``InvoicePolicy/holdMargin``.
    public static let defaultMinFinalCLTVExpiryDelta: UInt32 = 80

    /// An invoice that asks for this.
    public init(
        amount: MilliSatoshi?, description: Invoice.Description, expiry: UInt64 = defaultExpiry,
        minFinalCLTVExpiryDelta: UInt32 = defaultMinFinalCLTVExpiryDelta, lock: Lock = .derived,
        fallbacks: [Script] = [], routeHints: [[RouteHintHop]] = []
    ) {
        self.amount = amount
        self.description = description
        self.expiry = expiry
        self.minFinalCLTVExpiryDelta = minFinalCLTVExpiryDelta
        self.lock = lock
        self.fallbacks = fallbacks
        self.routeHints = routeHints
    }

    /// A field of an invoice has a length of ten bits, which count groups of five.
    static let longestField = 1023 * 5 / 8
    /// A hop of a route hint has 51 bytes.
    static let mostHintHops = longestField / 51

    /// Throws where no invoice can say this.
    func check() throws(InvoiceRefusal) {
        if let amount {
            guard amount > .zero, amount.isValid else { throw .amountOutOfRange(amount) }
        }
        if case .text(let text) = description {
            guard text.utf8.count <= Self.longestField else {
                throw .descriptionTooLong(maximum: Self.longestField, actual: text.utf8.count)
            }
        }
        guard note.utf8.count <= Self.longestField else {
            throw .descriptionTooLong(maximum: Self.longestField, actual: note.utf8.count)
        }
        guard expiry > 0, expiry <= InvoicePolicy.longestExpiry else {
            throw .expiryOutOfRange(maximum: InvoicePolicy.longestExpiry, actual: expiry)
        }
        let deltas = InvoicePolicy.cltvExpiryDeltas
        guard deltas.contains(minFinalCLTVExpiryDelta) else {
            throw .cltvExpiryDeltaOutOfRange(deltas, actual: minFinalCLTVExpiryDelta)
        }
        for hint in routeHints {
            guard (1...Self.mostHintHops).contains(hint.count) else {
                throw .routeHintTooLong(maximum: Self.mostHintHops, actual: hint.count)
            }
        }
    }
}

/// Why an invoice cannot be made, settled or cancelled.
public enum InvoiceRefusal: Error, Equatable, Sendable {
    case amountOutOfRange(MilliSatoshi)
    /// In bytes of UTF-8.
    case descriptionTooLong(maximum: Int, actual: Int)
    /// In seconds.
    case expiryOutOfRange(maximum: UInt64, actual: UInt64)
    case cltvExpiryDeltaOutOfRange(ClosedRange<UInt32>, actual: UInt32)
    case routeHintTooLong(maximum: Int, actual: Int)
    /// There is or was another invoice with the hash. Whoever helped to pay that one could keep a payment of this one.
    case duplicateHash(PaymentHash)
    /// No open invoice has the hash.
    case unknownInvoice(PaymentHash)
    /// Only invoices that hold payments are settled by hand.
    case notHeld(PaymentHash)
    /// Nobody has paid it yet, or not all.
    case notPaid(PaymentHash)
    /// It can be paid or was paid, and is not forgotten.
    case notCancelled(PaymentHash)
    /// What is held for it expires too soon to be taken safely, and is about to be given back.
    case tooLate(PaymentHash)
}

/// What this node does about invoices, whatever they ask for.
public struct InvoicePolicy: Hashable, Sendable {
    public var network: Network
    /// The features that new invoices have.
    public var features: Features
    /// For how many milliseconds from the first part the rest is waited for. BOLT 4: "SHOULD wait for at least 60 seconds
    /// after the initial HTLC."
    public var setTimeout: UInt64
    /// How many blocks before its expiry an HTLC is given back, and not taken any more: more than fulfilling one on the chain
    /// may take, for a channel with one that was taken later would be closed at once. BOLT 2: "a deadline of `2R+G+S` blocks
    /// before `cltv_expiry`: 18 blocks is reasonable."
    public var holdMargin: UInt32
    /// Whether payments are taken that nobody asked for, with their preimage in them.
    public var acceptsKeysend: Bool

    /// A year, in seconds.
    static let longestExpiry: UInt64 = 31_536_000
    /// The usual ``holdMargin``.
    public static let defaultHoldMargin: UInt32 = 22
    /// From the least that leaves a few blocks for the way here and to decide up to what a payer may lock (BOLT 4,
    /// `max_htlc_cltv`).
    static let cltvExpiryDeltas: ClosedRange<UInt32> = defaultHoldMargin + 3...1008
    /// What keysends must have left when they arrive, which no invoice can say.
    static let keysendCLTVExpiryDelta = cltvExpiryDeltas.lowerBound

    /// The features that all invoices of the first release have.
    static let firstFeatures = Features(bits: [
        Feature.variableLengthOnion.evenBit, Feature.paymentSecret.evenBit,
        Feature.basicMultiPartPayment.evenBit + 1,
    ])

    /// A policy of these parts.
    public init(
        network: Network, features: Features? = nil, setTimeout: UInt64 = 60_000,
        holdMargin: UInt32 = defaultHoldMargin, acceptsKeysend: Bool = false
    ) {
        self.network = network
        self.features = features ?? Self.firstFeatures
        self.setTimeout = setTimeout
        self.holdMargin = holdMargin
        self.acceptsKeysend = acceptsKeysend
    }
}

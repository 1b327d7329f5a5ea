import Bitcoin
import LightningInvoice
import LightningWire

/// An invoice of this node, with what became of it.
public struct InvoiceEntry: Hashable, Sendable {
    /// What became of an invoice.
    public enum State: Hashable, Sendable {
        /// It can be paid.
        case open
        /// All of it is there, and held until it is settled or cancelled. No record says so: it follows from the HTLCs,
        /// which are in the order of their coming.
        case held([Settlement.Part])
        case settled(Settlement)
        /// By the user, or because payments were held for too long.
        case cancelled
        /// Nobody paid it in time.
        case expired
    }

    /// Its number among all invoices of the node, from 0.
    public let number: UInt64
    public let order: InvoiceOrder
    /// Whether nobody had asked for the payment.
    public let isKeysend: Bool
    /// When it was made, in seconds since 1970.
    public let created: UInt64
    public let features: Features
    public internal(set) var state: State

    init(
        number: UInt64, order: InvoiceOrder, isKeysend: Bool = false, created: UInt64,
        features: Features, state: State = .open
    ) {
        self.number = number
        self.order = order
        self.isKeysend = isKeysend
        self.created = created
        self.features = features
        self.state = state
    }

    /// From when on it cannot be paid any more, in seconds since 1970.
    public var end: UInt64 { created + order.expiry }

    /// The preimage, where this node knows it.
    public func preimage(_ secrets: PaymentSecrets) -> PaymentPreimage? {
        switch order.lock {
        case .derived: return secrets.preimage(invoice: number, created: created)
        case .preimage(let preimage): return preimage
        case .hold:
            guard case .settled(let settlement) = state else { return nil }
            return settlement.heldPreimage
        }
    }

    /// The hash that locks its payments.
    public func paymentHash(_ secrets: PaymentSecrets) -> PaymentHash {
        switch order.lock {
        case .derived: secrets.preimage(invoice: number, created: created).paymentHash
        case .preimage(let preimage): preimage.paymentHash
        case .hold(let hash): hash
        }
    }

    /// What the invoice says, for an ``InvoiceSigner``.
    ///
    /// The text is not stored: the same content signed again gives the same text.
    public func content(_ secrets: PaymentSecrets, network: Network) -> InvoiceContent {
        InvoiceContent(
            network: network, amount: order.amount, timestamp: created,
            paymentHash: paymentHash(secrets),
            paymentSecret: secrets.paymentSecret(invoice: number, created: created),
            description: order.description, expiry: order.expiry,
            minFinalCLTVExpiryDelta: UInt64(order.minFinalCLTVExpiryDelta),
            fallbacks: order.fallbacks, routeHints: order.routeHints, features: features)
    }
}

/// How an invoice was paid.
public struct Settlement: Hashable, Sendable {
    /// An HTLC that was taken.
    public struct Part: Hashable, Sendable {
        public let name: HTLCName
        public let amount: MilliSatoshi
    }

    /// Its number among all settlements of the node, from 0.
    public let number: UInt64
    /// When it was decided, in seconds since 1970.
    public let time: UInt64
    /// The preimage, where it came from elsewhere.
    public let heldPreimage: PaymentPreimage?
    /// The HTLCs, in ascending order of their names.
    public let parts: [Part]
    /// What applications put into them, but for a keysend's preimage: each record once.
    public let records: [TLVRecord]

    /// What all parts held.
    public var amount: MilliSatoshi { parts.reduce(.zero) { $0 + $1.amount } }
}

/// Signs invoices with the node's key, which may be in another process or device: it sees the whole content.
public protocol InvoiceSigner {
    /// Signs what an invoice says, with a deterministic nonce.
    func sign(_ content: InvoiceContent) -> Invoice
}

extension PrivateKey: InvoiceSigner {
    public func sign(_ content: InvoiceContent) -> Invoice { Invoice(content, key: self) }
}

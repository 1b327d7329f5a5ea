import Bitcoin
import LightningWire

/// A request for a payment (BOLT 11). A value of this type is complete: it has a payment hash, a payment secret and a
/// description, and its signature was checked or made.
public struct Invoice: Hashable, Sendable {
    /// What the payment is for: a text, or the hash of one that is told elsewhere.
    public enum Description: Hashable, Sendable {
        /// Written by the payee: not to be shown unescaped.
        case text(String)
        /// The SHA-256 of the text.
        case hash(Hash256)
    }

    public let content: InvoiceContent
    /// The node that is paid and that signed.
    public let payee: NodeID
    /// The signature over everything else.
    public let signature: RecoverableSignature
    /// The invoice as text, in lower case.
    public let text: String

    /// Signs `content` with the payee's key.
    ///
    /// The signature has the deterministic nonce of RFC 6979.
    public init(_ content: InvoiceContent, key: PrivateKey) {
        let payee = NodeID(key.publicKey)
        let encoder = InvoiceEncoder(content, payee: payee)
        signature = key.signRecoverably(encoder.signatureHash)
        self.content = content
        self.payee = payee
        text = encoder.text(signature)
    }

    init(
        _ content: InvoiceContent, payee: NodeID, signature: RecoverableSignature, text: String
    ) {
        self.content = content
        self.payee = payee
        self.signature = signature
        self.text = text
    }

    /// Whether the invoice can no longer be paid at `time`, in seconds since 1970.
    public func isExpired(at time: UInt64) -> Bool {
        let (end, overflow) = content.timestamp.addingReportingOverflow(content.expiry)
        return !overflow && time > end
    }
}

extension Invoice: CustomStringConvertible {
    public var description: String { text }
}

/// What an invoice says, apart from who says it.
public struct InvoiceContent: Hashable, Sendable {
    public var network: Network
    /// What is to be paid; nil leaves it to the payer.
    public var amount: MilliSatoshi?
    /// When the invoice was made, in seconds since 1970; less than 2^35.
    public var timestamp: UInt64
    public var paymentHash: PaymentHash
    /// What the payer must show, so that no node on the way can probe the payee.
    public var paymentSecret: Hash256
    public var description: Invoice.Description
    /// For how many seconds from ``timestamp`` the invoice can be paid.
    public var expiry: UInt64
    /// The blocks that the last HTLC must have left when it arrives.
    public var minFinalCLTVExpiryDelta: UInt64
    /// Scripts to pay on the chain instead, the preferred first.
    public var fallbacks: [Script]
    /// Ways to the payee over channels that are not public, the preferred first.
    public var routeHints: [[RouteHintHop]]
    public var features: Features
    /// What the payer must send along, for a payee that keeps no state (BOLT 4, `payment_metadata`).
    public var metadata: [UInt8]?
    /// Whether the payee's key stands in the invoice instead of being recovered from the signature.
    public var includesPayee: Bool

    /// An hour, where the invoice does not say otherwise.
    public static let defaultExpiry: UInt64 = 3600
    /// The blocks where the invoice does not say otherwise.
    public static let defaultMinFinalCLTVExpiryDelta: UInt64 = 18

    /// What an invoice says.
    public init(
        network: Network, amount: MilliSatoshi?, timestamp: UInt64, paymentHash: PaymentHash,
        paymentSecret: Hash256, description: Invoice.Description,
        expiry: UInt64 = defaultExpiry,
        minFinalCLTVExpiryDelta: UInt64 = defaultMinFinalCLTVExpiryDelta,
        fallbacks: [Script] = [], routeHints: [[RouteHintHop]] = [], features: Features,
        metadata: [UInt8]? = nil, includesPayee: Bool = false
    ) {
        self.network = network
        self.amount = amount
        self.timestamp = timestamp
        self.paymentHash = paymentHash
        self.paymentSecret = paymentSecret
        self.description = description
        self.expiry = expiry
        self.minFinalCLTVExpiryDelta = minFinalCLTVExpiryDelta
        self.fallbacks = fallbacks
        self.routeHints = routeHints
        self.features = features
        self.metadata = metadata
        self.includesPayee = includesPayee
    }
}

extension Network {
    /// What an invoice for this network begins with (BOLT 11).
    public var invoicePrefix: String {
        switch self {
        case .mainnet: "lnbc"
        case .testnet3, .testnet4: "lntb"
        case .signet: "lntbs"
        case .regtest: "lnbcrt"
        }
    }
}

import Bitcoin
import LightningCrypto
import LightningWire

/// A payment that has ended, as the history keeps it.
public struct PastPayment: Hashable, Sendable {
    /// How a payment ended.
    public enum Outcome: Hashable, Sendable {
        case succeeded(PaymentPreimage)
        case failed(PaymentFailure)
    }

    /// A part that reached the payee.
    public struct Part: Hashable, Sendable {
        /// What the payee got.
        public let amount: MilliSatoshi
        public let fee: MilliSatoshi
        /// The channels of its route.
        public let channels: [ShortChannelID]
    }

    /// Its number among all payments of the node.
    public let number: UInt64
    public let paymentHash: PaymentHash
    /// What the payee was to get.
    public let amount: MilliSatoshi
    public let outcome: Outcome
    /// When it started, in milliseconds since 1970.
    public let created: UInt64
    /// When it ended, in milliseconds since 1970.
    public let ended: UInt64
    /// The parts that reached the payee.
    public let parts: [Part]
    /// How many HTLCs were tried.
    public let attemptCount: UInt64
    /// Who was paid, where the invoice does not say it.
    public let payee: NodeID?
    /// The invoice.
    public let request: String?

    /// What the nodes on the way took.
    public var fee: MilliSatoshi { parts.reduce(.zero) { $0 + $1.fee } }
}

/// Why a payment failed.
public enum PaymentFailure: Hashable, Sendable {
    /// The payee does not take it.
    case rejected(FailureCode)
    /// All routes failed; the last one so.
    case routesFailed(FailedRoute)
    /// There is no route, or none within the limits.
    case noRoute
    /// The invoice expired, or the time that the user gave was over.
    case timedOut
    /// By the user.
    case cancelled

    /// Where and why a route failed, as far as the history keeps it.
    public struct FailedRoute: Hashable, Sendable {
        /// What the hop said; nil where it was something else.
        public let code: FailureCode?
        /// Which hop, the first peer being 0; nil where nobody can tell, or where this node itself failed.
        public let hop: Int?
        public let channel: ShortChannelID?
    }
}

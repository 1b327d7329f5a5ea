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
    public var parts: [PaymentAttempt]
    /// How many HTLCs were tried.
    public let attemptCount: UInt64
    /// Who was paid, where the invoice does not say it.
    public let payee: NodeID?
    /// The invoice.
    public let request: String?
    /// The latest attempts that failed. The history does not keep them.
    public var failures: [PaymentAttempt] = []

    /// What the nodes on the way took.
    public var fee: MilliSatoshi { parts.reduce(.zero) { $0 + $1.fee } }
}

/// Why a payment failed.
public enum PaymentFailure: Error, Hashable, Sendable {
    /// The payee does not take it.
    case rejected(FailureCode)
    /// All routes failed; the last one so.
    case routesFailed(FailedRoute)
    /// There is no route, or none within the limits.
    case noRoute
    /// The cheapest route costs so much, which is more than the limit.
    case feeAboveLimit(least: MilliSatoshi)
    /// The channels of this node that may be used can send no more than this.
    case insufficientBalance(available: MilliSatoshi)
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

/// Why a payment failed, in one word for those who treat all failures of a kind alike.
public enum PaymentFailureKind: Hashable, Sendable {
    /// The time or the invoice was over.
    case timeout
    /// No route that was tried could carry it, and no other is within the limits.
    case noRoute
    /// The payee refuses it, and no other try would change that.
    case error
    /// The payee does not know the payment, or expects another amount or more blocks.
    case incorrectDetails
    /// This node does not have the amount where it can be sent.
    case insufficientBalance
    /// By the user.
    case cancelled
}

extension PaymentFailure {
    /// The kind of the failure.
    public var kind: PaymentFailureKind {
        switch self {
        case .rejected(.incorrectOrUnknownPaymentDetails): .incorrectDetails
        case .rejected: .error
        case .routesFailed, .noRoute, .feeAboveLimit: .noRoute
        case .insufficientBalance: .insufficientBalance
        case .timedOut: .timeout
        case .cancelled: .cancelled
        }
    }
}

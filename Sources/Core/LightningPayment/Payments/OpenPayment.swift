import Bitcoin
import LightningCrypto
import LightningWire

/// A payment that is being made.
struct OpenPayment: Hashable, Sendable {
    let number: UInt64
    let order: PaymentOrder
    /// When it started, in milliseconds since 1970.
    let created: UInt64
    /// The proof of payment, once a part has brought it.
    var preimage: PaymentPreimage?
    /// The parts that reached the payee.
    var parts: [PastPayment.Part] = []
    var attemptCount: UInt64 = 0
    var lastFailure: PaymentFailure.FailedRoute?
    /// Why nothing more is sent; nil while it may be.
    var ending: PaymentFailure?
    /// The attempts that may be on their way, which the records of attempts hold.
    var attempts: Set<UInt64> = []
    /// What the payee gets with those attempts.
    var inFlight: MilliSatoshi = .zero

    init(number: UInt64, order: PaymentOrder, created: UInt64) {
        self.number = number
        self.order = order
        self.created = created
    }

    /// What is neither at the payee nor on its way.
    var missing: MilliSatoshi {
        let there = parts.reduce(inFlight) { $0 + $1.amount }
        return order.amount.subtracting(there) ?? .zero
    }

    /// Whether more may be sent. A payee that has shown the preimage has taken what there was.
    var isSending: Bool { preimage == nil && ending == nil }

    /// Throws unless parts of these amounts may go out besides.
    ///
    /// BOLT 4: "MUST NOT send another HTLC if the total `amt_to_forward` of the HTLC set is already greater or equal to
    /// `total_msat`." And: "no individual HTLC may be for less than the difference between the total paid and
    /// `total_msat`."
    func check(_ routes: [PaymentRoute]) throws(OrderRefusal) {
        var rest = missing
        // Parts that are there already may be as small as they like.
        var least = missing == order.amount ? MilliSatoshi.maximumMoney : .zero
        for route in routes {
            let amount = route.deliveredAmount
            least = min(least, amount)
            guard let left = rest.subtracting(amount) else {
                guard amount - rest < least else {
                    throw .tooMuch(needed: missing, offered: sum(routes))
                }
                rest = .zero
                continue
            }
            rest = left
        }
        let isWhole = routes.allSatisfy { $0.deliveredAmount >= order.amount }
        let hasTotal = routes.allSatisfy { order.paymentSecret != nil || $0.blindedTail != nil }
        guard isWhole || hasTotal else { throw .needsPaymentSecret }
    }

    private func sum(_ routes: [PaymentRoute]) -> MilliSatoshi {
        routes.reduce(.zero) { $0.adding($1.deliveredAmount) ?? .maximumMoney }
    }

    /// The payment as the history keeps it.
    func past(ended: UInt64) -> PastPayment {
        PastPayment(
            number: number, paymentHash: order.paymentHash, amount: order.amount,
            outcome: preimage.map { .succeeded($0) } ?? .failed(failure), created: created,
            ended: max(ended, created), parts: parts, attemptCount: attemptCount,
            payee: order.request == nil ? order.payee : nil, request: order.request)
    }

    private var failure: PaymentFailure {
        ending ?? lastFailure.map { .routesFailed($0) } ?? .noRoute
    }
}

/// A part that may be on its way.
struct OpenAttempt: Hashable, Sendable {
    let paymentHash: PaymentHash
    let route: PaymentRoute
    /// What decrypts answers; nil after a start, until it is needed.
    var sharedSecrets: [OnionSharedSecret]?
}

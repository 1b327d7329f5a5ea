import Bitcoin
import LightningCrypto
import LightningGraph
import LightningWire

/// A payment that is being made.
struct OpenPayment: Hashable, Sendable {
    let number: UInt64
    var order: PaymentOrder
    /// When it started, in milliseconds since 1970.
    let created: UInt64
    /// The proof of payment, once a part has brought it.
    var preimage: PaymentPreimage?
    /// The parts that reached the payee.
    var parts: [PaymentAttempt] = []
    /// The latest attempts that failed; not durable.
    var failures: [PaymentAttempt] = []
    var attemptCount: UInt64 = 0
    /// How routes are looked for; nil where those that came with the order are all.
    var search: RouteSearch?
    var lastFailure: PaymentFailure.FailedRoute?
    /// Why nothing more is sent; nil while it may be.
    var ending: PaymentFailure?
    /// The attempts that may be on their way, which the records of attempts hold.
    var attempts: Set<UInt64> = []
    /// What the payee gets with those attempts.
    var inFlight: MilliSatoshi = .zero
    /// What they pay to the nodes on their ways.
    var feesInFlight: MilliSatoshi = .zero

    /// The most failed attempts that are remembered while a payment is being made.
    static let rememberedFailures = 64

    init(number: UInt64, order: PaymentOrder, created: UInt64, search: RouteSearch? = nil) {
        self.number = number
        self.order = order
        self.created = created
        self.search = search
    }

    /// What is neither at the payee nor on its way.
    var missing: MilliSatoshi {
        let there = parts.reduce(inFlight) { $0 + $1.amount }
        return order.amount.subtracting(there) ?? .zero
    }

    /// How many more HTLCs may go out now.
    var freeParts: Int {
        guard let search else { return 0 }
        let most = order.takesParts && order.paymentSecret != nil || !order.blindedEnds.isEmpty
        return max(0, (most ? search.options.maximumParts : 1) - attempts.count - parts.count)
    }

    /// The fees of what has arrived or is on its way.
    var spentFees: MilliSatoshi { parts.reduce(feesInFlight) { $0 + $1.fee } }

    /// Notes an attempt that failed.
    mutating func remember(_ failed: PaymentAttempt) {
        if failures.count >= Self.rememberedFailures { failures.removeFirst() }
        failures.append(failed)
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
            payee: order.request == nil ? order.payee : nil, request: order.request,
            failures: failures)
    }

    private var failure: PaymentFailure {
        ending ?? lastFailure.map { .routesFailed($0) } ?? .noRoute
    }
}

/// A payment that waits for the past and for its first routes. Nothing of it is durable.
struct PendingPayment: Sendable {
    let order: PaymentOrder
    /// The routes that came with the order.
    var routes: [PaymentRoute] = []
    var search: RouteSearch?
    /// Where its number was needed before it began.
    var number: UInt64?
    /// Whether the past knows of no payment of the hash.
    var isNew = false
    /// What was found.
    var found: Result<[FoundRoute], PathError>?
    /// Why there was no use in looking for routes.
    var failure: PaymentFailure?

    /// The payment that it becomes.
    func payment(_ number: UInt64, at moment: PaymentMoment) -> OpenPayment {
        var search = search
        search?.query = nil
        return OpenPayment(number: number, order: order, created: moment.time, search: search)
    }
}

/// A part that may be on its way.
struct OpenAttempt: Hashable, Sendable {
    let paymentHash: PaymentHash
    let route: PaymentRoute
    /// When it was sent, in milliseconds since 1970.
    let started: UInt64
    /// What decrypts answers; nil after a start, until it is needed.
    var sharedSecrets: [OnionSharedSecret]?
}

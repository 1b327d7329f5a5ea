import Bitcoin
import LightningCrypto
import LightningWire

/// What this node pays: sends parts along routes, reads how they end, and sees that no hash is paid twice (BOLT 4).
///
///     pay, send -> the past is asked: paid before? --yes--> .refused
///                     | no
///                 .started, attempts numbered and durable ------> offered by channels
///                     |                                              |
///                 fulfilled / failed / refused <---------------------+
///                     |
///                 none on its way: .succeeded or .failed
///
/// An attempt has its number before its HTLC exists, and the HTLC names it. After a start ``resume(live:at:)`` is told
/// which attempts still have an HTLC anywhere, in a channel or on the chain: the others are not on their way. So a payment
/// ends only when nothing of it can still be taken, and its hash stays reserved until then; after a success the history
/// reserves it.
public struct Payments: Sendable {
    public let secrets: PaymentSecrets
    var open: [PaymentHash: OpenPayment] = [:]
    var attempts: [UInt64: OpenAttempt] = [:]
    /// Orders whose hash, or first routes, are looked up.
    var pending: [PaymentHash: PendingPayment] = [:]
    /// Whose routes are looked for.
    var searches: [RouteQueryID: PaymentHash] = [:]
    /// When payments may not be tried any longer.
    var deadlines = DeadlineQueue<PaymentHash>()
    private var lookups: [HistoryQuery: [PaymentHash]] = [:]
    private var searchCount: UInt64 = 0
    private var payments = NumberSupply()
    private var attemptNumbers = NumberSupply()

    /// Takes up the records of ``RecordTable/payment`` and ``RecordTable/paymentAttempt``, and that of
    /// ``RecordTable/meta`` at ``PaymentRecordKey/paymentCounters``, which is nil on a new node. Nothing is done before
    /// ``resume(live:at:)``.
    public init(
        secrets: PaymentSecrets, records: [StoredRecord] = [],
        attempts attemptRecords: [StoredRecord] = [], counters: [UInt8]? = nil
    ) throws(RecordError) {
        self.secrets = secrets
        if let counters {
            let record = try CounterRecord(record: counters)
            payments = NumberSupply(next: record.first)
            attemptNumbers = NumberSupply(next: record.second)
        }
        var hashes: [UInt64: PaymentHash] = [:]
        for record in records {
            let number = try PaymentRecordKey.number(of: record.key)
            let payment = try OpenPaymentRecord(record: record.value).payment(number)
            hashes[number] = payment.order.paymentHash
            if let end = payment.search?.end {
                deadlines.insert(payment.order.paymentHash, at: end)
            }
            open[payment.order.paymentHash] = payment
        }
        for record in attemptRecords {
            let number = try PaymentRecordKey.number(of: record.key)
            let stored = try AttemptRecord(record: record.value)
            guard let hash = hashes[stored.payment] else { throw .invalidField(type: 0) }
            open[hash]?.attempts.insert(number)
            open[hash]?.inFlight += stored.route.deliveredAmount
            open[hash]?.feesInFlight += stored.route.fee
            attempts[number] = OpenAttempt(
                paymentHash: hash, route: stored.route, started: stored.started)
        }
    }

    /// How many payments are being made.
    public var openCount: Int { open.count }

    /// How many parts may be on their way.
    public var attemptCount: Int { attempts.count }

    // MARK: - Paying

    /// Starts a payment along these routes, once the past has told that its hash was not paid before; or adds parts to one
    /// that was started so.
    public mutating func pay(
        _ order: PaymentOrder, along routes: [PaymentRoute], at moment: PaymentMoment
    ) throws(OrderRefusal) -> PaymentStep {
        try order.check(at: moment)
        try check(given: routes, at: moment)
        let hash = order.paymentHash
        if let payment = open[hash] {
            guard order == payment.order, payment.search == nil else { throw .inProgress(hash) }
            return try send(hash, along: routes, at: moment)
        }
        if let first = pending[hash] {
            guard order == first.order, first.search == nil else { throw .inProgress(hash) }
            let all = first.routes + routes
            try OpenPayment(number: 0, order: order, created: 0).check(all)
            pending[hash]?.routes = all
            return PaymentStep()
        }
        try OpenPayment(number: 0, order: order, created: 0).check(routes)
        pending[hash] = PendingPayment(order: order, routes: routes)
        var step = PaymentStep()
        ask(hash, &step)
        return step
    }

    /// Starts a payment that the payee did not ask for, along these routes. Its preimage is new, so that the past need not be
    /// asked.
    ///
    /// `order` is given the preimage, with its hash; what it had of both is replaced.
    public mutating func keysend(
        _ order: PaymentOrder, along routes: [PaymentRoute], at moment: PaymentMoment
    ) throws(OrderRefusal) -> PaymentStep {
        let order = keysendOrder(order, at: moment)
        try order.check(at: moment)
        try check(given: routes, at: moment)
        try OpenPayment(number: 0, order: order, created: 0).check(routes)
        return try start(PendingPayment(order: order), along: routes, at: moment)
    }

    /// The order with a preimage that follows from the number of the next payment and the time.
    func keysendOrder(_ order: PaymentOrder, at moment: PaymentMoment) -> PaymentOrder {
        var order = order
        let preimage = secrets.keysendPreimage(payment: payments.next, begun: moment.time)
        order.keysendPreimage = preimage
        order.paymentHash = preimage.paymentHash
        order.paymentSecret = nil
        order.takesParts = false
        return order
    }

    /// Asks the past whether a hash was paid.
    mutating func ask(_ hash: PaymentHash, _ step: inout PaymentStep) {
        let query = HistoryQuery(.paymentHash, prefix: PaymentRecordKey.hashPrefix(hash))
        lookups[query, default: []].append(hash)
        step.queries.append(query)
    }

    mutating func takeQueryID() -> RouteQueryID {
        searchCount += 1
        return RouteQueryID(searchCount)
    }

    mutating func takePaymentNumber() -> UInt64 { payments.take() }

    /// Takes the answer to a query.
    public mutating func loaded(
        _ query: HistoryQuery, _ records: [StoredRecord], at moment: PaymentMoment
    ) -> PaymentStep {
        var step = PaymentStep()
        let isPaid = records.contains { $0.value == PastPaymentRecord.paid }
        for hash in lookups.removeValue(forKey: query) ?? [] where pending[hash] != nil {
            guard Mutation.isOn(.payTwice) || !isPaid else {
                pending[hash] = nil
                step.events.append(.refused(hash, .alreadyPaid(hash)))
                continue
            }
            pending[hash]?.isNew = true
            proceed(hash, at: moment, &step)
        }
        return step
    }

    /// Starts a payment whose first parts go out with it.
    mutating func start(
        _ waiting: PendingPayment, along routes: [PaymentRoute], at moment: PaymentMoment
    ) throws(OrderRefusal) -> PaymentStep {
        var supply = payments
        let number = waiting.number ?? supply.take()
        let payment = waiting.payment(number, at: moment)
        try payment.check(routes)
        // The parts are made before anything is changed: a route whose onion cannot be built starts no payment.
        var numbers = attemptNumbers
        let parts = try build(routes, for: payment, from: &numbers)
        var step = PaymentStep()
        payments = supply
        if let end = payment.search?.end { deadlines.insert(payment.order.paymentHash, at: end) }
        step.events.append(.started(payment.order.paymentHash, number: number))
        offer(parts, of: payment, numbers, at: moment, &step)
        want(payment.order.paymentHash, &step)
        return step
    }

    /// Puts a payment into the past for which there was nothing to send.
    mutating func startFailed(
        _ waiting: PendingPayment, because failure: PaymentFailure, at moment: PaymentMoment
    ) -> PaymentStep {
        var step = PaymentStep()
        var payment = waiting.payment(waiting.number ?? payments.take(), at: moment)
        payment.ending = failure
        step.events.append(.started(payment.order.paymentHash, number: payment.number))
        if let write = reserveNumbers() { step.writes.append(write) }
        conclude(payment, at: moment, &step)
        return step
    }

    /// Sends more parts of a payment.
    public mutating func send(
        _ hash: PaymentHash, along routes: [PaymentRoute], at moment: PaymentMoment
    ) throws(OrderRefusal) -> PaymentStep {
        guard let payment = open[hash], payment.isSending else { throw .unknownPayment(hash) }
        if let end = payment.order.end, moment.seconds > end { throw .expired(end: end) }
        try check(routes)
        try payment.check(routes)
        var numbers = attemptNumbers
        let parts = try build(routes, for: payment, from: &numbers)
        var step = PaymentStep()
        offer(parts, of: payment, numbers, at: moment, &step)
        want(hash, &step)
        return step
    }

    /// Throws unless HTLCs can be offered along routes that somebody else has looked for.
    private func check(
        given routes: [PaymentRoute], at moment: PaymentMoment
    ) throws(OrderRefusal) {
        guard !routes.isEmpty else { throw .noRoute }
        try check(routes)
        for route in routes {
            do throws(RouteProblem) {
                try route.checkExpiry(at: moment.height)
            } catch {
                throw .route(error)
            }
        }
    }

    private func check(_ routes: [PaymentRoute]) throws(OrderRefusal) {
        for route in routes {
            do throws(RouteProblem) {
                try route.check()
            } catch {
                throw .route(error)
            }
        }
    }

    private struct BuiltAttempt {
        let number: UInt64
        let route: PaymentRoute
        let onion: BuiltOnion
    }

    private func build(
        _ routes: [PaymentRoute], for payment: OpenPayment, from numbers: inout NumberSupply
    ) throws(OrderRefusal) -> [BuiltAttempt] {
        var parts: [BuiltAttempt] = []
        for route in routes {
            var number = numbers.take()
            let hash = payment.order.paymentHash
            var key = secrets.sessionKey(attempt: number, paying: hash)
            while key == nil {
                number = numbers.take()
                key = secrets.sessionKey(attempt: number, paying: hash)
            }
            guard let key else { continue }
            do throws(RouteProblem) {
                let onion = try route.onion(payment.order, sessionKey: key)
                parts.append(BuiltAttempt(number: number, route: route, onion: onion))
            } catch {
                throw .route(error)
            }
        }
        return parts
    }

    /// Makes the parts and the payment durable, and then lets the parts go.
    private mutating func offer(
        _ parts: [BuiltAttempt], of payment: OpenPayment, _ numbers: NumberSupply,
        at moment: PaymentMoment, _ step: inout PaymentStep
    ) {
        var payment = payment
        let hash = payment.order.paymentHash
        attemptNumbers = numbers
        if let write = reserveNumbers() { step.writes.append(write) }
        for part in parts {
            payment.attemptCount += 1
            payment.attempts.insert(part.number)
            payment.inFlight += part.route.deliveredAmount
            payment.feesInFlight += part.route.fee
            attempts[part.number] = OpenAttempt(
                paymentHash: hash, route: part.route, started: moment.time,
                sharedSecrets: part.onion.sharedSecrets)
            step.writes.append(
                RecordWrite(
                    .paymentAttempt, key: PaymentRecordKey.number(part.number),
                    value: AttemptRecord(
                        payment: payment.number, route: part.route, started: moment.time
                    ).record))
            if let first = part.route.hops.first {
                step.offers.append(
                    OfferedAttempt(
                        attempt: part.number, channel: first.channel, amount: first.amount,
                        paymentHash: hash, cltvExpiry: first.cltvExpiry,
                        onion: part.onion.packet.bytes))
            }
            step.events.append(
                .attemptStarted(
                    hash,
                    PaymentAttempt(number: part.number, route: part.route, started: moment.time)))
        }
        put(payment, &step)
    }

    /// Where a number beyond those that are reserved was taken, reserves more of both kinds.
    private mutating func reserveNumbers() -> RecordWrite? {
        let (first, second) = (payments.reserve(), attemptNumbers.reserve())
        guard first || second else { return nil }
        return RecordWrite(
            .meta, key: PaymentRecordKey.paymentCounters,
            value: CounterRecord(first: payments.limit, second: attemptNumbers.limit).record)
    }

    mutating func put(_ payment: OpenPayment, _ step: inout PaymentStep) {
        open[payment.order.paymentHash] = payment
        step.writes.append(
            RecordWrite(
                .payment, key: PaymentRecordKey.number(payment.number),
                value: OpenPaymentRecord(payment).record))
    }
}

/// Gives numbers that were never given before, whatever crashes: those below a durable limit.
struct NumberSupply: Sendable {
    private(set) var next: UInt64
    private(set) var limit: UInt64

    /// How many numbers one write reserves. So many may be passed over at a start.
    static let step: UInt64 = 64

    /// Starts at the limit that was stored.
    init(next: UInt64 = 0) {
        self.next = next
        limit = next
    }

    mutating func take() -> UInt64 {
        defer { next += 1 }
        return next
    }

    /// Raises the limit above what was taken; false where it is already.
    mutating func reserve() -> Bool {
        guard next > limit else { return false }
        limit = next + Self.step
        return true
    }
}

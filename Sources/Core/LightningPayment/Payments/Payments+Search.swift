import Bitcoin
import LightningCrypto
import LightningGraph
import LightningWire

// Payments whose routes this node looks for.
//
//   send ──────> the past is asked and routes are looked for, at the same time; nothing is written
//                    │ new, and found
//                started: payment and attempts durable in one commit, and offered in it
//                    │ <──────────────────────────────────────────┐
//                some failed: lessons, exclusions ──> wants ──> search ──> routesFound
//                    │ nothing missing
//                .succeeded, or .failed once nothing is on its way
extension Payments {
    /// Starts a payment for which routes are looked for. Nothing is durable, and nothing sent, before the past has told that
    /// its hash was not paid and routes were found.
    public mutating func send(
        _ order: PaymentOrder, _ options: SendOptions, at moment: PaymentMoment
    ) throws(OrderRefusal) -> PaymentStep {
        try check(order, options, at: moment)
        let hash = order.paymentHash
        guard open[hash] == nil, pending[hash] == nil else { throw .inProgress(hash) }
        pending[hash] = PendingPayment(order: order, search: search(options, at: moment))
        var step = PaymentStep()
        ask(hash, &step)
        step.wants.append(hash)
        return step
    }

    /// Starts a payment that the payee did not ask for. Its preimage is new, so that the past need not be asked.
    ///
    /// `order` is given the preimage, with its hash; what it had of both is replaced. The event
    /// ``PaymentEvent/keysendBegun(_:)`` tells the hash.
    public mutating func keysend(
        _ order: PaymentOrder, _ options: SendOptions, at moment: PaymentMoment
    ) throws(OrderRefusal) -> PaymentStep {
        let order = keysendOrder(order, at: moment)
        try check(order, options, at: moment)
        let hash = order.paymentHash
        pending[hash] = PendingPayment(
            order: order, search: search(options, at: moment), number: takePaymentNumber(),
            isNew: true)
        var step = PaymentStep()
        step.events.append(.keysendBegun(hash))
        step.wants.append(hash)
        return step
    }

    private func check(
        _ order: PaymentOrder, _ options: SendOptions, at moment: PaymentMoment
    ) throws(OrderRefusal) {
        try order.check(at: moment)
        guard order.payee != nil || !order.blindedEnds.isEmpty else { throw .noPayee }
        guard order.finalCLTVDelta < options.cltvLimit else {
            throw .cltvLimitTooLow(
                needed: order.finalCLTVDelta, limit: options.cltvLimit)
        }
    }

    private func search(_ options: SendOptions, at moment: PaymentMoment) -> RouteSearch {
        let (time, tooLong) = options.timeout.multipliedReportingOverflow(by: 1000)
        let (end, overflow) = moment.time.addingReportingOverflow(time)
        return RouteSearch(options, end: tooLong || overflow ? .max : end)
    }

    // MARK: - Asking

    /// Asks for routes for what of a payment is missing, from `payer` over its channels as they are now.
    public mutating func search(
        _ hash: PaymentHash, by payer: NodeID, over channels: [PayerChannel],
        at moment: PaymentMoment
    ) -> PaymentStep {
        var step = PaymentStep()
        if var waiting = pending[hash], var search = waiting.search, search.query == nil {
            let blank = OpenPayment(
                number: 0, order: waiting.order, created: moment.time, search: search)
            switch ask(blank, &search, by: payer, over: channels, &step) {
            case .success: waiting.search = search
            case .failure(let failure): waiting.failure = failure
            }
            pending[hash] = waiting
            proceed(hash, at: moment, &step)
        } else if var payment = open[hash], wantsRoutes(payment), var search = payment.search {
            switch ask(payment, &search, by: payer, over: channels, &step) {
            case .failure(let failure): giveUp(&payment, failure, at: moment, &step)
            case .success:
                payment.search = search
                open[hash] = payment
            }
        }
        return step
    }

    private mutating func ask(
        _ payment: OpenPayment, _ search: inout RouteSearch, by payer: NodeID,
        over channels: [PayerChannel], _ step: inout PaymentStep
    ) -> Result<Void, PaymentFailure> {
        let order = payment.order
        let result = search.ask(
            order, payment.missing, spent: payment.spentFees, parts: payment.freeParts, by: payer,
            over: channels, shadow: secrets.shadow(order.paymentHash))
        switch result {
        case .failure(let failure): return .failure(failure)
        case .success(let query):
            let id = takeQueryID()
            search.query = id
            searches[id] = order.paymentHash
            step.searches.append(RouteSearchOrder(id: id, query: query))
            return .success(())
        }
    }

    /// Whether a payment that is being made needs routes now.
    func wantsRoutes(_ payment: OpenPayment) -> Bool {
        guard let search = payment.search, search.query == nil else { return false }
        return payment.isSending && payment.missing > .zero && payment.freeParts > 0
    }

    // MARK: - Finding

    /// Takes routes that were looked for, or why there are none.
    public mutating func routesFound(
        _ id: RouteQueryID, _ found: Result<[FoundRoute], PathError>, at moment: PaymentMoment
    ) -> PaymentStep {
        var step = PaymentStep()
        guard let hash = searches.removeValue(forKey: id) else { return step }
        if pending[hash]?.search?.query == id {
            pending[hash]?.found = found
            proceed(hash, at: moment, &step)
            return step
        }
        guard var payment = open[hash], let search = payment.search, search.query == id else {
            return step
        }
        payment.search?.query = nil
        open[hash] = payment
        endIfLate(&payment, at: moment)
        guard payment.isSending else {
            conclude(payment, at: moment, &step)
            return step
        }
        switch found {
        case .failure(let error): giveUp(&payment, PaymentFailure(error), at: moment, &step)
        case .success(let routes):
            do throws(OrderRefusal) {
                step.append(
                    try send(hash, along: search.routes(routes, at: moment.height), at: moment))
            } catch {
                giveUp(&payment, .noRoute, at: moment, &step)
            }
        }
        return step
    }

    /// Starts a payment as soon as both the past and the search have answered.
    mutating func proceed(
        _ hash: PaymentHash, at moment: PaymentMoment, _ step: inout PaymentStep
    ) {
        guard let waiting = pending[hash], waiting.isNew, let result = waiting.result(at: moment)
        else { return }
        pending[hash] = nil
        switch result {
        case .failure(let failure):
            step.append(startFailed(waiting, because: failure, at: moment))
        case .success(let routes):
            do throws(OrderRefusal) {
                step.append(try start(waiting, along: routes, at: moment))
            } catch  where waiting.search == nil {
                step.events.append(.refused(hash, error))
            } catch {
                step.append(startFailed(waiting, because: .noRoute, at: moment))
            }
        }
    }

    /// There are no routes for what is missing. What is on its way will come back, as the payee takes all or nothing.
    private mutating func giveUp(
        _ payment: inout OpenPayment, _ failure: PaymentFailure, at moment: PaymentMoment,
        _ step: inout PaymentStep
    ) {
        var reason = failure
        // How the last try failed says more than that there is nothing else to try.
        if failure == .noRoute, let last = payment.lastFailure { reason = .routesFailed(last) }
        payment.ending = payment.ending ?? reason
        conclude(payment, at: moment, &step)
    }

    // MARK: - Time

    /// Ends what may not be tried any longer. To be called at ``nextDeadline``, or now and then.
    public mutating func advance(to moment: PaymentMoment) -> PaymentStep {
        var step = PaymentStep()
        while let hash = deadlines.popDue(at: moment.time) {
            guard var payment = open[hash], payment.isSending else { continue }
            endIfLate(&payment, at: moment)
            guard payment.ending != nil else { continue }
            conclude(payment, at: moment, &step)
        }
        return step
    }

    /// When ``advance(to:)`` has something to do next, in milliseconds since 1970.
    public var nextDeadline: UInt64? { deadlines.next }

    /// Sends nothing more of a payment whose time is over.
    func endIfLate(_ payment: inout OpenPayment, at moment: PaymentMoment) {
        guard payment.isSending, let search = payment.search else { return }
        let hasExpired = payment.order.end.map { moment.seconds > $0 } ?? false
        if hasExpired || moment.time >= search.end { payment.ending = .timedOut }
    }
}

extension PendingPayment {
    /// The first routes, or why there are none; nil while they are looked for.
    fileprivate func result(
        at moment: PaymentMoment
    ) -> Result<[PaymentRoute], PaymentFailure>? {
        if let failure { return .failure(failure) }
        guard let search else { return .success(routes) }
        guard let found else { return nil }
        let hasExpired = order.end.map { moment.seconds > $0 } ?? false
        guard !hasExpired, moment.time < search.end else { return .failure(.timedOut) }
        return found.map { search.routes($0, at: moment.height) }
            .mapError { PaymentFailure($0) }
    }
}

extension RouteSearch {
    /// Routes as they are sent, from what was found with the last query.
    func routes(_ found: [FoundRoute], at height: BlockHeight) -> [PaymentRoute] {
        found.map { route in
            let hops = route.hops.map { hop in
                RouteHop(
                    node: hop.nodeID, channel: hop.shortChannelID, amount: hop.amount,
                    cltvExpiry: height + UInt32(hop.delta))
            }
            let end = route.blindedEnd.flatMap {
                askedEnds.indices.contains($0) ? askedEnds[$0] : nil
            }
            return PaymentRoute(
                hops: hops,
                blindedTail: end.map {
                    BlindedTail(
                        path: $0.path, amount: route.amount, cltvExpiry: height + askedDelta)
                })
        }
    }
}

extension PaymentFailure {
    /// What it means for a payment that no routes were found.
    init(_ error: PathError) {
        switch error {
        case .insufficientBalance(_, let available):
            self = .insufficientBalance(available: available)
        case .feeAboveLimit(let least, _): self = .feeAboveLimit(least: least)
        case .invalidAmount, .payerIsPayee, .unknownPayee, .unknownPayer, .noPath, .tooLong:
            self = .noRoute
        }
    }
}

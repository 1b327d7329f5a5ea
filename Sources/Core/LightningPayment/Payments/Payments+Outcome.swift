import Bitcoin
import LightningCrypto
import LightningWire

// How parts end. An attempt that is not known any more has ended before, so that each of these may be told twice.
extension Payments {
    /// The preimage of an attempt's HTLC has come from its peer or from the chain: that part is paid.
    public mutating func fulfilled(
        _ attempt: UInt64, preimage: PaymentPreimage, attribution: AttributionData? = nil,
        at moment: PaymentMoment
    ) -> PaymentStep {
        var step = PaymentStep()
        guard let part = attempts[attempt], preimage.paymentHash == part.paymentHash,
            var payment = take(attempt, &step)
        else { return PaymentStep() }
        payment.preimage = preimage
        let holdTimes = attribution.map {
            $0.holdTimes(sharedSecrets: sharedSecrets(attempt, part, payment.order))
        }
        let ended = PaymentAttempt(
            number: attempt, route: part.route, started: part.started,
            status: .succeeded(at: max(moment.time, part.started), holdTimes: holdTimes ?? []))
        payment.parts.append(ended)
        step.lessons += RouteLesson.settled(part.route)
        step.events.append(.attemptEnded(part.paymentHash, ended))
        conclude(payment, at: moment, &step)
        return step
    }

    /// An attempt's HTLC was irrevocably failed by `update_fail_htlc`.
    public mutating func failed(
        _ attempt: UInt64, with returned: ReturnedFailure, at moment: PaymentMoment
    ) -> PaymentStep {
        guard let part = attempts[attempt], let order = open[part.paymentHash]?.order else {
            return PaymentStep()
        }
        let decrypted = returned.decrypt(sharedSecrets: sharedSecrets(attempt, part, order))
        return end(attempt, AttemptFailure(decrypted, on: part.route), at: moment)
    }

    /// An attempt's HTLC was irrevocably failed by `update_fail_malformed_htlc`.
    public mutating func failedMalformed(
        _ attempt: UInt64, code: FailureCode, onionHash: Hash256, at moment: PaymentMoment
    ) -> PaymentStep {
        guard let part = attempts[attempt] else { return PaymentStep() }
        let failure = AttemptFailure(malformed: code, onionHash: onionHash, on: part.route)
        return end(attempt, failure, at: moment)
    }

    /// An attempt's HTLC was not offered, or is forgotten since it was never signed.
    public mutating func notSent(
        _ attempt: UInt64, because local: AttemptFailure.LocalFailure, at moment: PaymentMoment
    ) -> PaymentStep {
        guard let part = attempts[attempt] else { return PaymentStep() }
        return end(attempt, AttemptFailure(local, on: part.route), at: moment)
    }

    /// An attempt's HTLC was taken back on the chain, irrevocably.
    public mutating func timedOutOnChain(
        _ attempt: UInt64, at moment: PaymentMoment
    ) -> PaymentStep {
        guard let part = attempts[attempt] else { return PaymentStep() }
        return end(attempt, AttemptFailure(timedOutOnChain: part.route), at: moment)
    }

    /// Takes up payments after a start. `live` are the attempts that have an HTLC in a channel or on the chain, all of them:
    /// what is missing there counts as never sent.
    public mutating func resume(
        live: Set<UInt64>, at moment: PaymentMoment
    ) -> PaymentStep {
        var step = PaymentStep()
        for attempt in attempts.keys.sorted() where !live.contains(attempt) {
            guard let route = attempts[attempt]?.route else { continue }
            let failure = AttemptFailure(.interrupted, on: route)
            if let payment = fail(attempt, failure, at: moment, &step) {
                open[payment.order.paymentHash] = payment
            }
        }
        for payment in open.values.sorted(by: { $0.number < $1.number }) {
            conclude(payment, at: moment, &step)
        }
        return step
    }

    /// Sends nothing more of a payment. It ends when nothing is on its way, and may still succeed.
    public mutating func giveUp(
        _ hash: PaymentHash, because reason: PaymentFailure, at moment: PaymentMoment
    ) throws(OrderRefusal) -> PaymentStep {
        var step = PaymentStep()
        guard var payment = open[hash] else {
            guard let waiting = pending.removeValue(forKey: hash) else {
                throw .unknownPayment(hash)
            }
            return startFailed(waiting, because: reason, at: moment)
        }
        if payment.ending == nil { payment.ending = reason }
        conclude(payment, at: moment, &step)
        return step
    }

    // MARK: -

    /// Removes an attempt from its payment, which is not stored yet.
    private mutating func take(_ attempt: UInt64, _ step: inout PaymentStep) -> OpenPayment? {
        guard let part = attempts[attempt], var payment = open[part.paymentHash] else {
            return nil
        }
        attempts[attempt] = nil
        payment.attempts.remove(attempt)
        payment.inFlight -= part.route.deliveredAmount
        payment.feesInFlight -= part.route.fee
        step.writes.append(
            RecordWrite(.paymentAttempt, key: PaymentRecordKey.number(attempt), value: nil))
        return payment
    }

    private mutating func end(
        _ attempt: UInt64, _ failure: AttemptFailure, at moment: PaymentMoment
    ) -> PaymentStep {
        var step = PaymentStep()
        guard let payment = fail(attempt, failure, at: moment, &step) else { return step }
        conclude(payment, at: moment, &step)
        return step
    }

    /// Notes a failed attempt and what it shows.
    private mutating func fail(
        _ attempt: UInt64, _ failure: AttemptFailure, at moment: PaymentMoment,
        _ step: inout PaymentStep
    ) -> OpenPayment? {
        guard let part = attempts[attempt], var payment = take(attempt, &step) else { return nil }
        let ended = PaymentAttempt(
            number: attempt, route: part.route, started: part.started,
            status: .failed(failure, at: max(moment.time, part.started)))
        let verdict = AttemptVerdict(failure, on: part.route)
        payment.lastFailure = PaymentFailure.FailedRoute(failure)
        if let code = verdict.rejection, payment.ending == nil { payment.ending = .rejected(code) }
        payment.search?.take(verdict, of: ended)
        payment.remember(ended)
        step.lessons += verdict.lessons
        step.events.append(.attemptEnded(part.paymentHash, ended))
        return payment
    }

    /// Stores a payment as it is now, or ends it where nothing is on its way and nothing more is sent.
    mutating func conclude(
        _ payment: OpenPayment, at moment: PaymentMoment, _ step: inout PaymentStep
    ) {
        var payment = payment
        endIfLate(&payment, at: moment)
        let isOver = !payment.isSending || payment.search == nil
        guard payment.attempts.isEmpty, isOver else {
            put(payment, &step)
            want(payment.order.paymentHash, &step)
            return
        }
        let past = payment.past(ended: moment.time)
        let wasOpen = open.removeValue(forKey: past.paymentHash) != nil
        deadlines.trim(wanted: open.count) { open[$0] != nil }
        if wasOpen {
            step.writes.append(
                RecordWrite(.payment, key: PaymentRecordKey.number(past.number), value: nil))
        }
        step.writes += [
            RecordWrite(
                .pastPayment, key: PaymentRecordKey.number(past.number),
                value: PastPaymentRecord(past).record),
            RecordWrite(
                .paymentHash,
                key: PaymentRecordKey.hash(past.paymentHash, number: past.number),
                value: payment.preimage == nil ? [] : PastPaymentRecord.paid),
        ]
        step.events.append(payment.preimage == nil ? .failed(past) : .succeeded(past))
    }

    func want(_ hash: PaymentHash, _ step: inout PaymentStep) {
        guard let payment = open[hash], wantsRoutes(payment) else { return }
        step.wants.append(hash)
    }

    /// What an attempt shares with the hops: after a start made again from its number.
    private mutating func sharedSecrets(
        _ number: UInt64, _ attempt: OpenAttempt, _ order: PaymentOrder
    ) -> [OnionSharedSecret] {
        if let secrets = attempt.sharedSecrets { return secrets }
        guard let key = secrets.sessionKey(attempt: number, paying: order.paymentHash),
            let onion = try? attempt.route.onion(order, sessionKey: key)
        else { return [] }
        attempts[number]?.sharedSecrets = onion.sharedSecrets
        return onion.sharedSecrets
    }
}

extension PaymentFailure.FailedRoute {
    init(_ failure: AttemptFailure) {
        if case .reported(let reported) = failure.reason {
            code = reported.code
        } else {
            code = nil
        }
        hop = failure.hop
        channel = failure.channel
    }
}

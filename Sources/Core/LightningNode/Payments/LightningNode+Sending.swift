import Bitcoin
import LightningChannel
import LightningCommitment
import LightningGraph
import LightningPayment
import LightningWire

/// What payments of this node want of it, and what is asked of them.
extension LightningNode {
    // MARK: Requests

    mutating func send(
        _ order: PaymentOrder, _ options: SendOptions, as id: RequestID, at moment: Moment
    ) throws(OrderRefusal) -> Step {
        if let refused = refusal(of: id, for: order, options) { return refused }
        let result = try payments.send(order, options, at: paymentMoment(moment))
        askers.ends[order.paymentHash, default: []].append(id)
        return take(result, at: moment)
    }

    mutating func keysend(
        _ order: PaymentOrder, _ options: SendOptions, as id: RequestID, at moment: Moment
    ) throws(OrderRefusal) -> Step {
        if let refused = refusal(of: id, for: order, options) { return refused }
        let result = try payments.keysend(order, options, at: paymentMoment(moment))
        for case .keysendBegun(let hash) in result.events { askers.ends[hash] = [id] }
        return take(result, at: moment)
    }

    /// Why nothing can be sent for an order, now or ever; nil where it can be tried.
    private func refusal(
        of id: RequestID, for order: PaymentOrder, _ options: SendOptions
    ) -> Step? {
        guard isCaughtUp else {
            return refusal(of: id, .unavailable(reason: Self.blindness))
        }
        guard options.allowsSelf || order.payee != nodeID else {
            return refusal(of: id, .payment(.selfPayment))
        }
        return nil
    }

    /// Tells how far a payment has come; of one that is about to begin, once it has.
    mutating func track(_ hash: PaymentHash, as id: RequestID) -> Step {
        guard payments.isPending(hash) else {
            return reply(id, .payments(payments.progress(hash).map { [$0] } ?? []))
        }
        askers.beginnings[hash, default: []].append(id)
        return Step()
    }

    // MARK: Steps of payments

    /// Takes what a step of the payments led to.
    mutating func take(_ result: PaymentStep, at moment: Moment) -> Step {
        var step = Step(writes: result.writes)
        for query in result.queries { step.append(ask(query, .payments(query))) }
        if !result.lessons.isEmpty { step.request(.learn(result.lessons)) }
        for search in result.searches { step.request(.findRoutes(search.id, search.query)) }
        for event in result.events { step.append(take(event)) }
        for offer in result.offers { step.append(self.offer(offer, at: moment)) }
        step.append(tell(of: result.events))
        for hash in result.wants { step.append(search(hash, at: moment)) }
        return step
    }

    /// Offers the HTLC of an attempt over the first channel of its route.
    private mutating func offer(_ attempt: OfferedAttempt, at moment: Moment) -> Step {
        let present = paymentMoment(moment)
        guard let number = channels.number(of: attempt.channel) else {
            let result = payments.notSent(attempt.attempt, because: .unknownChannel, at: present)
            return take(result, at: moment)
        }
        // A part of the same step that did not leave may have ended the payment: then nothing more goes out.
        guard isCaughtUp, payments.isSending(attempt.paymentHash) else {
            let result = payments.notSent(attempt.attempt, because: .interrupted, at: present)
            return take(result, at: moment)
        }
        let offer = HTLCOffer(
            amount: attempt.amount, paymentHash: attempt.paymentHash,
            cltvExpiry: attempt.cltvExpiry, onionPacket: attempt.onion,
            origin: .payment(attempt: attempt.attempt))
        do throws(ChannelError) {
            return try perform(.offer(offer), on: number, at: moment)
        } catch {
            var step = log(
                .info, number, "does not take payment attempt \(attempt.attempt): \(error)")
            step.append(
                take(
                    payments.notSent(attempt.attempt, because: .refusedByChannel, at: present),
                    at: moment))
            return step
        }
    }

    private mutating func take(_ event: PaymentEvent) -> Step {
        switch event {
        case .keysendBegun: return Step()
        case .refused(let hash, let refused):
            return answer(hash, .failure(.payment(refused))) + answerBeginning(of: hash)
        case .started(let hash, _): return answerBeginning(of: hash)
        case .attemptStarted(let hash, let attempt):
            askers.begin(attempt.number, of: hash)
            return Step()
        case .attemptEnded(_, let attempt):
            var step = Step()
            if case .failed(let failure, _) = attempt.status {
                step.events.append(
                    NodeEvent(
                        .debug, .payment, "payment attempt \(attempt.number) failed: \(failure)"))
            }
            if let asker = askers.attempts.removeValue(forKey: attempt.number) {
                step.append(reply(asker, .attempt(attempt)))
            }
            return step
        case .succeeded(let past), .failed(let past):
            return answer(past.paymentHash, .success(.payment(past)))
        }
    }

    /// Answers whoever waits for the end of a payment.
    private mutating func answer(
        _ hash: PaymentHash, _ answer: Result<NodeReply, NodeFailure>
    ) -> Step {
        var step = Step()
        for asker in askers.ends.removeValue(forKey: hash) ?? [] {
            step.request(.reply(asker, answer))
        }
        // Parts that never began: only a refusal leaves any.
        guard let waiting = askers.parts.removeValue(forKey: hash) else { return step }
        for case let asker? in waiting { step.request(.reply(asker, answer)) }
        return step
    }

    private mutating func answerBeginning(of hash: PaymentHash) -> Step {
        guard let waiting = askers.beginnings.removeValue(forKey: hash) else { return Step() }
        return waiting.reduce(into: Step()) { step, asker in
            step.append(reply(asker, .payments(payments.progress(hash).map { [$0] } ?? [])))
        }
    }

    /// Tells subscribers of payments once for all that a step has changed of each.
    private func tell(of events: [PaymentEvent]) -> Step {
        var step = Step()
        var told: Set<PaymentHash> = []
        for event in events {
            switch event {
            case .keysendBegun, .refused: break
            case .started(let hash, _), .attemptStarted(let hash, _), .attemptEnded(let hash, _):
                guard told.insert(hash).inserted, let progress = payments.progress(hash)
                else { continue }
                step.request(.notify(.payment(progress)))
            case .succeeded(let past), .failed(let past):
                step.request(.notify(.paymentEnded(past)))
            }
        }
        return step
    }

    // MARK: Routes

    /// The node's name in routes.
    var nodeID: NodeID { NodeID(keys.nodePublicKey) }

    /// Asks for routes for what of a payment is missing.
    private mutating func search(_ hash: PaymentHash, at moment: Moment) -> Step {
        guard isCaughtUp else {
            waitingSearches.insert(hash)
            return Step()
        }
        return take(
            payments.search(
                hash, by: nodeID, over: payerChannels(at: moment), at: paymentMoment(moment)),
            at: moment)
    }

    /// Takes routes that were looked for.
    mutating func take(
        _ routes: Result<[FoundRoute], PathError>, for id: RouteQueryID, at moment: Moment
    ) -> Step {
        take(payments.routesFound(id, routes, at: paymentMoment(moment)), at: moment)
    }

    /// Looks for routes for payments from before the start, once the node knows the height and its peers had time to come
    /// back.
    mutating func resumeSearches(at moment: Moment) -> Step {
        guard !waitingSearches.isEmpty, isCaughtUp else { return Step() }
        if !hasSettled {
            settlingSince = settlingSince ?? moment.time
            let isAlone = channels.channels.values.contains {
                $0.state == .normal && $0.established?.isConnected == false
            }
            hasSettled = !isAlone || moment.time >= (settlingSince ?? 0) + Self.settlingTime
        }
        guard hasSettled else { return Step() }
        let hashes = waitingSearches.sorted()
        waitingSearches = []
        return hashes.reduce(into: Step()) { step, hash in
            step.append(search(hash, at: moment))
        }
    }

    /// After so many seconds since a start, payments from before it use the channels that are there.
    private static let settlingTime: UInt64 = 15

    /// The channels over which this node can send now, with what they take.
    private func payerChannels(at moment: Moment) -> [PayerChannel] {
        channels.numbers.compactMap { number in
            guard closings[number] == nil, let established = channels[number]?.established,
                established.isUsable, !isSilent(number, at: moment)
            else { return nil }
            let commitments = established.commitments
            return PayerChannel(
                names: established.names.reversed(), peer: NodeID(established.peer),
                available: commitments.offerable, htlcMinimum: commitments.leastOffer)
        }
    }
}

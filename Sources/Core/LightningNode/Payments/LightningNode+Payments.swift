import Bitcoin
import LightningChannel
import LightningCommitment
import LightningGraph
import LightningInvoice
import LightningPayment
import LightningWire

/// What invoices and payments want of the node, and what is asked of them.
extension LightningNode {
    // MARK: Requests

    /// Grants or refuses a request about payments. Where it takes time the answer comes later.
    mutating func receive(
        _ request: PaymentRequest, as id: RequestID, at moment: Moment
    ) -> Step {
        let present = paymentMoment(moment)
        do {
            switch request {
            case .addInvoice(let order):
                return take(
                    try invoices.add(order, at: present), asker: id, hash: order.givenHash,
                    at: moment)
            case .settleInvoice(let preimage):
                guard isCaughtUp else {
                    return refusal(of: id, .unavailable(reason: Self.blindness))
                }
                let step = take(try invoices.settle(preimage, at: present), at: moment)
                return step + reply(id, .done)
            case .cancelInvoice(let hash):
                let step = take(try invoices.cancel(hash, at: present), at: moment)
                return step + reply(id, .done)
            case .forgetInvoice(let entry):
                return Step(writes: try invoices.forgetting(cancelled: entry)) + reply(id, .done)
            case .send(let order, _):
                let result = try payments.pay(order, at: present)
                paymentAskers[order.paymentHash, default: []].append(id)
                return take(result, at: moment)
            case .keysend(let order, _):
                return take(try payments.keysend(order, at: present), at: moment)
            case .sendToRoute(let order, let route):
                let result = try payments.pay(order, along: [route], at: present)
                paymentAskers[order.paymentHash, default: []].append(id)
                return take(result, at: moment)
            case .track(let hash):
                return reply(id, .payments(payments.progress(hash).map { [$0] } ?? []))
            case .pay(let order, let routes):
                guard isCaughtUp else {
                    return refusal(of: id, .unavailable(reason: Self.blindness))
                }
                let result = try payments.pay(order, along: routes, at: present)
                paymentAskers[order.paymentHash, default: []].append(id)
                return take(result, at: moment)
            case .openInvoice(let hash):
                return reply(id, .invoices(invoices.openInvoice(hash).map { [$0] } ?? []))
            case .heldInvoices: return reply(id, .invoices(invoices.heldInvoices))
            case .openInvoices: return reply(id, .invoices(invoices.openInvoices))
            case .openPayments: return reply(id, .payments(payments.openPayments))
            }
        } catch let error as InvoiceRefusal {
            return refusal(of: id, .invoice(error))
        } catch let error as OrderRefusal {
            return refusal(of: id, .payment(error))
        } catch {
            preconditionFailure("invoices and payments throw their own errors")
        }
    }

    // MARK: Invoices

    /// Takes what a step of the invoices led to. Where somebody asked for an invoice, `asker` is answered: at once, or
    /// where the past is looked up first, when its `hash` is told of.
    mutating func take(
        _ result: InvoiceStep, asker: RequestID? = nil, hash: PaymentHash? = nil,
        at moment: Moment
    ) -> Step {
        if let asker, let hash { invoiceAskers[hash] = asker }
        var step = Step(writes: result.writes)
        for query in result.queries { step.append(ask(query, .invoices(query))) }
        for answer in result.answers { step.append(resolve(answer, at: moment)) }
        for event in result.events {
            let isAsked = hash == nil ? asker : nil
            step.append(take(event, asker: isAsked))
        }
        return step
    }

    private mutating func take(_ event: InvoiceEvent, asker: RequestID?) -> Step {
        func log(_ entry: InvoiceEntry, _ what: String) -> Step {
            var step = Step(events: [
                NodeEvent(.info, .payment, "invoice \(entry.number) is \(what)")
            ])
            step.request(.notify(.invoice(entry)))
            return step
        }
        switch event {
        case .added(let entry, let hash):
            var step = log(entry, "added")
            let invoice = keys.nodeKey.sign(
                entry.content(invoices.secrets, network: wallet.network))
            if let asker = asker ?? invoiceAskers.removeValue(forKey: hash) {
                step.append(reply(asker, .invoice(invoice, number: entry.number)))
            }
            return step
        case .refused(let hash, let refused):
            guard let asker = asker ?? invoiceAskers.removeValue(forKey: hash) else {
                return Step()
            }
            return refusal(of: asker, .invoice(refused))
        case .held(let entry, let amount): return log(entry, "paid with \(amount), which is held")
        case .settled(let entry, _): return log(entry, "settled")
        case .cancelled(let entry): return log(entry, "cancelled")
        case .expired(let entry): return log(entry, "expired")
        }
    }

    // MARK: Payments

    /// Takes what a step of the payments led to.
    mutating func take(_ result: PaymentStep, at moment: Moment) -> Step {
        var step = Step(writes: result.writes)
        for query in result.queries { step.append(ask(query, .payments(query))) }
        for event in result.events { step.append(take(event, at: moment)) }
        for offer in result.offers { step.append(self.offer(offer, at: moment)) }
        return step
    }

    /// Offers the HTLC of an attempt over the first channel of its route.
    private mutating func offer(_ attempt: OfferedAttempt, at moment: Moment) -> Step {
        let present = paymentMoment(moment)
        guard let number = channels.number(of: attempt.channel) else {
            let result = payments.notSent(attempt.attempt, because: .unknownChannel, at: present)
            return take(result, at: moment)
        }
        guard isCaughtUp else {
            return take(
                payments.notSent(attempt.attempt, because: .refusedByChannel, at: present),
                at: moment)
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

    private mutating func take(_ event: PaymentEvent, at moment: Moment) -> Step {
        switch event {
        case .refused(let hash, let refused):
            return answerPayment(hash, .failure(.payment(refused)))
        case .started, .attemptStarted, .attemptSucceeded: return Step()
        case .attemptFailed(_, let attempt, _, let failure):
            return Step(events: [
                NodeEvent(.debug, .payment, "payment attempt \(attempt) failed: \(failure)")
            ])
        // Nobody looks for routes in this release: those that come with an order are all.
        case .routesWanted(let hash, _):
            let result = try? payments.giveUp(hash, because: .noRoute, at: paymentMoment(moment))
            return result.map { take($0, at: moment) } ?? Step()
        case .succeeded(let past), .failed(let past):
            return answerPayment(past.paymentHash, .success(.payment(past)))
        }
    }

    /// Takes routes that were looked for.
    mutating func take(
        _ routes: Result<[FoundRoute], PathError>, for id: RouteQueryID, at moment: Moment
    ) -> Step { Step() }

    private mutating func answerPayment(
        _ hash: PaymentHash, _ answer: Result<NodeReply, NodeFailure>
    ) -> Step {
        var step = Step()
        for asker in paymentAskers.removeValue(forKey: hash) ?? [] {
            step.request(.reply(asker, answer))
        }
        return step
    }

    // MARK: Time and the past

    /// Does what is due by now.
    mutating func advancePayments(at moment: Moment) -> Step {
        let present = paymentMoment(moment)
        var step = Step()
        for answer in forwarding.advance(to: present) {
            step.append(resolve(answer, at: moment))
        }
        step.append(take(invoices.advance(to: present), at: moment))
        return step
    }

    /// Has records of the past read.
    private mutating func ask(_ query: HistoryQuery, _ read: PendingRead) -> Step {
        load(query.table, prefix: query.prefix, for: read)
    }

    /// Takes records of the past.
    mutating func take(
        _ records: [StoredRecord], for query: HistoryQuery, ofInvoices: Bool, at moment: Moment
    ) -> Step {
        let present = paymentMoment(moment)
        guard ofInvoices else {
            return take(payments.loaded(query, records, at: present), at: moment)
        }
        do throws(RecordError) {
            return take(try invoices.loaded(query, records, at: present), at: moment)
        } catch {
            return Step(events: [
                NodeEvent(.error, .payment, "a record of \(query.table) is damaged: \(error)")
            ])
        }
    }
}

extension InvoiceOrder {
    /// The hash, where the user gave it or its preimage.
    fileprivate var givenHash: PaymentHash? {
        switch lock {
        case .derived: nil
        case .preimage(let preimage): preimage.paymentHash
        case .hold(let hash): hash
        }
    }
}

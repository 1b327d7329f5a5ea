import Bitcoin
import LightningChannel
import LightningCommitment
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
                    try invoices.add(withHints(order), at: present), asker: id,
                    hash: order.givenHash, at: moment)
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
            case .send(let order, let options):
                return try send(order, options, as: id, at: moment)
            case .keysend(let order, let options):
                return try keysend(order, options, as: id, at: moment)
            case .sendToRoute(let order, let route):
                guard isCaughtUp else {
                    return refusal(of: id, .unavailable(reason: Self.blindness))
                }
                let result = try payments.pay(order, along: [route], at: present)
                askers.parts[order.paymentHash, default: []].append(id)
                return take(result, at: moment)
            case .pay(let order, let routes):
                guard isCaughtUp else {
                    return refusal(of: id, .unavailable(reason: Self.blindness))
                }
                let result = try payments.pay(order, along: routes, at: present)
                askers.ends[order.paymentHash, default: []].append(id)
                askers.skipParts(routes.count, of: order.paymentHash)
                return take(result, at: moment)
            case .withdraw(let order):
                guard let hash = askers.payment(of: order) else { return reply(id, .done) }
                let result = try payments.giveUp(hash, because: .cancelled, at: present)
                return take(result, at: moment) + reply(id, .done)
            case .forgetPayments(let past):
                let writes = past.flatMap { Payments.forgetting($0, remembersPaid: true) }
                return Step(writes: writes) + reply(id, .done)
            case .openInvoice(let hash):
                return reply(id, .invoices(invoices.openInvoice(hash).map { [$0] } ?? []))
            case .heldInvoices: return reply(id, .invoices(invoices.heldInvoices))
            case .track(let hash): return track(hash, as: id)
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
                NodeEvent(.debug, .payment, "invoice \(entry.number) is \(what)")
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

    // MARK: Time and the past

    /// Does what is due by now.
    mutating func advancePayments(at moment: Moment) -> Step {
        let present = paymentMoment(moment)
        var step = Step()
        for answer in forwarding.advance(to: present) {
            step.append(resolve(answer, at: moment))
        }
        // Before the height is known, what is held for an invoice has not been handed in again: it would look unpaid.
        if isCaughtUp { step.append(take(invoices.advance(to: present), at: moment)) }
        step.append(take(payments.advance(to: present), at: moment))
        return step
    }

    /// Has records of the past read.
    mutating func ask(_ query: HistoryQuery, _ read: PendingRead) -> Step {
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

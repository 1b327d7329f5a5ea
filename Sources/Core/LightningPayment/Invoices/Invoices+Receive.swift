import Bitcoin
import LightningCrypto
import LightningWire

extension Invoices {
    /// Takes an HTLC that ends at this node. It is answered in this step or a later one.
    public mutating func receive(_ part: ReceivedPart, at moment: PaymentMoment) -> InvoiceStep {
        var step = InvoiceStep()
        let hash = part.receipt.paymentHash
        if open[hash] == nil, part.isRepeated {
            repeated[hash, default: []].append(part)
            let prefix = PaymentRecordKey.hashPrefix(hash)
            ask(HistoryQuery(.invoiceHash, prefix: prefix), hash, &step)
        } else {
            take(part, at: moment, &step)
        }
        return step
    }

    /// Decides about an HTLC of which the past knows nothing.
    mutating func take(
        _ part: ReceivedPart, at moment: PaymentMoment, _ step: inout InvoiceStep
    ) {
        let hash = part.receipt.paymentHash
        guard let invoice = open[hash] else {
            takeKeysend(part, at: moment, &step)
            return
        }
        let set = sets[hash]
        if set?.parts.contains(where: { $0.name == part.name }) ?? false { return }
        let order = invoice.order
        let expected = ExpectedPayment(
            proof: .paymentSecret(
                secrets.paymentSecret(invoice: invoice.number, created: invoice.created)),
            amount: order.amount,
            // What was there before a start came with enough blocks left: it is not judged by today's.
            minFinalCltvExpiryDelta: part.isRepeated ? 0 : order.minFinalCLTVExpiryDelta)
        // What a set has begun in time may be completed, and what was there before a start was in time.
        let isExpired = set == nil && !part.isRepeated && moment.seconds > invoice.end
        // BOLT 4: "MUST NOT send another HTLC if the total `amt_to_forward` of the HTLC set is already greater or equal to
        // `total_msat`."
        let isFull = set?.isComplete ?? false
        guard !isExpired, !isFull, part.receipt.problem(expecting: expected) == nil,
            part.receipt.cltvExpiry - moment.height > Int64(policy.holdMargin)
        else {
            step.answers.append(refuse(part, at: moment))
            return
        }
        add(part, to: invoice, hash, at: moment, &step)
    }

    private mutating func add(
        _ part: ReceivedPart, to invoice: InvoiceEntry, _ hash: PaymentHash,
        at moment: PaymentMoment, _ step: inout InvoiceStep
    ) {
        let isFirst = sets[hash] == nil
        var set = sets[hash] ?? PaymentSet(total: part.receipt.total, at: moment)
        // BOLT 4: "SHOULD fail the entire HTLC set if `total_msat` is not the same for all HTLCs in the set."
        guard set.total == part.receipt.total, set.add(part) else {
            sets[hash] = nil
            for part in set.parts + [part] { step.answers.append(refuse(part, at: moment)) }
            return
        }
        guard set.isComplete else {
            sets[hash] = set
            if isFirst { timeouts.insert((hash, set.start), at: set.start + policy.setTimeout) }
            return
        }
        if let preimage = invoice.preimage(secrets) {
            settle(hash, set, preimage, at: moment, &step)
        } else {
            sets[hash] = set
            var entry = invoice
            entry.state = .held(set.settlementParts)
            step.events.append(.held(entry, amount: set.received))
        }
    }

    /// BOLT 4: "if it fulfills any HTLCs in the HTLC set: MUST fulfill the entire HTLC set."
    mutating func settle(
        _ hash: PaymentHash, _ set: PaymentSet, _ preimage: PaymentPreimage,
        at moment: PaymentMoment, _ step: inout InvoiceStep
    ) {
        let isHeld = open[hash]?.preimage(secrets) == nil
        let settlement = settlement(set.parts, isHeld ? preimage : nil, at: moment)
        guard let entry = end(hash, as: .settled(settlement), &step) else { return }
        finish(entry, set.parts, preimage, at: moment, &step)
    }

    /// A payment that nobody asked for, or one that is not taken.
    private mutating func takeKeysend(
        _ part: ReceivedPart, at moment: PaymentMoment, _ step: inout InvoiceStep
    ) {
        let (receipt, delta) = (part.receipt, InvoicePolicy.keysendCLTVExpiryDelta)
        // Parts of one could not be told from those of another: there is no payment secret.
        guard policy.acceptsKeysend, let preimage = receipt.keysendPreimage,
            receipt.keysendProblem(minFinalCltvExpiryDelta: delta) == nil,
            receipt.total <= receipt.amount
        else {
            step.answers.append(refuse(part, at: moment))
            return
        }
        let order = InvoiceOrder(
            amount: receipt.amount, description: .text(""), minFinalCLTVExpiryDelta: delta,
            lock: .preimage(preimage))
        let entry = InvoiceEntry(
            number: nextNumber, order: order, isKeysend: true, created: moment.seconds,
            features: policy.features,
            state: .settled(settlement([part], nil, at: moment)))
        nextNumber += 1
        writePast(entry, receipt.paymentHash, &step)
        finish(entry, [part], preimage, at: moment, &step)
    }

    private mutating func settlement(
        _ parts: [ReceivedPart], _ heldPreimage: PaymentPreimage?, at moment: PaymentMoment
    ) -> Settlement {
        defer { nextSettlement += 1 }
        return Settlement(
            number: nextSettlement, time: moment.seconds, heldPreimage: heldPreimage,
            parts: parts.sorted { $0.name < $1.name }.map {
                Settlement.Part(name: $0.name, amount: $0.receipt.amount)
            }, records: records(of: parts))
    }

    /// What applications put into the parts: copies in several parts count once.
    private func records(of parts: [ReceivedPart]) -> [TLVRecord] {
        var records: [TLVRecord] = []
        for record in parts.flatMap(\.receipt.customRecords)
        where record.type != PaymentReceipt.keysendType && !records.contains(record) {
            records.append(record)
        }
        return records
    }

    private func finish(
        _ entry: InvoiceEntry, _ parts: [ReceivedPart], _ preimage: PaymentPreimage,
        at moment: PaymentMoment, _ step: inout InvoiceStep
    ) {
        step.writes.append(counters)
        step.answers += parts.map { fulfill($0, preimage, at: moment) }
        step.events.append(.settled(entry, records: parts.flatMap(\.receipt.customRecords)))
    }

    func fulfill(
        _ part: ReceivedPart, _ preimage: PaymentPreimage, at moment: PaymentMoment
    ) -> AnsweredHTLC {
        AnsweredHTLC(part.name, part.htlc.fulfill(preimage, at: moment))
    }

    func refuse(
        _ part: ReceivedPart, with failure: Failure? = nil, at moment: PaymentMoment
    ) -> AnsweredHTLC {
        AnsweredHTLC(
            part.name, part.htlc.fail(failure ?? part.receipt.wrongDetails, at: moment))
    }
}

import Bitcoin
import LightningCrypto
import LightningWire

extension Invoices {
    /// Takes what is held for an invoice: the user has shown its preimage.
    public mutating func settle(
        _ preimage: PaymentPreimage, at moment: PaymentMoment
    ) throws(InvoiceRefusal) -> InvoiceStep {
        let hash = preimage.paymentHash
        guard let invoice = open[hash] else { throw .unknownInvoice(hash) }
        guard case .hold = invoice.order.lock else { throw .notHeld(hash) }
        guard let set = sets[hash], set.isComplete else { throw .notPaid(hash) }
        guard set.deadline - moment.height > Int64(policy.holdMargin) else { throw .tooLate(hash) }
        var step = InvoiceStep()
        settle(hash, set, preimage, at: moment, &step)
        return step
    }

    /// Gives up an open invoice, and gives back what is held for it.
    public mutating func cancel(
        _ hash: PaymentHash, at moment: PaymentMoment
    ) throws(InvoiceRefusal) -> InvoiceStep {
        guard open[hash] != nil else { throw .unknownInvoice(hash) }
        var step = InvoiceStep()
        cancel(hash, at: moment, &step)
        return step
    }

    private mutating func cancel(
        _ hash: PaymentHash, at moment: PaymentMoment, _ step: inout InvoiceStep
    ) {
        let parts = sets[hash]?.parts ?? []
        guard let entry = end(hash, as: .cancelled, &step) else { return }
        step.answers += parts.map { refuse($0, at: moment) }
        step.events.append(.cancelled(entry))
    }

    /// Does what is due: gives up sets that do not become complete and HTLCs that were held for long, and lets invoices
    /// expire. To be called with each block and at ``nextDeadline``.
    public mutating func advance(to moment: PaymentMoment) -> InvoiceStep {
        var step = InvoiceStep()
        while let (hash, start) = timeouts.popDue(at: moment.time) {
            guard let set = sets[hash], set.start == start, !set.isComplete else { continue }
            giveUp(hash, set, at: moment, &step)
        }
        for (hash, set) in setsNearTheirEnd(moment.height) {
            if set.isComplete {
                cancel(hash, at: moment, &step)
            } else {
                giveUp(hash, set, at: moment, &step)
            }
        }
        while let hash = expiries.popDue(at: moment.time) {
            expire(hash, at: moment, &step)
        }
        return step
    }

    /// The sets with an HTLC that must not be held any longer, in the order of their hashes.
    private func setsNearTheirEnd(_ height: BlockHeight) -> [(key: PaymentHash, value: PaymentSet)]
    {
        sets.filter { $0.value.deadline - height <= Int64(policy.holdMargin) }
            .sorted { $0.key < $1.key }
    }

    /// BOLT 4: "SHOULD use `mpp_timeout` for the failure message."
    private mutating func giveUp(
        _ hash: PaymentHash, _ set: PaymentSet, at moment: PaymentMoment,
        _ step: inout InvoiceStep
    ) {
        sets[hash] = nil
        step.answers += set.parts.map { refuse($0, with: .mppTimeout, at: moment) }
        expire(hash, at: moment, &step)
    }

    /// Ends an invoice that is over and has nothing held for it.
    private mutating func expire(
        _ hash: PaymentHash, at moment: PaymentMoment, _ step: inout InvoiceStep
    ) {
        guard let invoice = open[hash], sets[hash] == nil, moment.seconds > invoice.end
        else { return }
        guard let entry = end(hash, as: .expired, &step) else { return }
        step.events.append(.expired(entry))
    }
}

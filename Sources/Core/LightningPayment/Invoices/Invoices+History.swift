import Bitcoin
import LightningWire

extension Invoices {
    /// Takes the answer to a query.
    public mutating func loaded(
        _ query: HistoryQuery, _ records: [StoredRecord], at moment: PaymentMoment
    ) throws(RecordError) -> InvoiceStep {
        guard let hashes = queries[query] else { return InvoiceStep() }
        var found: [(InvoiceEntry, PaymentHash)] = []
        var numbers: [UInt64] = []
        if query.table == .pastInvoice {
            for record in records {
                let entry = try Self.entry(record)
                found.append((entry, entry.paymentHash(secrets)))
            }
        } else {
            for record in records {
                numbers.append(try PaymentRecordKey.number(ofHashKey: record.key))
            }
        }
        queries[query] = nil
        var step = InvoiceStep()
        for hash in hashes.sorted() {
            if query.table == .invoiceHash { conclude(hash, known: numbers, at: moment, &step) }
            for (entry, entryHash) in found where entryHash == hash {
                decideAgain(hash, entry, at: moment, &step)
            }
            guard !queries.values.contains(where: { $0.contains(hash) }) else { continue }
            let isKnown = decided.remove(hash) != nil
            for part in repeated.removeValue(forKey: hash) ?? [] {
                if isKnown {
                    step.answers.append(refuse(part, at: moment))
                } else {
                    take(part, at: moment, &step)
                }
            }
        }
        return step
    }

    mutating func ask(_ query: HistoryQuery, _ hash: PaymentHash, _ step: inout InvoiceStep) {
        queries[query, default: []].insert(hash)
        step.queries.append(query)
    }

    /// The index has told which invoices of the past may have had the hash.
    private mutating func conclude(
        _ hash: PaymentHash, known numbers: [UInt64], at moment: PaymentMoment,
        _ step: inout InvoiceStep
    ) {
        if let order = adding.removeValue(forKey: hash) {
            if numbers.isEmpty, open[hash] == nil {
                finishAdding(order, at: moment, &step)
            } else {
                step.events.append(.refused(hash, .duplicateHash(hash)))
            }
        }
        guard repeated[hash] != nil else { return }
        for number in numbers {
            let key = PaymentRecordKey.number(number)
            ask(HistoryQuery(.pastInvoice, prefix: key), hash, &step)
        }
    }

    /// Takes those HTLCs from before the start that were taken then. The rest is refused once nothing more is asked.
    private mutating func decideAgain(
        _ hash: PaymentHash, _ entry: InvoiceEntry, at moment: PaymentMoment,
        _ step: inout InvoiceStep
    ) {
        guard let parts = repeated[hash] else { return }
        decided.insert(hash)
        guard case .settled(let settlement) = entry.state,
            let preimage = entry.preimage(secrets)
        else { return }
        let taken = Set(settlement.parts.map(\.name))
        step.answers += parts.filter { taken.contains($0.name) }
            .map { fulfill($0, preimage, at: moment) }
        repeated[hash] = parts.filter { !taken.contains($0.name) }
    }
}

import LightningPayment
import LightningWire

/// What is being read beside the loop, and for whom.
enum PendingRead: Sendable {
    case formerHTLCs(FormerHTLCRead)
    case invoices(HistoryQuery)
    case payments(HistoryQuery)
}

extension LightningNode {
    /// Has records read, and handed to `reader` when they are there.
    mutating func load(_ table: RecordTable, prefix: [UInt8], for reader: PendingRead) -> Step {
        loadNumber += 1
        reads[LoadID(loadNumber)] = reader
        var step = Step()
        step.request(.load(LoadID(loadNumber), table, prefix: prefix))
        return step
    }

    /// Takes records that were asked for.
    mutating func take(
        _ records: [(key: [UInt8], value: [UInt8])], for id: LoadID, at moment: Moment
    ) -> Step {
        let stored = records.map { StoredRecord(key: $0.key, value: $0.value) }
        switch reads.removeValue(forKey: id) {
        case nil: return Step()
        case .formerHTLCs(let read): return take(stored, for: read, at: moment)
        case .invoices(let query):
            return take(stored, for: query, ofInvoices: true, at: moment)
        case .payments(let query):
            return take(stored, for: query, ofInvoices: false, at: moment)
        }
    }
}

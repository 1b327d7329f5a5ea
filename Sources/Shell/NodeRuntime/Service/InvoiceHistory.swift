import Bitcoin
import LightningNode
import LightningPayment
import LightningWire
import NodeStorage

/// Which invoices are wanted, and which part of their list.
public struct InvoiceQuery: Sendable {
    /// Between which numbers, and in which order.
    public var numbers: NumberRange
    /// The most to answer with.
    public var limit: Int
    /// Whether only those are wanted that can be paid or are held.
    public var isOpenOnly = false
    /// When they were made, in seconds since 1970.
    public var created: ClosedRange<UInt64> = 0...(.max)

    /// Those between these numbers.
    public init(_ numbers: NumberRange = NumberRange(), limit: Int = 100) {
        self.numbers = numbers
        self.limit = limit
    }
}

/// The node's invoices as the database has them, read beside the loop: those that can be paid, and those of the past.
///
/// That an invoice is held does not show here: it counts as open.
public struct InvoiceHistory: Sendable {
    private let records: NumberedRecords
    private let signer: NodeSigner

    /// The invoices of that node in that database.
    public init(_ store: any RecordStore, signer: NodeSigner) {
        records = NumberedRecords(store: store, present: .invoice, past: .pastInvoice)
        self.signer = signer
    }

    /// The invoices that a query asks for, in its order.
    public func page(_ query: InvoiceQuery) throws(HistoryError) -> [InvoiceEntry] {
        var page: [InvoiceEntry] = []
        try records.scan(query.numbers, of: query.isOpenOnly ? .present : .both) {
            (record) throws(HistoryError) in
            guard page.count < query.limit else { return false }
            let entry = try decode(record)
            if query.created.contains(entry.created) { page.append(entry) }
            return true
        }
        return page
    }

    /// The invoice of the past with that hash, the latest where there are several; nil where there is none.
    public func past(_ hash: PaymentHash) throws(HistoryError) -> InvoiceEntry? {
        let range = KeyRange(prefix: PaymentRecordKey.hashPrefix(hash))
        var found: InvoiceEntry?
        for index in try records.records(.invoiceHash, range, .ascending) {
            let number = try damageToError(.invoiceHash) { () throws(RecordError) in
                try PaymentRecordKey.number(ofHashKey: index.key)
            }
            guard let record = try records.entry(number) else { continue }
            let entry = try decode(record)
            if signer.paymentHash(of: entry) == hash, entry.number >= found?.number ?? 0 {
                found = entry
            }
        }
        return found
    }

    /// The invoice with that payment secret; nil where there is none. Secrets follow from numbers and are in no index: this
    /// goes through the invoices from the newest back.
    public func invoice(paymentSecret: Hash256) throws(HistoryError) -> InvoiceEntry? {
        var found: InvoiceEntry?
        try records.scan(NumberRange(order: .descending)) { (record) throws(HistoryError) in
            let entry = try decode(record)
            if signer.paymentSecret(of: entry) == paymentSecret { found = entry }
            return found == nil
        }
        return found
    }

    /// The numbers of the invoices whose settlements have numbers from `first` to before `end`, in the order of those.
    ///
    /// Settlements are in no index: this goes through the invoices from the newest back until it has all of them, and keeps
    /// two numbers of each.
    public func settled(
        from first: UInt64, upTo end: UInt64
    ) throws(HistoryError) -> [UInt64] {
        guard first < end else { return [] }
        var missing = end - first
        var found: [(settlement: UInt64, invoice: UInt64)] = []
        try records.scan(NumberRange(order: .descending), of: .past) {
            (record) throws(HistoryError) in
            let entry = try decode(record)
            if case .settled(let settlement) = entry.state,
                (first..<end).contains(settlement.number)
            {
                found.append((settlement.number, entry.number))
                missing -= 1
            }
            return missing > 0
        }
        return found.sorted { $0 < $1 }.map(\.invoice)
    }

    /// The invoice of that number; nil where there is none.
    public func invoice(number: UInt64) throws(HistoryError) -> InvoiceEntry? {
        guard let record = try records.entry(number) else { return nil }
        return try decode(record)
    }

    /// How many settlements there were: the number of the next one.
    public func settlementCount() throws(HistoryError) -> UInt64 {
        guard let counters = try records.value(.meta, PaymentRecordKey.invoiceCounters) else {
            return 0
        }
        return try damageToError(.meta) { () throws(RecordError) in
            try Invoices.settlementCount(counters)
        }
    }

    private func decode(_ record: NumberedRecords.Entry) throws(HistoryError) -> InvoiceEntry {
        try damageToError(record.isPast ? .pastInvoice : .invoice) { () throws(RecordError) in
            try Invoices.entry(
                StoredRecord(key: PaymentRecordKey.number(record.number), value: record.value))
        }
    }
}

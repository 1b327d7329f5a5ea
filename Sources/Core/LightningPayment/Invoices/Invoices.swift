import Bitcoin
import LightningCrypto
import LightningWire

/// The invoices of this node: makes them, gathers the parts of payments, and decides what is taken (BOLT 4 and 11).
///
/// In memory are the invoices that can still be paid, and the HTLCs that are held for them. What was decided is only in
/// the database. After a start the node hands in all open HTLCs again, marked as repeated, and the same sets form; of an
/// HTLC whose hash is not open, the past is asked whether the set that it belonged to was taken.
public struct Invoices: Sendable {
    public let secrets: PaymentSecrets
    public let policy: InvoicePolicy
    var open: [PaymentHash: InvoiceEntry] = [:]
    /// The HTLCs that are held, by the hash of their open invoice.
    var sets: [PaymentHash: PaymentSet] = [:]
    var nextNumber: UInt64 = 0
    var nextSettlement: UInt64 = 0
    /// When invoices expire.
    var expiries = DeadlineQueue<PaymentHash>()
    /// When sets are given up, with their start, which tells a set from a later one.
    var timeouts = DeadlineQueue<(hash: PaymentHash, start: UInt64)>()
    /// Invoices whose hash the user gave, until it is known that it is new.
    var adding: [PaymentHash: InvoiceOrder] = [:]
    /// HTLCs from before the start, until it is known what was decided about them.
    var repeated: [PaymentHash: [ReceivedPart]] = [:]
    /// Those of them whose hash the past knows.
    var decided: Set<PaymentHash> = []
    /// What is looked up, and for which hashes.
    var queries: [HistoryQuery: Set<PaymentHash>] = [:]

    /// Takes up the records of ``RecordTable/invoice``, and that of ``RecordTable/meta`` at
    /// ``PaymentRecordKey/invoiceCounters``, which is nil on a new node.
    public init(
        secrets: PaymentSecrets, policy: InvoicePolicy, records: [StoredRecord] = [],
        counters: [UInt8]? = nil
    ) throws(RecordError) {
        self.secrets = secrets
        self.policy = policy
        if let counters {
            let record = try CounterRecord(record: counters)
            (nextNumber, nextSettlement) = (record.first, record.second)
        }
        for record in records {
            let number = try PaymentRecordKey.number(of: record.key)
            let entry = try InvoiceRecord(record: record.value).entry(number)
            insert(entry, entry.paymentHash(secrets))
        }
    }

    /// How many invoices can be paid.
    public var openCount: Int { open.count }

    /// All invoices that can be paid, in the order of their making.
    public var openInvoices: [InvoiceEntry] {
        open.values.sorted { $0.number < $1.number }
    }

    /// An invoice that can be paid or is held; nil where it is none, or one of the past.
    public func openInvoice(_ hash: PaymentHash) -> InvoiceEntry? {
        guard var entry = open[hash] else { return nil }
        if let set = sets[hash], set.isComplete { entry.state = .held(set.settlementParts) }
        return entry
    }

    /// The invoices that are held until they are settled or cancelled, in the order of their making.
    public var heldInvoices: [InvoiceEntry] {
        sets.filter { $0.value.isComplete }.compactMap { openInvoice($0.key) }
            .sorted { $0.number < $1.number }
    }

    /// What is held for an invoice; nil where not all of it is there.
    public func heldAmount(_ hash: PaymentHash) -> MilliSatoshi? {
        guard let set = sets[hash], set.isComplete else { return nil }
        return set.received
    }

    /// When ``advance(to:)`` has something to do next, in milliseconds since 1970.
    public var nextDeadline: UInt64? {
        [expiries.next, timeouts.next].compactMap { $0 }.min()
    }

    /// Reads a record of ``RecordTable/pastInvoice`` or ``RecordTable/invoice``.
    public static func entry(_ record: StoredRecord) throws(RecordError) -> InvoiceEntry {
        try InvoiceRecord(record: record.value)
            .entry(PaymentRecordKey.number(of: record.key))
    }

    /// How many settlements the record of ``RecordTable/meta`` at ``PaymentRecordKey/invoiceCounters`` has counted.
    public static func settlementCount(_ counters: [UInt8]) throws(RecordError) -> UInt64 {
        try CounterRecord(record: counters).second
    }

    /// The writes that forget an invoice of the past.
    public func forgetting(_ past: InvoiceEntry) -> [RecordWrite] {
        [
            RecordWrite(.pastInvoice, key: PaymentRecordKey.number(past.number), value: nil),
            RecordWrite(
                .invoiceHash,
                key: PaymentRecordKey.hash(past.paymentHash(secrets), number: past.number),
                value: nil),
        ]
    }

    /// The writes that forget an invoice which nobody has paid, once it is over.
    public func forgetting(cancelled past: InvoiceEntry) throws(InvoiceRefusal) -> [RecordWrite] {
        switch past.state {
        case .cancelled, .expired: return forgetting(past)
        case .open, .held, .settled: throw .notCancelled(past.paymentHash(secrets))
        }
    }

    // MARK: - Adding

    /// Makes an invoice. Where the user gave the hash, the past is asked first whether it is new, and the event comes later.
    public mutating func add(
        _ order: InvoiceOrder, at moment: PaymentMoment
    ) throws(InvoiceRefusal) -> InvoiceStep {
        try order.check()
        var step = InvoiceStep()
        let hash: PaymentHash
        switch order.lock {
        case .derived:
            finishAdding(order, at: moment, &step)
            return step
        case .preimage(let preimage): hash = preimage.paymentHash
        case .hold(let given): hash = given
        }
        guard open[hash] == nil, adding[hash] == nil else { throw .duplicateHash(hash) }
        adding[hash] = order
        ask(HistoryQuery(.invoiceHash, prefix: PaymentRecordKey.hashPrefix(hash)), hash, &step)
        return step
    }

    mutating func finishAdding(
        _ order: InvoiceOrder, at moment: PaymentMoment, _ step: inout InvoiceStep
    ) {
        let entry = InvoiceEntry(
            number: nextNumber, order: order, created: moment.seconds, features: policy.features)
        nextNumber += 1
        let hash = entry.paymentHash(secrets)
        insert(entry, hash)
        step.writes += [
            counters,
            RecordWrite(
                .invoice, key: PaymentRecordKey.number(entry.number),
                value: InvoiceRecord(entry).record),
        ]
        step.events.append(.added(entry, hash))
    }

    private mutating func insert(_ entry: InvoiceEntry, _ hash: PaymentHash) {
        open[hash] = entry
        expiries.insert(hash, at: (entry.end + 1) * 1000)
    }

    var counters: RecordWrite {
        RecordWrite(
            .meta, key: PaymentRecordKey.invoiceCounters,
            value: CounterRecord(first: nextNumber, second: nextSettlement).record)
    }

    // MARK: - Ending

    /// Moves an invoice from the present to the past.
    mutating func end(
        _ hash: PaymentHash, as state: InvoiceEntry.State, _ step: inout InvoiceStep
    ) -> InvoiceEntry? {
        guard var entry = open.removeValue(forKey: hash) else { return nil }
        sets[hash] = nil
        expiries.trim(wanted: open.count) { open[$0] != nil }
        timeouts.trim(wanted: sets.count) { sets[$0.hash]?.start == $0.start }
        entry.state = state
        step.writes.append(
            RecordWrite(.invoice, key: PaymentRecordKey.number(entry.number), value: nil))
        writePast(entry, hash, &step)
        return entry
    }

    mutating func writePast(
        _ entry: InvoiceEntry, _ hash: PaymentHash, _ step: inout InvoiceStep
    ) {
        step.writes += [
            RecordWrite(
                .pastInvoice, key: PaymentRecordKey.number(entry.number),
                value: InvoiceRecord(entry).record),
            RecordWrite(
                .invoiceHash, key: PaymentRecordKey.hash(hash, number: entry.number), value: []),
        ]
    }
}

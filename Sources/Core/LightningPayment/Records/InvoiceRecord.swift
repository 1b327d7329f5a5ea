import Bitcoin
import LightningInvoice
import LightningWire

/// The stored form of an ``InvoiceEntry``, but for its number. What follows from the number or is as usual is left out.
///
/// With an ordinary invoice that was paid with one HTLC that is some 45 bytes and the description.
struct InvoiceRecord: RecordCodable {
    private let entry: InvoiceEntry

    init(_ entry: InvoiceEntry) { self.entry = entry }

    /// The invoice that was stored at `number`.
    func entry(_ number: UInt64) -> InvoiceEntry {
        InvoiceEntry(
            number: number, order: entry.order, isKeysend: entry.isKeysend,
            created: entry.created, features: entry.features, state: entry.state)
    }

    private enum Ending {
        static let settled: UInt64 = 1
        static let cancelled: UInt64 = 2
        static let expired: UInt64 = 3
    }

    init(from record: inout RecordReader) throws(RecordError) {
        let created = try record.requireInteger(0)
        let amount = try record.takeMilliSatoshi(2)
        let text = try record.takeText(4)
        let description: Invoice.Description
        if let hash = try record.takeHash(6) {
            description = .hash(hash)
        } else {
            description = .text(text ?? "")
        }
        let expiry = try record.takeInteger(8) ?? InvoiceOrder.defaultExpiry
        let delta =
            try record.takeNumber(10, as: UInt32.self)
            ?? InvoiceOrder.defaultMinFinalCLTVExpiryDelta
        let preimage = try record.takeHash(12).map { PaymentPreimage($0) }
        let held = try record.takeHash(14).map { PaymentHash($0) }
        let lock =
            preimage.map { InvoiceOrder.Lock.preimage($0) } ?? held.map { .hold($0) } ?? .derived
        let fallbacks = try record.takeList(16, of: Script.self)
        let hints = try record.takeList(18, of: StoredRouteHint.self)
        let features = try record.takeBytes(20).map { Features($0) }
        let isKeysend = try record.takeInteger(22) != nil
        var order = InvoiceOrder(
            amount: amount, description: description, expiry: expiry,
            minFinalCLTVExpiryDelta: delta, lock: lock, fallbacks: fallbacks,
            routeHints: hints.map(\.hops))
        if case .hash = description { order.note = text ?? "" }
        let state = try Self.state(&record, created: created)
        entry = InvoiceEntry(
            number: 0, order: order, isKeysend: isKeysend, created: created,
            features: features ?? InvoicePolicy.firstFeatures, state: state)
    }

    private static func state(
        _ record: inout RecordReader, created: UInt64
    ) throws(RecordError) -> InvoiceEntry.State {
        switch try record.takeInteger(24) {
        case nil: return .open
        case Ending.cancelled: return .cancelled
        case Ending.expired: return .expired
        case Ending.settled: break
        case .some: throw .invalidField(type: 24)
        }
        let number = try record.requireInteger(26)
        let (time, overflow) = created.addingReportingOverflow(try record.requireInteger(28))
        guard !overflow else { throw .invalidField(type: 28) }
        let parts = try record.takeList(30, of: Settlement.Part.self)
        let preimage = try record.takeHash(32).map { PaymentPreimage($0) }
        return .settled(
            Settlement(
                number: number, time: time, heldPreimage: preimage, parts: parts,
                records: try record.takeList(34, of: StoredTLVRecord.self).map(\.record)))
    }

    func write(to record: inout RecordWriter) {
        let order = entry.order
        record.put(0, integer: entry.created)
        record.put(2, order.amount)
        switch order.description {
        case .text(let text): if !text.isEmpty { record.put(4, Array(text.utf8)) }
        case .hash(let hash):
            if !order.note.isEmpty { record.put(4, Array(order.note.utf8)) }
            record.put(6, hash)
        }
        record.put(8, integer: order.expiry, unless: InvoiceOrder.defaultExpiry)
        record.put(
            10, integer: UInt64(order.minFinalCLTVExpiryDelta),
            unless: UInt64(InvoiceOrder.defaultMinFinalCLTVExpiryDelta))
        switch order.lock {
        case .derived: break
        case .preimage(let preimage): record.put(12, preimage.hash)
        case .hold(let hash): record.put(14, hash.hash)
        }
        record.put(16, list: order.fallbacks)
        record.put(18, list: order.routeHints.map { StoredRouteHint(hops: $0) })
        if entry.features != InvoicePolicy.firstFeatures {
            record.put(20, entry.features.bytes)
        }
        record.put(22, integer: entry.isKeysend ? 1 : nil)
        write(entry.state, to: &record)
    }

    private func write(_ state: InvoiceEntry.State, to record: inout RecordWriter) {
        switch state {
        case .open, .held: break
        case .cancelled: record.put(24, integer: Ending.cancelled)
        case .expired: record.put(24, integer: Ending.expired)
        case .settled(let settlement):
            record.put(24, integer: Ending.settled)
            record.put(26, integer: settlement.number)
            record.put(28, integer: settlement.time - min(entry.created, settlement.time))
            record.put(30, list: settlement.parts)
            record.put(32, settlement.heldPreimage?.hash)
            record.put(34, list: settlement.records.map { StoredTLVRecord(record: $0) })
        }
    }
}

extension Settlement.Part: BinaryCodable {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        let channel = try reader.readBigSize()
        name = HTLCName(
            channel: UInt32(truncatingIfNeeded: channel), id: try reader.readBigSize())
        amount = MilliSatoshi(try reader.readBigSize())
    }

    public func write(to writer: inout ByteWriter) {
        writer.writeBigSize(UInt64(name.channel))
        writer.writeBigSize(name.id)
        writer.writeBigSize(amount.value)
    }
}

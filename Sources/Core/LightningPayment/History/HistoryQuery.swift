import Bitcoin
import LightningWire

/// A question to the database about the past, which is not kept in memory: all records of a table whose keys start with
/// some bytes. The answer comes back as an input.
public struct HistoryQuery: Hashable, Sendable {
    public let table: RecordTable
    public let prefix: [UInt8]

    /// Asks `table` for what starts with `prefix`.
    public init(_ table: RecordTable, prefix: [UInt8]) {
        self.table = table
        self.prefix = prefix
    }
}

/// A record with its key, as the database holds it.
public struct StoredRecord: Hashable, Sendable {
    public let key: [UInt8]
    public let value: [UInt8]

    /// The record `value` at `key`.
    public init(key: [UInt8], value: [UInt8]) {
        self.key = key
        self.value = value
    }
}

/// The keys of records of payments and invoices.
public enum PaymentRecordKey {
    /// Under which ``RecordTable/meta`` has the next number of an invoice and of a settlement.
    public static let invoiceCounters = Array("invoices".utf8)
    /// Under which ``RecordTable/meta`` has the next number of a payment, and one above every attempt's.
    public static let paymentCounters = Array("payments".utf8)

    /// The key of an invoice, a payment or an attempt: its number, so that they are in the order of their making.
    public static func number(_ number: UInt64) -> [UInt8] {
        var writer = ByteWriter(capacity: 8)
        writer.writeBigEndian(number)
        return writer.bytes
    }

    /// The number in a key that ``number(_:)`` made.
    public static func number(of key: [UInt8]) throws(RecordError) -> UInt64 {
        guard key.count == 8 else { throw .malformed(.truncated(needed: 8, available: key.count)) }
        return key.reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// What the entries of a payment hash in an index start with.
    ///
    /// Eight bytes of the hash find it among many millions; that it is the right one shows in the record itself.
    public static func hashPrefix(_ hash: PaymentHash) -> [UInt8] {
        Array(hash.hash.bytes.prefix(8))
    }

    /// The entry of a payment hash in an index: part of the hash, then the number in as few bytes as it needs.
    static func hash(_ hash: PaymentHash, number: UInt64) -> [UInt8] {
        hashPrefix(hash) + Self.number(number).drop { $0 == 0 }
    }

    /// The number in a key that ``hash(_:number:)`` made.
    public static func number(ofHashKey key: [UInt8]) throws(RecordError) -> UInt64 {
        guard (8...16).contains(key.count) else {
            throw .malformed(.truncated(needed: 8, available: key.count))
        }
        return key[8...].reduce(0) { $0 << 8 | UInt64($1) }
    }
}

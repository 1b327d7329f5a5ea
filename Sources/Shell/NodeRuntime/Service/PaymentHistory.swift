import LightningPayment
import LightningWire
import NodeStorage

/// Which payments of the past are wanted, and which part of their list.
public struct PaymentQuery: Sendable {
    /// Between which numbers, and in which order.
    public var numbers: NumberRange
    /// The most to answer with.
    public var limit: Int
    /// Whether those that failed are left out.
    public var isSucceededOnly = false
    /// When they began, in seconds since 1970.
    public var created: ClosedRange<UInt64> = 0...(.max)

    /// Those between these numbers.
    public init(_ numbers: NumberRange = NumberRange(), limit: Int = 100) {
        self.numbers = numbers
        self.limit = limit
    }
}

/// The node's payments that have ended, read from the database beside the loop.
///
/// Those that are being made are asked of the node, before this is read: what has ended since is found here then.
public struct PaymentHistory: Sendable {
    private let records: NumberedRecords

    /// The payments in that database.
    public init(_ store: any RecordStore) {
        records = NumberedRecords(store: store, present: .payment, past: .pastPayment)
    }

    /// The payments that a query asks for, in its order.
    public func page(_ query: PaymentQuery) throws(HistoryError) -> [PastPayment] {
        var page: [PastPayment] = []
        try records.scan(query.numbers, of: .past) { (record) throws(HistoryError) in
            guard page.count < query.limit else { return false }
            let payment = try decode(record)
            guard query.created.contains(payment.created / 1_000) else { return true }
            if query.isSucceededOnly, case .failed = payment.outcome { return true }
            page.append(payment)
            return true
        }
        return page
    }

    /// The payment with that hash; of several the one that succeeded, or the latest. Nil where there is none.
    public func payment(_ hash: PaymentHash) throws(HistoryError) -> PastPayment? {
        let range = KeyRange(prefix: PaymentRecordKey.hashPrefix(hash))
        var found: PastPayment?
        for index in try records.records(.paymentHash, range, .ascending) {
            let number = try damageToError(.paymentHash) { () throws(RecordError) in
                try PaymentRecordKey.number(ofHashKey: index.key)
            }
            guard let record = try records.entry(number), record.isPast else { continue }
            let payment = try decode(record)
            guard payment.paymentHash == hash else { continue }
            if case .succeeded = payment.outcome { return payment }
            found = payment
        }
        return found
    }

    /// How many payments have ended and are not forgotten. Goes through all of their keys.
    public func count() throws(HistoryError) -> UInt64 {
        var count: UInt64 = 0
        try records.scan(NumberRange(), of: .past) { (_) throws(HistoryError) in
            count += 1
            return true
        }
        return count
    }

    private func decode(_ record: NumberedRecords.Entry) throws(HistoryError) -> PastPayment {
        try damageToError(.pastPayment) { () throws(RecordError) in
            try Payments.past(
                StoredRecord(key: PaymentRecordKey.number(record.number), value: record.value))
        }
    }
}

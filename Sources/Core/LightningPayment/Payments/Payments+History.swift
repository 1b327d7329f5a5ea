import Bitcoin
import LightningWire

/// What of a payment is known while it is being made.
public struct PaymentProgress: Hashable, Sendable {
    public let number: UInt64
    public let order: PaymentOrder
    /// When it started, in milliseconds since 1970.
    public let created: UInt64
    /// The proof, where a part has brought it already.
    public let preimage: PaymentPreimage?
    /// The parts that may be on their way, by their attempts' numbers.
    public let inFlight: [UInt64: PaymentRoute]
}

extension Payments {
    /// A payment that is being made; nil where there is none.
    public func progress(_ hash: PaymentHash) -> PaymentProgress? {
        open[hash].map { progress($0) }
    }

    /// All payments that are being made, in the order of their numbers.
    public var openPayments: [PaymentProgress] {
        open.values.sorted { $0.number < $1.number }.map { progress($0) }
    }

    private func progress(_ payment: OpenPayment) -> PaymentProgress {
        var routes: [UInt64: PaymentRoute] = [:]
        for number in payment.attempts { routes[number] = attempts[number]?.route }
        return PaymentProgress(
            number: payment.number, order: payment.order, created: payment.created,
            preimage: payment.preimage, inFlight: routes)
    }

    /// Reads a record of ``RecordTable/pastPayment``.
    public static func past(_ record: StoredRecord) throws(RecordError) -> PastPayment {
        try PastPaymentRecord(record: record.value)
            .payment(PaymentRecordKey.number(of: record.key))
    }

    /// The writes that forget a payment of the past. Its hash could be paid again then.
    public static func forgetting(_ past: PastPayment) -> [RecordWrite] {
        [
            RecordWrite(.pastPayment, key: PaymentRecordKey.number(past.number), value: nil),
            RecordWrite(
                .paymentHash,
                key: PaymentRecordKey.hash(past.paymentHash, number: past.number), value: nil),
        ]
    }
}

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
    /// Why nothing more is sent of it; nil while it may be.
    public let ending: PaymentFailure?
    /// The parts that are on their way or have arrived, and the latest that failed, in the order of their numbers. After a
    /// start those that had failed before are forgotten.
    public internal(set) var attempts: [PaymentAttempt]

    /// The parts that may be on their way.
    public var inFlight: [PaymentAttempt] { attempts.filter { $0.status == .inFlight } }

    /// What of it the records have.
    public var durable: PaymentProgress {
        var progress = self
        progress.attempts.removeAll { if case .failed = $0.status { true } else { false } }
        return progress
    }
}

extension Payments {
    /// A payment that is being made; nil where there is none.
    public func progress(_ hash: PaymentHash) -> PaymentProgress? {
        open[hash].map { progress($0) }
    }

    /// Whether the past and the routes of a payment are being looked up.
    public func isPending(_ hash: PaymentHash) -> Bool { pending[hash] != nil }

    /// Whether parts of a payment may leave: it is being made, and neither paid nor given up.
    public func isSending(_ hash: PaymentHash) -> Bool { open[hash]?.isSending ?? false }

    /// All payments that are being made, in the order of their numbers.
    public var openPayments: [PaymentProgress] {
        open.values.sorted { $0.number < $1.number }.map { progress($0) }
    }

    private func progress(_ payment: OpenPayment) -> PaymentProgress {
        let open = payment.attempts.compactMap { number in
            attempts[number].map {
                PaymentAttempt(number: number, route: $0.route, started: $0.started)
            }
        }
        return PaymentProgress(
            number: payment.number, order: payment.order, created: payment.created,
            preimage: payment.preimage, ending: payment.ending,
            attempts: (payment.failures + payment.parts + open).sorted { $0.number < $1.number })
    }

    /// Reads a record of ``RecordTable/pastPayment``.
    public static func past(_ record: StoredRecord) throws(RecordError) -> PastPayment {
        try PastPaymentRecord(record: record.value)
            .payment(PaymentRecordKey.number(of: record.key))
    }

    /// The writes that forget a payment of the past. Its hash could be paid again then, unless `remembersPaid` keeps the
    /// mark of one that was paid.
    public static func forgetting(
        _ past: PastPayment, remembersPaid: Bool = false
    ) -> [RecordWrite] {
        let record = RecordWrite(
            .pastPayment, key: PaymentRecordKey.number(past.number), value: nil)
        if remembersPaid, case .succeeded = past.outcome { return [record] }
        let mark = PaymentRecordKey.hash(past.paymentHash, number: past.number)
        return [record, RecordWrite(.paymentHash, key: mark, value: nil)]
    }
}

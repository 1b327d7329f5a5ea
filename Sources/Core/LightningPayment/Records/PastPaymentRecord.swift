import Bitcoin
import LightningCrypto
import LightningInvoice
import LightningWire

/// The stored form of a ``PastPayment``, but for its number. A payment to a peer takes some 60 bytes and its invoice.
struct PastPaymentRecord: RecordCodable {
    /// The value in the index of hashes of one that was paid.
    static let paid: [UInt8] = [1]

    private let past: PastPayment

    init(_ payment: PastPayment) { past = payment }

    /// The payment that was stored at `number`.
    func payment(_ number: UInt64) -> PastPayment {
        PastPayment(
            number: number, paymentHash: past.paymentHash, amount: past.amount,
            outcome: past.outcome, created: past.created, ended: past.ended, parts: past.parts,
            attemptCount: past.attemptCount, payee: past.payee, request: past.request)
    }

    init(from record: inout RecordReader) throws(RecordError) {
        let hash: PaymentHash
        let outcome: PastPayment.Outcome
        let preimage = try record.takeHash(0).map { PaymentPreimage($0) }
        let failedHash = try record.takeHash(2)
        let amount = try record.requireMilliSatoshi(4)
        let created = try record.requireInteger(6)
        let (ended, overflow) = created.addingReportingOverflow(try record.requireInteger(8))
        guard !overflow else { throw .invalidField(type: 8) }
        let parts = try record.takeList(10, of: StoredAttempt.self)
        let attempts = try record.takeInteger(12)
        let failure = try record.take(14, as: PaymentFailure.self)
        if let preimage {
            (hash, outcome) = (preimage.paymentHash, .succeeded(preimage))
        } else {
            guard let failedHash else { throw .missingField(type: 2) }
            (hash, outcome) = (PaymentHash(failedHash), .failed(failure ?? .noRoute))
        }
        let payee = try record.takeNodeID(17)
        let request = try record.take(19, as: StoredRequest.self)?.text(hash)
        var order = PaymentOrder(amount: amount, payee: payee, request: request)
        // Whom the last channel leads to is not stored twice.
        if !parts.isEmpty, let invoice = request.flatMap({ try? Invoice(decoding: $0) }) {
            order.take(invoice)
        }
        past = PastPayment(
            number: 0, paymentHash: hash, amount: amount, outcome: outcome, created: created,
            ended: ended, parts: parts.map { $0.attempt(order, created: created) },
            attemptCount: attempts ?? UInt64(parts.count), payee: payee, request: request)
    }

    func write(to record: inout RecordWriter) {
        switch past.outcome {
        case .succeeded(let preimage): record.put(0, preimage.hash)
        case .failed: record.put(2, past.paymentHash.hash)
        }
        record.put(4, past.amount)
        record.put(6, integer: past.created)
        record.put(8, integer: past.ended - past.created)
        let order = PaymentOrder(
            amount: past.amount, payee: past.payee, request: past.request)
        record.put(
            10, list: past.parts.map { StoredAttempt($0, of: order, created: past.created) })
        record.put(12, integer: past.attemptCount, unless: UInt64(past.parts.count))
        if case .failed(let failure) = past.outcome { record.put(14, failure) }
        record.put(17, past.payee?.point.bytes)
        record.put(19, past.request.map { StoredRequest($0, of: past.paymentHash) })
    }
}

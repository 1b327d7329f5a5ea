import Bitcoin
import LightningCrypto
import LightningWire

/// The stored form of an ``OpenPayment``, but for its number and its attempts.
struct OpenPaymentRecord: RecordCodable {
    private let open: OpenPayment

    init(_ payment: OpenPayment) { open = payment }

    /// The payment that was stored at `number`.
    func payment(_ number: UInt64) -> OpenPayment {
        var result = OpenPayment(number: number, order: open.order, created: open.created)
        result.preimage = open.preimage
        result.parts = open.parts
        result.attemptCount = open.attemptCount
        result.lastFailure = open.lastFailure
        result.ending = open.ending
        return result
    }

    init(from record: inout RecordReader) throws(RecordError) {
        let hash = PaymentHash(try record.requireHash(0))
        let amount = try record.requireMilliSatoshi(2)
        let created = try record.requireInteger(4)
        var order = PaymentOrder(paymentHash: hash, amount: amount)
        order.paymentSecret = try record.takeHash(6)
        order.metadata = try record.takeBytes(8)
        order.keysendPreimage = try record.takeHash(10).map { PaymentPreimage($0) }
        order.customRecords = try record.takeList(12, of: StoredTLVRecord.self).map(\.record)
        order.end = try record.takeInteger(14)
        order.supply = try record.takeInteger(16) == nil ? .given : .asked
        order.payee = try record.takeNodeID(18)
        order.request = try record.take(20, as: StoredRequest.self)?.text
        var payment = OpenPayment(number: 0, order: order, created: created)
        payment.preimage = try record.takeHash(22).map { PaymentPreimage($0) }
        payment.parts = try record.takeList(24)
        payment.attemptCount = try record.takeInteger(26) ?? 0
        payment.lastFailure = try record.take(28, as: PaymentFailure.FailedRoute.self)
        payment.ending = try record.take(30, as: PaymentFailure.self)
        open = payment
    }

    func write(to record: inout RecordWriter) {
        let order = open.order
        record.put(0, order.paymentHash.hash)
        record.put(2, order.amount)
        record.put(4, integer: open.created)
        record.put(6, order.paymentSecret)
        record.put(8, order.metadata)
        record.put(10, order.keysendPreimage?.hash)
        record.put(12, list: order.customRecords.map { StoredTLVRecord(record: $0) })
        record.put(14, integer: order.end)
        record.put(16, integer: order.supply == .asked ? 1 : nil)
        record.put(18, order.payee?.point.bytes)
        record.put(20, order.request.map { StoredRequest(text: $0) })
        record.put(22, open.preimage?.hash)
        record.put(24, list: open.parts)
        record.put(26, integer: open.attemptCount, unless: 0)
        record.put(28, open.lastFailure)
        record.put(30, open.ending)
    }
}

/// The stored form of an attempt, but for its number.
struct AttemptRecord: RecordCodable {
    /// The number of its payment.
    let payment: UInt64
    let route: PaymentRoute

    init(payment: UInt64, route: PaymentRoute) {
        self.payment = payment
        self.route = route
    }

    init(from record: inout RecordReader) throws(RecordError) {
        payment = try record.requireInteger(0)
        var route = PaymentRoute(hops: try record.takeList(2))
        if let path = try record.take(4, as: StoredBlindedPath.self) {
            route.blindedTail = BlindedTail(
                path: path.path, amount: try record.requireMilliSatoshi(6),
                cltvExpiry: BlockHeight(try record.takeNumber(8) ?? 0))
        }
        guard (try? route.check()) != nil else { throw .invalidField(type: 2) }
        self.route = route
    }

    func write(to record: inout RecordWriter) {
        record.put(0, integer: payment)
        record.put(2, list: route.hops)
        guard let tail = route.blindedTail else { return }
        record.put(4, StoredBlindedPath(path: tail.path))
        record.put(6, tail.amount)
        record.put(8, integer: UInt64(tail.cltvExpiry.value))
    }
}

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
        let parts = try record.takeList(10, of: PastPayment.Part.self)
        let attempts = try record.takeInteger(12)
        let failure = try record.take(14, as: PaymentFailure.self)
        if let preimage {
            (hash, outcome) = (preimage.paymentHash, .succeeded(preimage))
        } else {
            guard let failedHash else { throw .missingField(type: 2) }
            (hash, outcome) = (PaymentHash(failedHash), .failed(failure ?? .noRoute))
        }
        past = PastPayment(
            number: 0, paymentHash: hash, amount: amount, outcome: outcome, created: created,
            ended: ended, parts: parts, attemptCount: attempts ?? UInt64(parts.count),
            payee: try record.takeNodeID(17),
            request: try record.take(19, as: StoredRequest.self)?.text)
    }

    func write(to record: inout RecordWriter) {
        switch past.outcome {
        case .succeeded(let preimage): record.put(0, preimage.hash)
        case .failed: record.put(2, past.paymentHash.hash)
        }
        record.put(4, past.amount)
        record.put(6, integer: past.created)
        record.put(8, integer: past.ended - past.created)
        record.put(10, list: past.parts)
        record.put(12, integer: past.attemptCount, unless: UInt64(past.parts.count))
        if case .failed(let failure) = past.outcome { record.put(14, failure) }
        record.put(17, past.payee?.point.bytes)
        record.put(19, past.request.map { StoredRequest(text: $0) })
    }
}

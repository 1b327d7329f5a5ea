import Bitcoin
import LightningCrypto
import LightningWire

/// The stored form of an ``OpenPayment``, but for its number and its attempts.
struct OpenPaymentRecord: RecordCodable {
    private let open: OpenPayment

    init(_ payment: OpenPayment) { open = payment }

    /// The payment that was stored at `number`.
    func payment(_ number: UInt64) -> OpenPayment {
        var result = OpenPayment(
            number: number, order: open.order, created: open.created, search: open.search)
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
        let search = try record.take(16, as: RouteSearch.self)
        order.payee = try record.takeNodeID(18)
        order.request = try record.take(20, as: StoredRequest.self)?.text(hash)
        var payment = OpenPayment(number: 0, order: order, created: created, search: search)
        payment.preimage = try record.takeHash(22).map { PaymentPreimage($0) }
        let parts = try record.takeList(24, of: StoredAttempt.self)
        payment.attemptCount = try record.takeInteger(26) ?? 0
        payment.lastFailure = try record.take(28, as: PaymentFailure.FailedRoute.self)
        payment.ending = try record.take(30, as: PaymentFailure.self)
        order.finalCLTVDelta = try record.takeNumber(32) ?? PaymentOrder.usualFinalCLTVDelta
        order.hints = try record.takeList(34, of: StoredRouteHint.self).map(\.hops)
        order.blindedEnds = try record.takeList(36)
        order.takesParts = try record.takeFlag(38)
        payment.order = order
        payment.parts = parts.map { $0.attempt(order, created: created) }
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
        record.put(16, open.search)
        record.put(18, order.payee?.point.bytes)
        record.put(20, order.request.map { StoredRequest(plain: $0) })
        record.put(22, open.preimage?.hash)
        record.put(
            24, list: open.parts.map { StoredAttempt($0, of: order, created: open.created) })
        record.put(26, integer: open.attemptCount, unless: 0)
        record.put(28, open.lastFailure)
        record.put(30, open.ending)
        record.put(
            32, integer: UInt64(order.finalCLTVDelta),
            unless: UInt64(PaymentOrder.usualFinalCLTVDelta))
        record.put(34, list: order.hints.map { StoredRouteHint(hops: $0) })
        record.put(36, list: order.blindedEnds)
        record.put(38, flag: order.takesParts)
    }
}

/// The stored form of an attempt, but for its number.
struct AttemptRecord: RecordCodable {
    /// The number of its payment.
    let payment: UInt64
    let route: PaymentRoute
    /// When it was sent, in milliseconds since 1970.
    let started: UInt64

    init(payment: UInt64, route: PaymentRoute, started: UInt64) {
        self.payment = payment
        self.route = route
        self.started = started
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
        started = try record.requireInteger(10)
    }

    func write(to record: inout RecordWriter) {
        record.put(0, integer: payment)
        record.put(2, list: route.hops)
        if let tail = route.blindedTail {
            record.put(4, StoredBlindedPath(path: tail.path))
            record.put(6, tail.amount)
            record.put(8, integer: UInt64(tail.cltvExpiry.value))
        }
        record.put(10, integer: started)
    }
}

import LightningWire

/// Who waits for what becomes of payments. Not durable: who asked is gone after a start.
struct PaymentAskers: Sendable {
    /// Who waits for the ends of payments.
    var ends: [PaymentHash: [RequestID]] = [:]
    /// Who waits for the ends of parts that have no number yet, in the order in which the parts begin; nil for parts that
    /// nobody asked for by themselves.
    var parts: [PaymentHash: [RequestID?]] = [:]
    /// Who waits for the ends of parts, by the numbers of their attempts.
    var attempts: [UInt64: RequestID] = [:]
    /// Who wants to know of payments that have not begun yet.
    var beginnings: [PaymentHash: [RequestID]] = [:]

    /// The payment that a request has asked for, while its end is awaited.
    func payment(of order: RequestID) -> PaymentHash? {
        ends.first { $0.value.contains(order) }?.key
    }

    /// Notes that the parts which begin next are waited for by nobody.
    mutating func skipParts(_ count: Int, of hash: PaymentHash) {
        guard parts[hash] != nil else { return }
        parts[hash]?.append(contentsOf: repeatElement(nil, count: count))
    }

    /// Ties a part that begins to who waits for it.
    mutating func begin(_ attempt: UInt64, of hash: PaymentHash) {
        guard var waiting = parts[hash], !waiting.isEmpty else { return }
        attempts[attempt] = waiting.removeFirst()
        parts[hash] = waiting.isEmpty ? nil : waiting
    }
}

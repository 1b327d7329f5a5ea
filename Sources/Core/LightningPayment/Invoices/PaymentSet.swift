import Bitcoin
import LightningWire

/// The HTLCs that pay an invoice together (BOLT 4, "Basic Multi-Part Payments").
struct PaymentSet: Sendable {
    /// What the payer promised that all parts hold together.
    let total: MilliSatoshi
    /// When the first part came, in milliseconds since 1970.
    let start: UInt64
    private(set) var parts: [ReceivedPart] = []
    private(set) var received = MilliSatoshi.zero

    /// A set that is to hold `total`, and holds nothing so far.
    init(total: MilliSatoshi, at moment: PaymentMoment) {
        self.total = total
        start = moment.time
    }

    /// Whether all is there.
    var isComplete: Bool { received >= total }

    /// The parts as a settlement names them, in the order of their coming.
    var settlementParts: [Settlement.Part] {
        parts.map { Settlement.Part(name: $0.name, amount: $0.receipt.amount) }
    }

    /// The first height at which one of the parts could be taken back by its peer.
    var deadline: BlockHeight {
        parts.reduce(BlockHeight(.max)) { min($0, $1.receipt.cltvExpiry) }
    }

    /// Adds a part; false where the sum would be beyond all numbers.
    mutating func add(_ part: ReceivedPart) -> Bool {
        guard let sum = received.adding(part.receipt.amount) else { return false }
        received = sum
        parts.append(part)
        return true
    }
}

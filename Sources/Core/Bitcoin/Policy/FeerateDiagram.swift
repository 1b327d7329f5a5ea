/// What a miner earns over the size of what he mines, best first: a line through the totals of chunks in the order of their
/// fee rates. Two sets of transactions are compared by their diagrams.
public struct FeerateDiagram: Sendable {
    /// Transactions that are mined together.
    public struct Chunk: Sendable, Hashable {
        /// Their fees added up.
        public let fees: Satoshi
        /// Their sizes added up, in virtual bytes; not zero.
        public let virtualSize: UInt64

        /// Transactions with these totals.
        public init(fees: Satoshi, virtualSize: UInt64) {
            self.fees = fees
            self.virtualSize = virtualSize
        }

        /// Whether its fee rate is higher, without rounding.
        func pays(moreThan other: Chunk) -> Bool {
            isGreater(
                fees.value, per: Int64(virtualSize), than: other.fees.value,
                per: Int64(other.virtualSize))
        }
    }

    /// The totals after each chunk, from nothing on.
    private let points: [(size: Int64, fees: Int64)]

    /// The diagram of chunks, in any order.
    public init(_ chunks: [Chunk]) {
        let sorted = chunks.sorted { $0.pays(moreThan: $1) }
        var points: [(size: Int64, fees: Int64)] = [(0, 0)]
        var (size, fees): (Int64, Int64) = (0, 0)
        for chunk in sorted {
            size += Int64(chunk.virtualSize)
            fees += chunk.fees.value
            points.append((size, fees))
        }
        self.points = points
    }

    /// The chunks of a parent and its child: one where the child pays for the parent, else two.
    public static func chunks(parent: Chunk, child: Chunk) -> [Chunk] {
        guard child.pays(moreThan: parent) else { return [parent, child] }
        return [
            Chunk(
                fees: parent.fees + child.fees, virtualSize: parent.virtualSize + child.virtualSize)
        ]
    }

    /// Whether this diagram is nowhere below the other and somewhere above it.
    public func improves(on other: FeerateDiagram) -> Bool {
        let end = max(points.last?.size ?? 0, other.points.last?.size ?? 0)
        let sizes = Set(points.map(\.size) + other.points.map(\.size) + [end])
        var isBetterSomewhere = false
        for size in sizes {
            let (mine, mineDivisor) = value(at: size)
            let (theirs, theirsDivisor) = other.value(at: size)
            if isGreater(theirs, per: theirsDivisor, than: mine, per: mineDivisor) { return false }
            if isGreater(mine, per: mineDivisor, than: theirs, per: theirsDivisor) {
                isBetterSomewhere = true
            }
        }
        return isBetterSomewhere
    }

    /// The fees at a size, as a fraction; beyond the last chunk they do not grow.
    private func value(at size: Int64) -> (numerator: Int64, denominator: Int64) {
        guard let next = points.firstIndex(where: { $0.size >= size }), next > 0 else {
            return (size == 0 ? 0 : points.last?.fees ?? 0, 1)
        }
        let (before, after) = (points[next - 1], points[next])
        let width = after.size - before.size
        let rise = (after.fees - before.fees) * (size - before.size)
        return (before.fees * width + rise, width)
    }
}

/// Whether `left / leftDivisor` is greater than `right / rightDivisor`, exactly; both divisors are positive.
func isGreater(_ left: Int64, per leftDivisor: Int64, than right: Int64, per rightDivisor: Int64)
    -> Bool
{
    let leftProduct = left.multipliedFullWidth(by: rightDivisor)
    let rightProduct = right.multipliedFullWidth(by: leftDivisor)
    return (leftProduct.high, leftProduct.low) > (rightProduct.high, rightProduct.low)
}

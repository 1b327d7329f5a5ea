/// The size of a transaction in weight units (BIP 141): four for each byte, one for each byte of witness.
public struct Weight: Hashable, Comparable, Sendable, BitwiseCopyable {
    /// The number of weight units.
    public let value: UInt64

    /// A weight of `value` units.
    @inlinable public init(_ value: UInt64) { self.value = value }

    /// The weight that `virtualBytes` have.
    @inlinable public init(virtualBytes: UInt64) { value = virtualBytes * 4 }

    public static let zero = Weight(0)

    /// The most that a block may weigh.
    public static let maximumBlock = Weight(4_000_000)

    /// The most that nodes relay.
    public static let maximumStandard = Weight(400_000)

    /// The size in virtual bytes, rounded up.
    @inlinable public var virtualSize: UInt64 { (value + 3) / 4 }

    @inlinable public static func < (left: Weight, right: Weight) -> Bool {
        left.value < right.value
    }

    @inlinable public static func + (left: Weight, right: Weight) -> Weight {
        Weight(left.value + right.value)
    }

    @inlinable public static func - (left: Weight, right: Weight) -> Weight {
        Weight(left.value - right.value)
    }

    @inlinable public static func += (left: inout Weight, right: Weight) { left = left + right }
}

/// The number of blocks before a block in its chain; the genesis block has height 0.
public struct BlockHeight: Hashable, Comparable, Sendable, BitwiseCopyable {
    /// The height as a number.
    public let value: UInt32

    /// The height `value`.
    @inlinable public init(_ value: UInt32) { self.value = value }

    @inlinable public static func < (left: BlockHeight, right: BlockHeight) -> Bool {
        left.value < right.value
    }

    /// The height `blocks` further on; traps past 2^32.
    @inlinable public static func + (height: BlockHeight, blocks: UInt32) -> BlockHeight {
        BlockHeight(height.value + blocks)
    }

    /// The number of blocks from `right` up to `left`; negative where `left` is the lower.
    @inlinable public static func - (left: BlockHeight, right: BlockHeight) -> Int64 {
        Int64(left.value) - Int64(right.value)
    }

    /// The height `blocks` earlier, or 0.
    @inlinable public func saturatingSubtract(_ blocks: UInt32) -> BlockHeight {
        BlockHeight(value > blocks ? value - blocks : 0)
    }
}

extension BlockHeight: CustomStringConvertible {
    public var description: String { "\(value)" }
}

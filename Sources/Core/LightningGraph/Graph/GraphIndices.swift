import LightningWire

/// A node's place in a ``ChannelGraph``: valid until the node leaves it.
public struct NodeIndex: Hashable, Sendable, BitwiseCopyable {
    /// Below ``ChannelGraph/maximumNodes``.
    public let value: UInt32

    /// The place `value`.
    @inlinable public init(_ value: UInt32) { self.value = value }
}

/// A channel's place in a ``ChannelGraph``: valid until the channel leaves it.
public struct ChannelIndex: Hashable, Sendable, BitwiseCopyable {
    /// Below ``ChannelGraph/maximumChannels``.
    public let value: UInt32

    /// The place `value`.
    @inlinable public init(_ value: UInt32) { self.value = value }

    /// The direction in which node `side` of the channel (0 is the lesser id) sends.
    @inlinable public func direction(_ side: UInt8) -> DirectionIndex {
        DirectionIndex(value << 1 | UInt32(side & 1))
    }
}

/// The place of one direction of a channel in a ``ChannelGraph``.
public struct DirectionIndex: Hashable, Sendable, BitwiseCopyable {
    /// Twice the channel's place, plus the side.
    public let value: UInt32

    /// The place `value`.
    @inlinable public init(_ value: UInt32) { self.value = value }

    /// The channel.
    @inlinable public var channel: ChannelIndex { ChannelIndex(value >> 1) }

    /// The node that sends: 0 for the lesser id, 1 for the greater (BOLT 7's `direction`).
    @inlinable public var side: UInt8 { UInt8(value & 1) }

    /// The other direction of the same channel.
    @inlinable public var reversed: DirectionIndex { DirectionIndex(value ^ 1) }
}

/// One direction of a channel by its name on the wire, which outlives places in a graph.
public struct DirectedChannel: Hashable, Sendable, BitwiseCopyable {
    public let shortChannelID: ShortChannelID
    /// The node that sends: 0 for the lesser id, 1 for the greater (BOLT 7's `direction`).
    public let side: UInt8

    /// The direction of the channel in which node `side` sends.
    public init(_ shortChannelID: ShortChannelID, side: UInt8) {
        self.shortChannelID = shortChannelID
        self.side = side & 1
    }

    /// The other direction of the same channel.
    public var reversed: DirectedChannel { DirectedChannel(shortChannelID, side: side ^ 1) }
}

extension DirectedChannel: CustomStringConvertible {
    /// The channel's id and the side, as in `539268x845x1/0`.
    public var description: String { "\(shortChannelID)/\(side)" }
}

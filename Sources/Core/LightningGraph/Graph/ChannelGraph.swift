import Bitcoin
import LightningWire

/// The channels that the network has announced, as a value: columns of nodes, channels and directions, and each node's
/// edges beside each other.
///
/// A copy takes references, so that a worker can search a snapshot while the node goes on; a change after that copies the
/// columns that it touches, a few hundred microseconds at most. Names are interned: everything inside speaks of places.
public struct ChannelGraph: Sendable {
    /// The most nodes that a graph takes.
    public static let maximumNodes = 1 << 20
    /// The most channels that a graph takes.
    public static let maximumChannels = 1 << 20

    var nodes = NodeColumns()
    var channels = ChannelColumns()
    var directions = DirectionColumns()
    /// The edges into each node, by where they come from.
    var incoming = EdgeLists()
    /// The edges out of each node, by where they lead.
    var outgoing = EdgeLists()
    /// Grows with every change, so that what was derived from a graph can tell whether it still holds.
    public internal(set) var revision: UInt64 = 0

    /// Grows with every channel that comes or goes: places mean the same as long as it stays.
    public internal(set) var layout: UInt64 = 0

    /// A graph of nothing.
    public init() {}

    /// The number of nodes, all of which have a channel.
    public var nodeCount: Int { nodes.table.count }

    /// The number of channels.
    public var channelCount: Int { channels.table.count }

    /// The node of that id.
    public func node(_ id: NodeID) -> NodeIndex? { nodes.find(id).map(NodeIndex.init) }

    /// The channel of that id.
    public func channel(_ id: ShortChannelID) -> ChannelIndex? {
        channels.find(id.value).map(ChannelIndex.init)
    }

    /// The direction of that name.
    public func direction(_ name: DirectedChannel) -> DirectionIndex? {
        channel(name.shortChannelID)?.direction(name.side)
    }

    /// The name of a direction.
    public func name(_ direction: DirectionIndex) -> DirectedChannel {
        DirectedChannel(id(direction.channel), side: direction.side)
    }

    /// The id of a node.
    public func id(_ node: NodeIndex) -> NodeID { nodes.ids[Int(node.value)] }

    /// The id of a channel.
    public func id(_ channel: ChannelIndex) -> ShortChannelID {
        ShortChannelID(channels.ids[Int(channel.value)])
    }

    /// The value of a channel's funding output.
    public func capacity(_ channel: ChannelIndex) -> Satoshi {
        channels.capacities[Int(channel.value)]
    }

    /// The channel's two nodes, the lesser id first.
    public func ends(_ channel: ChannelIndex) -> (NodeIndex, NodeIndex) {
        let ends = channels.ends[Int(channel.value)]
        return (NodeIndex(ends.lesser), NodeIndex(ends.greater))
    }

    /// The node that sends in that direction.
    public func sender(_ direction: DirectionIndex) -> NodeIndex {
        let ends = channels.ends[Int(direction.channel.value)]
        return NodeIndex(direction.side == 0 ? ends.lesser : ends.greater)
    }

    /// The terms of a direction; nil where none were told.
    public func policy(_ direction: DirectionIndex) -> DirectionPolicy? {
        let policy = directions.policies[Int(direction.value)]
        return policy.timestamp == 0 ? nil : policy
    }

    /// The CRC-32C of a direction's latest update without signature and timestamp (BOLT 7); 0 where there is none.
    public func checksum(_ direction: DirectionIndex) -> UInt32 {
        directions.checksums[Int(direction.value)]
    }

    /// What the sender of the *other* direction charges for what comes in through this one.
    public func inboundFee(_ direction: DirectionIndex) -> InboundFee? {
        directions.inboundFees[direction.reversed.value]
    }

    /// Whether payments may go through the channel: its features are all known.
    public func isRoutable(_ channel: ChannelIndex) -> Bool {
        !channels.flags[Int(channel.value)].contains(.unknownFeatures)
    }

    /// Whether payments may go through the node: its features are all known.
    public func isRoutable(_ node: NodeIndex) -> Bool {
        !nodes.flags[Int(node.value)].contains(.unknownFeatures)
    }

    /// The timestamp of the node's latest announcement; 0 where there is none.
    public func announcementTimestamp(_ node: NodeIndex) -> UInt32 {
        nodes.timestamps[Int(node.value)]
    }

    /// How many channels the node has.
    public func channelCount(of node: NodeIndex) -> Int {
        Int(nodes.channelCounts[Int(node.value)])
    }

    /// All channels, in no order that means anything.
    public var allChannels: some Sequence<ChannelIndex> {
        channels.ids.indices.lazy.filter { channels.ids[$0] != 0 }
            .map { ChannelIndex(UInt32($0)) }
    }

    /// All nodes, in no order that means anything.
    public var allNodes: some Sequence<NodeIndex> {
        nodes.channelCounts.indices.lazy.filter { nodes.channelCounts[$0] != 0 }
            .map { NodeIndex(UInt32($0)) }
    }

    /// The node's channels, in no order that means anything: a look at every channel.
    public func channels(of node: NodeIndex) -> [ChannelIndex] {
        allChannels.filter {
            let ends = channels.ends[Int($0.value)]
            return ends.lesser == node.value || ends.greater == node.value
        }
    }
}

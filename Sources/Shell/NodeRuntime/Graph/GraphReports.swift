import Bitcoin
import LightningGraph
import LightningWire

/// A node of the network.
public struct GraphNode: Sendable {
    public let id: NodeID
    /// What it said of itself: name, colour, addresses, features; nil where it has not.
    public let announcement: NodeAnnouncement?
    /// How many channels of its are known.
    public let channelCount: Int
    /// What those hold together.
    public let capacity: Satoshi

    /// The name, as far as it is UTF-8, without the zeros behind it. Anybody may choose any.
    public var alias: String { announcement?.aliasText ?? "" }

    /// Where it says that it listens.
    public var addresses: [AddressDescriptor] { announcement?.usableAddresses ?? [] }
}

extension NodeAnnouncement {
    /// The name that the node gives itself, as far as it is UTF-8, without the zeros behind it.
    public var aliasText: String { String(decoding: alias.prefix { $0 != 0 }, as: UTF8.self) }
}

/// A channel of the network.
public struct GraphEdge: Sendable {
    public let id: ShortChannelID
    /// The funding output; nil where the record of it was lost, until a peer tells of the channel again.
    public let funding: OutPoint?
    public let capacity: Satoshi
    /// The node with the lesser id.
    public let node1: NodeID
    public let node2: NodeID
    /// On what terms ``node1`` forwards; nil where it has not told.
    public let terms1: Terms?
    public let terms2: Terms?
    /// The `channel_announcement`, with its type; empty where the record of it was lost.
    let announcementBytes: [UInt8]

    /// What both nodes have signed to tell of the channel; nil where the record of it was lost.
    public var announcement: ChannelAnnouncement? {
        guard case .channelAnnouncement(let message)? = try? Message(decoding: announcementBytes)
        else { return nil }
        return message
    }

    /// What a node told of one direction.
    public struct Terms: Hashable, Sendable {
        public let policy: DirectionPolicy
        /// What it takes, or gives, for what comes in by the channel.
        public let inboundFee: InboundFee?
    }

    /// When either node last told something, in seconds since 1970; 0 for never.
    public var lastUpdate: UInt32 {
        max(terms1?.policy.timestamp ?? 0, terms2?.policy.timestamp ?? 0)
    }
}

/// The network in numbers.
public struct GraphInfo: Hashable, Sendable {
    public let nodes: Int
    public let channels: Int
    /// What all channels hold together.
    public let totalCapacity: Satoshi
    /// Zero where there is no channel.
    public let leastCapacity: Satoshi
    public let greatestCapacity: Satoshi
    public let medianCapacity: Satoshi
    /// The channels of the node that has most.
    public let greatestDegree: Int
    /// How many names are remembered so as not to be asked for again.
    public let refused: Int
    /// Whether all channels were compared with those of a peer since the start.
    public let isSynced: Bool

    init(_ graph: ChannelGraph, isSynced: Bool, refused: Int) {
        let capacities = graph.allChannels.map { graph.capacity($0) }.sorted()
        nodes = graph.nodeCount
        channels = capacities.count
        totalCapacity = capacities.reduce(.zero, +)
        leastCapacity = capacities.first ?? .zero
        greatestCapacity = capacities.last ?? .zero
        medianCapacity = capacities.isEmpty ? .zero : capacities[capacities.count / 2]
        greatestDegree = graph.allNodes.map { graph.channelCount(of: $0) }.max() ?? 0
        self.refused = refused
        self.isSynced = isSynced
    }
}

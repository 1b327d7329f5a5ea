import Bitcoin
import LightningWire

/// Why a graph refuses a change.
public enum GraphError: Error, Equatable, Sendable {
    /// The channel is there already.
    case channelExists(ShortChannelID)
    /// There is no such channel.
    case unknownChannel(ShortChannelID)
    /// The first node's id is not the lesser one.
    case unorderedNodes(NodeID, NodeID)
    /// The id is one that no channel can have.
    case invalidChannelID(ShortChannelID)
    /// There are as many nodes or channels as a graph takes.
    case full(limit: Int)
}

/// A channel that is to be added to a graph.
public struct GraphChannel: Hashable, Sendable {
    public var id: ShortChannelID
    /// The lesser id.
    public var node1: NodeID
    public var node2: NodeID
    public var capacity: Satoshi
    /// What names the funding output (``FundingFingerprint``); nil where its spending is not to be noticed.
    public var funding: FundingFingerprint?
    /// Whether all features that the channel demands are known.
    public var isRoutable: Bool

    /// A channel of these properties.
    public init(
        id: ShortChannelID, node1: NodeID, node2: NodeID, capacity: Satoshi,
        funding: FundingFingerprint? = nil, isRoutable: Bool = true
    ) {
        self.id = id
        self.node1 = node1
        self.node2 = node2
        self.capacity = capacity
        self.funding = funding
        self.isRoutable = isRoutable
    }
}

extension ChannelGraph {
    /// Adds a channel, and its nodes where they are not there. It is not used until a direction has terms.
    @discardableResult
    public mutating func add(_ channel: GraphChannel) throws(GraphError) -> ChannelIndex {
        guard channel.id != .zero else { throw .invalidChannelID(channel.id) }
        guard channel.node1 < channel.node2 else {
            throw .unorderedNodes(channel.node1, channel.node2)
        }
        guard channels.find(channel.id.value) == nil else { throw .channelExists(channel.id) }
        guard channelCount < Self.maximumChannels else { throw .full(limit: Self.maximumChannels) }
        guard nodeCount + 2 <= Self.maximumNodes, let lesser = place(of: channel.node1),
            let greater = place(of: channel.node2)
        else { throw .full(limit: Self.maximumNodes) }
        guard
            let slot = channels.add(
                channel.id.value, capacity: channel.capacity,
                ends: ChannelColumns.Ends(lesser: lesser, greater: greater),
                flags: channel.isRoutable ? [] : .unknownFeatures,
                funding: channel.funding?.value ?? 0)
        else { throw .full(limit: Self.maximumChannels) }
        nodes.channelCounts[Int(lesser)] += 1
        nodes.channelCounts[Int(greater)] += 1
        directions.clear(slot)
        revision += 1
        layout += 1
        return ChannelIndex(slot)
    }

    /// Replaces the terms of a direction. `checksum` is that of the update without signature and timestamp.
    public mutating func update(
        _ direction: DirectionIndex, _ policy: DirectionPolicy, inboundFee: InboundFee? = nil,
        checksum: UInt32 = 0
    ) {
        let index = Int(direction.value)
        directions.policies[index] = policy
        directions.checksums[index] = checksum
        let hadInboundFee = directions.inboundFees[direction.value] != nil
        if hadInboundFee || inboundFee != nil {
            directions.inboundFees[direction.value] = inboundFee
            refreshEdge(direction.reversed)
        }
        refreshEdge(direction)
        revision += 1
    }

    /// Removes a channel, and nodes whose last channel it was. BOLT 7: "if there are no channels associated with the
    /// corresponding origin node: MAY purge the origin node from its set of known nodes."
    public mutating func remove(_ channel: ChannelIndex) {
        for side in UInt8(0)...1 { setEdge(nil, channel.direction(side)) }
        let ends = channels.ends[Int(channel.value)]
        for node in [ends.lesser, ends.greater] {
            nodes.channelCounts[Int(node)] -= 1
            if nodes.channelCounts[Int(node)] == 0 { nodes.remove(node) }
        }
        channels.remove(channel.value)
        directions.clear(channel.value)
        revision += 1
        layout += 1
    }

    /// Notes that a node announced itself at `timestamp`, and whether all features that it demands are known.
    public mutating func announce(_ node: NodeIndex, timestamp: UInt32, isRoutable: Bool) {
        nodes.timestamps[Int(node.value)] = timestamp
        nodes.flags[Int(node.value)] = isRoutable ? [] : .unknownFeatures
        revision += 1
    }

    private mutating func place(of id: NodeID) -> UInt32? {
        if let slot = nodes.find(id) { return slot }
        guard let slot = nodes.add(id) else { return nil }
        if Int(slot) == incoming.lists.count {
            incoming.addNode()
            outgoing.addNode()
        }
        return slot
    }

    /// The edge of a direction as its columns have it now; nil where nothing is to be sent through it.
    func edge(_ direction: DirectionIndex) -> Edge? {
        let policy = directions.policies[Int(direction.value)]
        guard policy.timestamp != 0, isRoutable(direction.channel) else { return nil }
        let flags: Edge.Flags = inboundFee(direction) == nil ? [] : .inboundFee
        return Edge(
            to: sender(direction.reversed).value, direction: direction, policy: policy,
            capacity: capacity(direction.channel), flags: flags)
    }

    private mutating func refreshEdge(_ direction: DirectionIndex) {
        setEdge(edge(direction), direction)
    }

    private mutating func setEdge(_ edge: Edge?, _ direction: DirectionIndex) {
        let (from, to) = (sender(direction), sender(direction.reversed))
        outgoing.set(edge, of: direction, at: from)
        var back = edge
        back?.peer = from.value
        incoming.set(back, of: direction, at: to)
    }

    /// Lays out the edges of all columns at once, as after reading them.
    mutating func layOutEdges() {
        var (into, out): ([(node: UInt32, edge: Edge)], [(node: UInt32, edge: Edge)]) = ([], [])
        into.reserveCapacity(directions.policies.count)
        out.reserveCapacity(directions.policies.count)
        for channel in allChannels {
            for side in UInt8(0)...1 {
                let direction = channel.direction(side)
                guard var edge = edge(direction) else { continue }
                let from = sender(direction).value
                out.append((from, edge))
                let to = edge.peer
                edge.peer = from
                into.append((to, edge))
            }
        }
        let (nodes, directions) = (nodes.ids.count, directions.policies.count)
        incoming = EdgeLists(nodes: nodes, directions: directions, into)
        outgoing = EdgeLists(nodes: nodes, directions: directions, out)
    }
}

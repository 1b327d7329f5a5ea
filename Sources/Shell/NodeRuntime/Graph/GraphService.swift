import Bitcoin
import LightningGraph
import LightningPayment
import LightningWire

/// What the node believes of the network, for whoever asks: safe from any thread, and beside the node's loop.
///
/// Each call takes a snapshot of the graph, which costs nothing, and works on that in the caller's thread.
public struct GraphService: Sendable {
    private let worker: GraphWorker
    private let shelf: GossipShelf
    private let news: Subscribers<GraphNews>

    init(_ worker: GraphWorker, shelf: GossipShelf, news: Subscribers<GraphNews>) {
        self.worker = worker
        self.shelf = shelf
        self.news = news
    }

    /// Calls `handler` with what changes in the graph. It is called on the thread of the graph, must return at once, and must
    /// not ask for anything of the graph there.
    public func subscribe(_ handler: @escaping @Sendable (GraphNews) -> Void) -> Subscription {
        news.subscribe(handler)
    }

    /// What the thread of the graph holds at one moment.
    private struct Snapshot: Sendable {
        var graph = ChannelGraph()
        var isSynced = false
        var refused = 0
    }

    private var snapshot: Snapshot {
        answer(else: Snapshot()) { keeper in
            keeper.handOnWrites()
            return Snapshot(
                graph: keeper.graph, isSynced: keeper.machine.isSynced,
                refused: keeper.machine.refusedCount)
        }
    }

    /// Asks the thread of the graph, and waits for it.
    private func answer<Value: Sendable>(
        else stopped: Value, _ body: @escaping @Sendable (GraphKeeper) -> Value
    ) -> Value {
        let box = Waiter<Value>()
        guard worker.ask({ box.fill(body($0)) }) else { return stopped }
        return box.wait()
    }

    /// Counts and sums of the whole network. Blocks for some milliseconds.
    public var info: GraphInfo {
        let snapshot = snapshot
        return GraphInfo(snapshot.graph, isSynced: snapshot.isSynced, refused: snapshot.refused)
    }

    /// Whether all channels were compared with those of a peer since the start. Blocks for a moment.
    public var isSynced: Bool { snapshot.isSynced }

    /// How many nodes and channels there are. Blocks for a moment.
    public var counts: (nodes: Int, channels: Int) {
        let graph = snapshot.graph
        return (graph.nodeCount, graph.channelCount)
    }

    /// A node with a channel that is known; nil for others. Blocks for a moment.
    public func node(_ id: NodeID) -> GraphNode? {
        let graph = snapshot.graph
        guard let place = graph.node(id) else { return nil }
        shelf.settle()
        let channels = graph.channels(of: place)
        return node(
            place, graph, channelCount: channels.count,
            capacity: channels.reduce(.zero) { $0 + graph.capacity($1) })
    }

    /// The channels of a node. Blocks for a moment.
    public func channels(of id: NodeID) -> [GraphEdge] {
        let graph = snapshot.graph
        guard let place = graph.node(id) else { return [] }
        shelf.settle()
        return graph.channels(of: place).sorted { graph.id($0) < graph.id($1) }
            .map { edge($0, graph) }
    }

    /// A channel by its place in the chain; nil where it is not known. Blocks for a moment.
    public func channel(_ id: ShortChannelID) -> GraphEdge? {
        let graph = snapshot.graph
        shelf.settle()
        return graph.channel(id).map { edge($0, graph) }
    }

    /// A channel by its funding output; nil where it is not known. Blocks for a moment.
    public func channel(_ funding: OutPoint) -> GraphEdge? {
        let found = answer(else: nil) { keeper in
            keeper.handOnWrites()
            return keeper.machine.channel(funding: funding).map { (keeper.graph, $0) }
        }
        shelf.settle()
        return found.map { edge($1, $0) }
    }

    /// Calls with all nodes by their ids, and then with all channels by theirs. Blocks until all have been.
    public func describe(
        node: (GraphNode) throws -> Void, channel: (GraphEdge) throws -> Void
    ) rethrows {
        let graph = snapshot.graph
        shelf.settle()
        var capacities: [NodeIndex: Satoshi] = [:]
        for channel in graph.allChannels {
            let (first, second) = graph.ends(channel)
            capacities[first, default: .zero] += graph.capacity(channel)
            capacities[second, default: .zero] += graph.capacity(channel)
        }
        for place in graph.allNodes.sorted(by: { graph.id($0) < graph.id($1) }) {
            try node(
                self.node(
                    place, graph, channelCount: graph.channelCount(of: place),
                    capacity: capacities[place] ?? .zero))
        }
        for place in graph.allChannels.sorted(by: { graph.id($0) < graph.id($1) }) {
            try channel(edge(place, graph))
        }
    }

    /// Where a node says that it listens; none where it has not said so. Blocks for a moment.
    public func addresses(of id: NodeID) -> [AddressDescriptor] {
        announcement(of: id)?.usableAddresses ?? []
    }

    /// Looks for routes as a payment does. Blocks for some milliseconds.
    public func routes(_ query: RouteQuery, now: UInt64) -> Result<[FoundRoute], PathError> {
        answer(else: .failure(.noPath)) { $0.routes(query, at: now) }
    }

    // MARK: Records

    private func node(
        _ place: NodeIndex, _ graph: ChannelGraph, channelCount: Int, capacity: Satoshi
    ) -> GraphNode {
        let id = graph.id(place)
        let isAnnounced = graph.announcementTimestamp(place) != 0
        return GraphNode(
            id: id, announcement: isAnnounced ? announcement(of: id) : nil,
            channelCount: channelCount, capacity: capacity)
    }

    private func announcement(of id: NodeID) -> NodeAnnouncement? {
        shelf.value(.node(id)).flatMap(Self.announcement)
    }

    /// What a record of a node says; nil where it cannot be read.
    static func announcement(_ record: [UInt8]) -> NodeAnnouncement? {
        guard case .nodeAnnouncement(let message)? = try? Message(decoding: record) else {
            return nil
        }
        return message
    }

    private func edge(_ place: ChannelIndex, _ graph: ChannelGraph) -> GraphEdge {
        let ends = graph.ends(place)
        let id = graph.id(place)
        let record = shelf.value(.channel(id)).flatMap { try? GossipChannelRecord(record: $0) }
        func terms(_ side: UInt8) -> GraphEdge.Terms? {
            let direction = place.direction(side)
            return graph.policy(direction).map {
                GraphEdge.Terms(policy: $0, inboundFee: graph.inboundFee(direction.reversed))
            }
        }
        return GraphEdge(
            id: id, funding: record?.funding, capacity: graph.capacity(place),
            node1: graph.id(ends.0), node2: graph.id(ends.1), terms1: terms(0), terms2: terms(1),
            announcementBytes: record?.announcement ?? [])
    }
}

import Bitcoin
import LightningGraph
import LightningPayment
import LightningWire

/// Answers for routes from a graph that tests make, as the worker of a node does from the gossip.
public struct TestFinder: Sendable {
    public var graph = ChannelGraph()
    public private(set) var knowledge = LiquidityKnowledge()
    /// All that was learnt.
    public private(set) var lessons: [RouteLesson] = []
    /// How many routes were looked for.
    public private(set) var count = 0

    /// Knows of no channel.
    public init() {}

    /// Adds a channel between two nodes, on the same terms both ways.
    public mutating func add(
        _ id: ShortChannelID, _ first: NodeID, _ second: NodeID, capacity: Satoshi,
        base: UInt32, millionths: UInt32, delta: UInt16
    ) throws {
        try graph.add(
            GraphChannel(
                id: id, node1: min(first, second), node2: max(first, second), capacity: capacity))
        let policy = DirectionPolicy(
            timestamp: 1, feeBase: base, feeProportionalMillionths: millionths,
            htlcMinimum: MilliSatoshi(1), htlcMaximum: MilliSatoshi(capacity),
            cltvExpiryDelta: delta)
        for side in UInt8(0)...1 {
            if let direction = graph.direction(DirectedChannel(id, side: side)) {
                graph.update(direction, policy)
            }
        }
    }

    /// Looks for the routes.
    public mutating func find(
        _ query: RouteQuery, at time: UInt64
    ) -> Result<[FoundRoute], PathError> {
        count += 1
        let view = LiquidityView(knowledge, in: graph, at: time)
        let request = request(query)
        do throws(PathError) {
            guard query.maximumParts > 1 else {
                return .success([try PathFinder().path(request, in: graph, knowing: view)])
            }
            return .success(
                try PathFinder().parts(
                    request, in: graph, knowing: view, maximumParts: query.maximumParts))
        } catch {
            return .failure(error)
        }
    }

    /// The request without the ways to the payee that do not come from the node that is wanted there.
    private func request(_ query: RouteQuery) -> PathRequest {
        var request = query.request
        guard let last = query.lastHop, case .node(let payee, _) = request.payee,
            let node = graph.node(payee)
        else { return request }
        for channel in graph.channels(of: node) {
            for side in UInt8(0)...1 {
                let direction = DirectedChannel(graph.id(channel), side: side)
                guard let index = graph.direction(direction) else { continue }
                let sender = graph.id(graph.sender(index))
                if sender != last, sender != payee { request.excludedDirections.insert(direction) }
            }
        }
        return request
    }

    /// Remembers what attempts have taught.
    public mutating func learn(_ new: [RouteLesson], at time: UInt64) {
        lessons += new
        for lesson in new {
            switch lesson {
            case .settled(let amount, let direction):
                guard let capacity = capacity(direction) else { continue }
                _ = knowledge.settled(amount, through: direction, capacity: capacity, at: time)
            case .passed(let amount, let direction):
                guard let capacity = capacity(direction) else { continue }
                _ = knowledge.passed(amount, through: direction, capacity: capacity, at: time)
            case .failed(let amount, let direction):
                guard let capacity = capacity(direction) else { continue }
                _ = knowledge.failed(amount, at: direction, capacity: capacity, at: time)
            case .nodeFailed: break
            }
        }
    }

    private func capacity(_ direction: DirectedChannel) -> Satoshi? {
        graph.channel(direction.shortChannelID).map { graph.capacity($0) }
    }
}

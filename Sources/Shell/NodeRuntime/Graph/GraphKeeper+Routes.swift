import Bitcoin
import LightningGraph
import LightningPayment
import LightningWire

/// Routes, and what attempts along them teach.
extension GraphKeeper {
    /// For how long what the view says of the past is taken for the present, in seconds: bounds fade over hours.
    private static let viewTime: UInt64 = 300
    /// For how long nothing is tried again that failed, though there be no other way, in seconds.
    private static let patience: UInt64 = 10
    /// For how long a node that failed is passed by, in seconds.
    private static let nodeTime: UInt64 = 900
    /// How many such nodes are remembered.
    private static let mostFailedNodes = 1_000

    /// The routes that together carry what is asked for.
    func routes(_ query: RouteQuery, at time: UInt64) -> Result<[FoundRoute], PathError> {
        refreshView(at: time)
        var query = query
        if let last = query.lastHop { query.request.demand(lastHop: last, in: graph) }
        let failed = nodesToAvoid(at: time, for: query.request)
        let isFree = failed.isSubset(of: query.request.excludedNodes)
        do throws(PathError) {
            var careful = query
            careful.request.excludedNodes.formUnion(failed)
            return .success(try search(careful, view))
        } catch {
            guard !isFree || knowledge.count > 0 else { return .failure(error) }
        }
        // Rather along a node that failed before, or where the amount failed a while ago, than not at all: a peer that was
        // away may be back, and what was missing may have come from others.
        let bold = LiquidityView(knowledge, in: graph, at: time, patience: Self.patience)
        do throws(PathError) {
            return .success(try search(query, bold))
        } catch {
            return .failure(error)
        }
    }

    private func search(
        _ query: RouteQuery, _ view: LiquidityView
    ) throws(PathError) -> [FoundRoute] {
        guard query.maximumParts > 1 else {
            return [try finder.path(query.request, in: graph, knowing: view)]
        }
        return try finder.parts(
            query.request, in: graph, knowing: view, maximumParts: query.maximumParts)
    }

    /// Takes the lessons of attempts.
    func learn(_ lessons: [RouteLesson], at time: UInt64) {
        for lesson in lessons {
            switch lesson {
            case .settled(let amount, let name):
                learn(of: name, at: time) {
                    knowledge.settled(amount, through: name, capacity: $0, at: time)
                }
            case .passed(let amount, let name):
                learn(of: name, at: time) {
                    knowledge.passed(amount, through: name, capacity: $0, at: time)
                }
            case .failed(let amount, let name):
                learn(of: name, at: time) {
                    knowledge.failed(amount, at: name, capacity: $0, at: time)
                }
            case .nodeFailed(let node): note(failure: node, at: time)
            }
        }
    }

    /// Of a channel that is not in the graph nothing is remembered: its capacity is not known.
    private func learn(
        of name: DirectedChannel, at time: UInt64, _ body: (Satoshi) -> [RecordWrite]
    ) {
        guard let channel = graph.channel(name.shortChannelID) else { return }
        let before = knowledge.count
        note(body(graph.capacity(channel)))
        // The oldest are forgotten where there are too many: the view is made anew then.
        guard knowledge.count >= before else { return viewStand = nil }
        guard let stand = viewStand, stand.layout == graph.layout else { return }
        for name in [name, name.reversed] {
            view.refresh(name, from: knowledge, in: graph, at: time)
        }
    }

    private func note(failure node: NodeID, at time: UInt64) {
        if failedNodes.count >= Self.mostFailedNodes {
            failedNodes = failedNodes.filter { $0.value + Self.nodeTime > time }
        }
        guard failedNodes.count < Self.mostFailedNodes else { return }
        failedNodes[node] = time
    }

    private func nodesToAvoid(at time: UInt64, for request: PathRequest) -> Set<NodeID> {
        guard !failedNodes.isEmpty else { return [] }
        failedNodes = failedNodes.filter { $0.value + Self.nodeTime > time }
        var nodes = Set(failedNodes.keys)
        nodes.remove(request.payer)
        if case .node(let payee, _) = request.payee { nodes.remove(payee) }
        return nodes
    }

    private func refreshView(at time: UInt64) {
        if let stand = viewStand, stand.layout == graph.layout, time < stand.time + Self.viewTime {
            return
        }
        view = LiquidityView(knowledge, in: graph, at: time)
        viewStand = (graph.layout, time)
    }
}

extension PathRequest {
    /// Leaves out all ways to the payee that do not come from `node`.
    fileprivate mutating func demand(lastHop node: NodeID, in graph: ChannelGraph) {
        guard case .node(let id, let hints) = payee else { return }
        payee = .node(id, hints: hints.filter { $0.last?.nodeID == node })
        if node != payer { localChannels?.removeAll { $0.peer == id } }
        guard let place = graph.node(id), let wanted = graph.node(node) ?? nil else {
            return excludeAll(into: graph.node(id), in: graph)
        }
        for channel in graph.channels(of: place) {
            let ends = graph.ends(channel)
            guard ends.0 != wanted, ends.1 != wanted else { continue }
            exclude(channel, into: place, in: graph)
        }
    }

    private mutating func excludeAll(into place: NodeIndex?, in graph: ChannelGraph) {
        guard let place else { return }
        for channel in graph.channels(of: place) { exclude(channel, into: place, in: graph) }
    }

    private mutating func exclude(
        _ channel: ChannelIndex, into place: NodeIndex, in graph: ChannelGraph
    ) {
        let side: UInt8 = graph.ends(channel).0 == place ? 1 : 0
        excludedDirections.insert(DirectedChannel(graph.id(channel), side: side))
    }
}

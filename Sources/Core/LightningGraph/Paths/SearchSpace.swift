import LightningWire

/// A direction that is not of the graph, or not as the graph has it: a channel of the payer, a private hop, a blinded path.
struct ExtraEdge: Sendable {
    enum Kind: Sendable {
        case local(Int)
        case hint(ShortChannelID)
        case blinded(Int)
    }

    var kind: Kind
    var from: UInt32
    var to: UInt32
    var minimum: UInt64
    var maximum: UInt64
    var feeBase: UInt32 = 0
    var feeProportionalMillionths: UInt32 = 0
    var cltvExpiryDelta: UInt16 = 0

    /// What is charged for sending `amount`, below 2^43, on.
    func fee(for amount: UInt64) -> UInt64 {
        UInt64(feeBase)
            + FixedPoint.multiply(amount, UInt64(feeProportionalMillionths), over: 1_000_000)
    }
}

/// Everything that one search takes into account: the graph, what is known of it, and what the request adds and forbids.
struct SearchSpace: Sendable {
    /// Marks the number of an extra edge among numbers of directions.
    static let extraBit: UInt32 = 1 << 31
    /// No label carries more than this, in millisatoshi.
    static let amountLimit: UInt64 = 1 << 43

    let graph: ChannelGraph
    let view: LiquidityView
    let request: PathRequest
    var scale: CostScale
    /// What this search sends, in millisatoshi.
    var amount: UInt64
    /// What all fees may come to.
    var feeLimit: UInt64
    /// The same for what a search looks at; higher where the least fee is sought.
    var pruneLimit: UInt64
    private(set) var payer: UInt32 = 0
    private(set) var payee: UInt32 = 0
    private(set) var extras: [ExtraEdge] = []
    private(set) var extrasInto: [UInt32: [UInt32]] = [:]
    private(set) var extrasOutOf: [UInt32: [UInt32]] = [:]
    /// Nodes that are not of the graph, numbered behind its own.
    private var others: [NodeID] = []
    private(set) var excluded: Set<UInt32> = []
    /// What the payment already sends through directions, in millisatoshi.
    private(set) var used: [UInt32: UInt64] = [:]
    /// A bit for each direction that is more than its edge says: bounds, uses, exclusion.
    private(set) var marks: [UInt64]
    /// A bit for each node that is not to be passed, or has extra edges.
    private(set) var nodeMarks: [UInt64] = []
    private(set) var barred: Set<UInt32> = []

    /// The number of nodes, with those that are not of the graph.
    var nodeCount: Int { graph.nodes.ids.count + others.count }

    /// Whether the payer's edges are the extra ones and not the graph's.
    var hasLocalChannels: Bool { request.localChannels != nil }

    init(
        _ request: PathRequest, in graph: ChannelGraph, knowing view: LiquidityView
    ) throws(PathError) {
        guard request.amount > .zero, request.amount <= PathRequest.maximumAmount else {
            throw .invalidAmount(request.amount)
        }
        self.graph = graph
        self.view = view
        self.request = request
        amount = request.amount.value
        scale = CostScale(request.costs, amount: request.amount)
        feeLimit = min(request.limits.fee.value, Self.amountLimit - amount)
        pruneLimit = feeLimit
        marks = view.marks
        let words = graph.directions.policies.count / 64 + 1
        if marks.count < words {
            marks.append(contentsOf: repeatElement(0, count: words - marks.count))
        }
        try addPayer()
        try addPayee()
        for name in request.excludedDirections {
            guard let direction = graph.direction(name) else { continue }
            excluded.insert(direction.value)
            mark(direction.value)
        }
        nodeMarks = [UInt64](repeating: 0, count: nodeCount / 64 + 1)
        for id in request.excludedNodes {
            guard let node = graph.node(id) else { continue }
            barred.insert(node.value)
            markNode(node.value)
        }
        for node in extrasInto.keys { markNode(node) }
        for node in extrasOutOf.keys { markNode(node) }
    }

    private mutating func addPayer() throws(PathError) {
        guard let channels = request.localChannels else {
            guard let node = graph.node(request.payer) else { throw .unknownPayer }
            payer = node.value
            return
        }
        payer = number(of: request.payer)
        for (index, channel) in channels.enumerated() {
            let peer = number(of: channel.peer)
            add(
                ExtraEdge(
                    kind: .local(index), from: payer, to: peer,
                    minimum: channel.htlcMinimum.value, maximum: channel.available.value))
        }
    }

    private mutating func addPayee() throws(PathError) {
        switch request.payee {
        case .node(let id, let hints):
            guard id != request.payer else { throw .payerIsPayee }
            payee = number(of: id)
            for hint in hints { add(hint) }
        case .blinded(let ends):
            payee = UInt32(nodeCount)
            others.append(.blank)
            for (index, end) in ends.enumerated() where end.introduction != request.payer {
                add(
                    ExtraEdge(
                        kind: .blinded(index), from: number(of: end.introduction), to: payee,
                        minimum: end.htlcMinimum.value, maximum: end.htlcMaximum.value,
                        feeBase: end.feeBase,
                        feeProportionalMillionths: end.feeProportionalMillionths,
                        cltvExpiryDelta: end.cltvExpiryDelta))
            }
        }
        let isPublic = Int(payee) < graph.nodes.ids.count
        guard isPublic || extrasInto[payee] != nil else { throw .unknownPayee }
    }

    /// The hops of one hint. A hop out of the payer itself is one of its own channels, and not taken from a hint.
    private mutating func add(_ hint: [RouteHintHop]) {
        for (index, hop) in hint.enumerated() where hop.nodeID != request.payer {
            let next = index + 1 < hint.count ? number(of: hint[index + 1].nodeID) : payee
            add(
                ExtraEdge(
                    kind: .hint(hop.shortChannelID), from: number(of: hop.nodeID), to: next,
                    minimum: 0, maximum: Self.amountLimit, feeBase: hop.feeBase,
                    feeProportionalMillionths: hop.feeProportionalMillionths,
                    cltvExpiryDelta: hop.cltvExpiryDelta))
        }
    }

    private mutating func add(_ extra: ExtraEdge) {
        let number = UInt32(extras.count)
        extras.append(extra)
        extrasInto[extra.to, default: []].append(number)
        extrasOutOf[extra.from, default: []].append(number)
    }

    private mutating func number(of id: NodeID) -> UInt32 {
        if let node = graph.node(id) { return node.value }
        if let index = others.firstIndex(of: id) {
            return UInt32(graph.nodes.ids.count + index)
        }
        others.append(id)
        return UInt32(nodeCount - 1)
    }

    private mutating func mark(_ direction: UInt32) {
        marks[Int(direction >> 6)] |= 1 << UInt64(direction & 63)
    }

    private mutating func markNode(_ node: UInt32) {
        nodeMarks[Int(node >> 6)] |= 1 << UInt64(node & 63)
    }

    /// Takes a direction out of this search.
    mutating func exclude(_ direction: DirectionIndex) {
        excluded.insert(direction.value)
        mark(direction.value)
    }

    /// Notes that the payment sends so much through an edge, beside what it already sends there.
    mutating func use(_ edge: UInt32, _ amount: UInt64) {
        if edge & Self.extraBit != 0 {
            let index = Int(edge & ~Self.extraBit)
            extras[index].maximum -= min(extras[index].maximum, amount)
        } else {
            used[edge, default: 0] += amount
            mark(edge)
        }
    }

    /// The id of a node of the search.
    func id(_ node: UInt32) -> NodeID {
        let known = graph.nodes.ids.count
        return Int(node) < known ? graph.nodes.ids[Int(node)] : others[Int(node) - known]
    }

    /// The node that an edge leads to.
    func receiver(_ edge: UInt32) -> UInt32 {
        edge & Self.extraBit != 0
            ? extras[Int(edge & ~Self.extraBit)].to
            : graph.sender(DirectionIndex(edge).reversed).value
    }

    /// The node that an edge comes from.
    func sender(_ edge: UInt32) -> UInt32 {
        edge & Self.extraBit != 0
            ? extras[Int(edge & ~Self.extraBit)].from : graph.sender(DirectionIndex(edge)).value
    }

    /// Whether payments may go through a node.
    func mayPass(_ node: UInt32) -> Bool {
        guard Int(node) < graph.nodes.ids.count else { return true }
        return graph.isRoutable(NodeIndex(node)) && !barred.contains(node)
    }

    /// What sending `amount` through a direction of the graph costs in risk, with all that is known of it and already sent
    /// through it; nil where it cannot be.
    func risk(_ direction: UInt32, _ amount: UInt64) -> UInt64? {
        if excluded.contains(direction) { return nil }
        let capacity = MilliSatoshi(graph.capacity(DirectionIndex(direction).channel)).value
        let bounds =
            view.bounds[direction] ?? LiquidityView.Bounds(lower: 0, upper: capacity + 1)
        let upper = min(bounds.upper, capacity + 1)
        let before = used[direction] ?? 0
        func chance(_ amount: UInt64) -> UInt64 {
            scale.prior.probability(
                of: amount, lower: min(bounds.lower, upper - 1), upper: upper, capacity: capacity)
        }
        let all = chance(before + amount)
        guard all > 0 else { return nil }
        let cost = scale.risk(all)
        return before == 0 ? cost : cost - min(cost, scale.risk(max(1, chance(before))))
    }

    /// The chance, in 2^-32, that `amount` passes a direction of the graph.
    func probability(_ direction: UInt32, _ amount: UInt64) -> UInt64 {
        let capacity = MilliSatoshi(graph.capacity(DirectionIndex(direction).channel)).value
        let bounds =
            view.bounds[direction] ?? LiquidityView.Bounds(lower: 0, upper: capacity + 1)
        return scale.prior.probability(
            of: amount, lower: bounds.lower, upper: min(bounds.upper, capacity + 1),
            capacity: capacity)
    }
}

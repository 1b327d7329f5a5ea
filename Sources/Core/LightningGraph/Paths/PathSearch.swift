import LightningWire

/// One search from both ends: backward from the payee with exact amounts, forward from the payer with the amount that the
/// payee is to get, a lower bound of what any edge on the way carries.
///
///     payer ──forward, cost ≤ true──> meeting node <──backward, exact amounts── payee
///
/// It ends when no unfinished pair of ways can be better than the best that has met. What it finds is then priced exactly.
struct PathSearch {
    let space: SearchSpace
    let forward: SearchSide
    let backward: SearchSide
    /// Whether to search from the payee alone, which is slower and exact in the amounts of every edge.
    let isOneSided: Bool
    private var best = UInt64.max
    private var meeting: UInt32?

    init(
        _ space: SearchSpace, forward: SearchSide, backward: SearchSide, isOneSided: Bool = false
    ) {
        self.space = space
        self.forward = forward
        self.backward = backward
        self.isOneSided = isOneSided
    }

    /// The edges from the payer to the payee; nil where there is no path.
    mutating func run() -> [UInt32]? {
        forward.begin(nodes: space.nodeCount)
        backward.begin(nodes: space.nodeCount)
        forward.improve(
            space.payer,
            SearchLabel(
                cost: 0, amount: space.amount, edge: 0, stamp: forward.stamp, outboundFee: 0,
                delta: 0, hops: 0, isSettled: false))
        backward.improve(
            space.payee,
            SearchLabel(
                cost: 0, amount: space.amount, edge: 0, stamp: backward.stamp, outboundFee: 0,
                delta: space.request.finalDelta, hops: 0, isSettled: false))
        space.scale.table.withUnsafeBufferPointer { table in
            space.marks.withUnsafeBufferPointer { marks in
                guard let table = table.baseAddress, let marks = marks.baseAddress else { return }
                meet(table, marks)
            }
        }
        guard let meeting else { return nil }
        return path(through: meeting)
    }

    private mutating func meet(
        _ table: UnsafePointer<UInt64>, _ marks: UnsafePointer<UInt64>
    ) {
        while true {
            let ahead = isOneSided ? nil : forward.least
            let behind = backward.least
            let bound: UInt64
            switch (ahead, behind) {
            case (nil, nil): return
            case (let ahead?, nil): bound = ahead
            case (nil, let behind?): bound = behind
            case (let ahead?, let behind?): bound = ahead + behind
            }
            if bound >= best { return }
            if behind == nil || ahead != nil && forward.queued < backward.queued {
                expandForward(forward.settle(), behind ?? 0, table, marks)
            } else {
                expandBackward(backward.settle(), ahead ?? 0, table, marks)
            }
        }
    }

    /// Takes a pair of ways that meet, where it is the best one and the node may be passed.
    @inline(__always)
    private mutating func meet(at node: UInt32, _ cost: UInt64, _ rest: UInt64) {
        guard rest != .max, cost + rest < best,
            node == space.payer || node == space.payee || space.mayPass(node)
        else { return }
        best = cost + rest
        meeting = node
    }

    private func path(through meeting: UInt32) -> [UInt32] {
        var path: [UInt32] = []
        var node = meeting
        while node != space.payer, let label = forward.label(node) {
            path.append(label.edge)
            node = space.sender(label.edge)
        }
        path.reverse()
        node = meeting
        while node != space.payee, let label = backward.label(node) {
            path.append(label.edge)
            node = space.receiver(label.edge)
        }
        return path
    }

    @inline(__always)
    private func isMarked(_ marks: UnsafePointer<UInt64>, _ index: UInt32) -> Bool {
        marks[Int(index >> 6)] >> UInt64(index & 63) & 1 == 1
    }

    private func isMarkedNode(_ node: UInt32) -> Bool {
        space.nodeMarks[Int(node >> 6)] >> UInt64(node & 63) & 1 == 1
    }
}

// MARK: - Backward

extension PathSearch {
    /// Looks at every edge into a node: what its other end would have to be sent.
    private mutating func expandBackward(
        _ node: UInt32, _ ahead: UInt64, _ table: UnsafePointer<UInt64>,
        _ marks: UnsafePointer<UInt64>
    ) {
        let label = backward.labels[Int(node)]
        guard node != space.payer, node == space.payee || space.mayPass(node),
            label.hops < UInt8(PathRequest.maximumHops)
        else { return }
        let list =
            Int(node) < space.graph.incoming.lists.count
            ? space.graph.incoming.lists[Int(node)] : EdgeLists.List()
        let amount = label.amount
        space.graph.incoming.edges.withUnsafeBufferPointer { edges in
            for index in Int(list.first)..<Int(list.first + list.count) {
                let edge = edges[index]
                if amount < edge.minimum || amount > edge.maximum { continue }
                if edge.peer == space.payer || edge.flags.contains(.inboundFee)
                    || isMarked(marks, edge.direction)
                {
                    relaxSpecial(edge, into: node, label, ahead)
                    continue
                }
                let fee = edge.fee(for: amount)
                let cost =
                    label.cost + fee + space.scale.wait(edge.cltvExpiryDelta) + space.scale.hop
                    + CostScale.risk(edge.share(of: amount), table)
                reach(
                    edge.peer, edge.direction, cost, amount + fee, fee,
                    label.delta, edge.cltvExpiryDelta, label.hops, ahead)
            }
        }
        if isMarkedNode(node), let extras = space.extrasInto[node] {
            for number in extras { relax(extra: number, label, ahead) }
        }
    }

    private mutating func relaxSpecial(
        _ edge: Edge, into node: UInt32, _ label: SearchLabel, _ ahead: UInt64
    ) {
        let isFirst = edge.peer == space.payer
        if isFirst, space.hasLocalChannels { return }
        var amount = label.amount
        var surcharge: Int64 = 0
        if node != space.payee, edge.flags.contains(.inboundFee),
            let fee = space.graph.inboundFee(DirectionIndex(edge.direction))
        {
            surcharge =
                fee.surcharge(
                    on: MilliSatoshi(amount),
                    outbound: MilliSatoshi(UInt64(label.outboundFee))) ?? 0
            guard Int64(amount) + surcharge <= Int64(SearchSpace.amountLimit) else { return }
            amount = UInt64(Int64(amount) + surcharge)
        }
        guard amount >= edge.minimum, amount <= edge.maximum,
            let risk = space.risk(edge.direction, amount)
        else { return }
        let fee = isFirst ? 0 : edge.fee(for: amount)
        let delta = isFirst ? 0 : edge.cltvExpiryDelta
        // A discount may take back what the node charges, never what others cost.
        let price = UInt64(max(0, Int64(fee) + surcharge))
        let cost = label.cost + price + space.scale.wait(delta) + space.scale.hop + risk
        reach(
            edge.peer, edge.direction, cost, amount + fee, fee, label.delta, delta, label.hops,
            ahead)
    }

    private mutating func relax(extra number: UInt32, _ label: SearchLabel, _ ahead: UInt64) {
        let extra = space.extras[Int(number)]
        let amount = label.amount
        guard amount >= extra.minimum, amount <= extra.maximum else { return }
        let isFirst = extra.from == space.payer
        let fee = isFirst ? 0 : extra.fee(for: amount)
        let delta = isFirst ? 0 : extra.cltvExpiryDelta
        guard fee < SearchSpace.amountLimit else { return }
        let cost = label.cost + fee + space.scale.wait(delta) + space.scale.hop
        reach(
            extra.from, number | SearchSpace.extraBit, cost, amount + fee, fee, label.delta, delta,
            label.hops, ahead)
    }

    @inline(__always)
    private mutating func reach(
        _ node: UInt32, _ edge: UInt32, _ cost: UInt64, _ amount: UInt64, _ fee: UInt64,
        _ delta: UInt16, _ more: UInt16, _ hops: UInt8, _ ahead: UInt64
    ) {
        guard cost < best, cost < SearchSide.costLimit,
            amount - space.amount <= space.pruneLimit
        else { return }
        // What the other side has seen meets here; anything else has at least its frontier's cost to go.
        let rest = forward.cost(node)
        guard rest != .max || cost + ahead < best else { return }
        let (sum, isOver) = delta.addingReportingOverflow(more)
        guard !isOver, sum <= space.request.limits.delta else { return }
        guard cost < backward.cost(node) else { return }
        backward.improve(
            node,
            SearchLabel(
                cost: cost, amount: amount, edge: edge, stamp: backward.stamp,
                outboundFee: UInt32(truncatingIfNeeded: min(fee, UInt64(UInt32.max))), delta: sum,
                hops: hops + 1, isSettled: false))
        meet(at: node, cost, rest)
    }
}

// MARK: - Forward

extension PathSearch {
    /// Looks at every edge out of a node, as if it carried no more than the payee is to get.
    private mutating func expandForward(
        _ node: UInt32, _ behind: UInt64, _ table: UnsafePointer<UInt64>,
        _ marks: UnsafePointer<UInt64>
    ) {
        let isFirst = node == space.payer
        let label = forward.labels[Int(node)]
        guard node != space.payee, isFirst || space.mayPass(node),
            label.hops < UInt8(PathRequest.maximumHops)
        else { return }
        let amount = space.amount
        let takesList =
            Int(node) < space.graph.outgoing.lists.count
            && !(isFirst && space.hasLocalChannels)
        let list =
            takesList ? space.graph.outgoing.lists[Int(node)] : EdgeLists.List()
        space.graph.outgoing.edges.withUnsafeBufferPointer { edges in
            for index in Int(list.first)..<Int(list.first + list.count) {
                let edge = edges[index]
                if amount < edge.minimum || amount > edge.maximum { continue }
                var cost = label.cost + space.scale.hop
                if isMarked(marks, edge.direction) {
                    guard let risk = space.risk(edge.direction, amount) else { continue }
                    cost += risk
                } else {
                    cost += CostScale.risk(edge.share(of: amount), table)
                }
                if !isFirst {
                    cost += edge.fee(for: amount) + space.scale.wait(edge.cltvExpiryDelta)
                }
                arrive(edge.peer, edge.direction, cost, label.hops, behind)
            }
        }
        if isMarkedNode(node), let extras = space.extrasOutOf[node] {
            for number in extras { relaxForward(number, label, isFirst, behind) }
        }
    }

    private mutating func relaxForward(
        _ number: UInt32, _ label: SearchLabel, _ isFirst: Bool, _ behind: UInt64
    ) {
        let extra = space.extras[Int(number)]
        let amount = space.amount
        guard amount >= extra.minimum, amount <= extra.maximum else { return }
        var cost = label.cost + space.scale.hop
        if !isFirst {
            let fee = extra.fee(for: amount)
            guard fee < SearchSpace.amountLimit else { return }
            cost += fee + space.scale.wait(extra.cltvExpiryDelta)
        }
        arrive(extra.to, number | SearchSpace.extraBit, cost, label.hops, behind)
    }

    @inline(__always)
    private mutating func arrive(
        _ node: UInt32, _ edge: UInt32, _ cost: UInt64, _ hops: UInt8, _ behind: UInt64
    ) {
        guard cost < best, cost < SearchSide.costLimit, cost < forward.cost(node) else { return }
        let rest = backward.cost(node)
        guard rest != .max || cost + behind < best else { return }
        forward.improve(
            node,
            SearchLabel(
                cost: cost, amount: space.amount, edge: edge, stamp: forward.stamp,
                outboundFee: 0, delta: 0, hops: hops + 1, isSettled: false))
        meet(at: node, cost, rest)
    }
}

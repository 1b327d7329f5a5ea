import LightningWire

/// Several paths that carry an amount together.
///
/// The amount is sent in shares, one after the other, each along the path on which it adds least to the cost of what is
/// already on the way: a direction that carries a share costs more for the next one, as the chance of both is lower. That
/// is a minimum-cost flow by successive cheapest paths without taking back what was sent; `docs/routing.md` has how close
/// it comes.
extension PathFinder {
    /// The most parts of a set, whatever is asked for: each costs a search.
    public static let mostParts = 128

    /// The cheapest set of paths for the amount, of at most `maximumParts` and ``mostParts``: one where that is best.
    ///
    /// The fee limit holds for all parts together, and ``PathLimits/part`` for each.
    public func parts(
        _ request: PathRequest, in graph: ChannelGraph, knowing view: LiquidityView,
        maximumParts: Int = 16
    ) throws(PathError) -> [Route] {
        let space = try SearchSpace(request, in: graph, knowing: view)
        let maximumParts = min(maximumParts, Self.mostParts)
        let least = space.leastParts(of: space.amount)
        guard least <= UInt64(clamping: maximumParts) else { throw .noPath }
        var best: [Route]?
        var failure: PathError?
        if least == 1 {
            do throws(PathError) {
                var whole = space
                best = [try path(in: &whole).route]
            } catch {
                failure = error
            }
        }
        for shares in [UInt64(4), 12] where maximumParts > 1 {
            // What hardly risks anything is not made better by more parts.
            if let best, best[0].risk <= space.scale.hop * 4 { return best }
            guard let routes = split(space, shares: max(shares, least), maximumParts) else {
                continue
            }
            if best.map({ cost(routes) < cost($0) }) ?? true { best = routes }
        }
        if best == nil, least > 1 { best = split(space, shares: least, maximumParts) }
        if best == nil, maximumParts > 12 {
            best = split(space, shares: UInt64(maximumParts) * 2, maximumParts)
        }
        guard let best else { throw failure ?? .noPath }
        return best
    }

    private func cost(_ routes: [Route]) -> UInt64 { routes.reduce(0) { $0 + $1.cost } }

    /// Sends the amount in that many shares; nil where some of it finds no way.
    private func split(
        _ whole: SearchSpace, shares: UInt64, _ maximumParts: Int
    ) -> [Route]? {
        var space = whole
        var parts: [[UInt32]: UInt64] = [:]
        var (rest, share) = (whole.amount, (whole.amount + shares - 1) / shares)
        var fees = whole.feeLimit
        while rest > 0 {
            space.send(min(rest, share), feeLimit: fees)
            guard let found = try? path(in: &space) else {
                // A narrower share may still pass, but not without end.
                share /= 2
                guard share > whole.amount / (shares * 8), share > 0 else { return nil }
                continue
            }
            guard parts[found.edges] != nil || parts.count < maximumParts else { return nil }
            parts[found.edges, default: 0] += space.amount
            rest -= space.amount
            fees -= min(fees, found.route.fee.value)
            space.use(found.edges, found.route)
        }
        var routes: [Route] = []
        var joined = whole
        for (edges, amount) in parts.sorted(by: { before($0, $1) }) {
            // One HTLC where the path takes it, or a few that each fit.
            var more: [Route]?
            let least = whole.leastParts(of: amount)
            for count in least...least + 3 where more == nil {
                more = price(edges, amount, in: count, &joined)
            }
            guard let more else { return nil }
            routes += more
        }
        return routes.count <= maximumParts ? routes : nil
    }

    /// The same order on every machine: the greater amount first.
    private func before(
        _ left: (key: [UInt32], value: UInt64), _ right: (key: [UInt32], value: UInt64)
    ) -> Bool {
        left.value == right.value
            ? left.key.lexicographicallyPrecedes(right.key) : left.value > right.value
    }

    /// Prices what goes along one path in so many HTLCs, beside what is on the way already; nil, and nothing done, where it
    /// does not take them.
    private func price(
        _ edges: [UInt32], _ amount: UInt64, in count: UInt64, _ space: inout SearchSpace
    ) -> [Route]? {
        var after = space
        var routes: [Route] = []
        var rest = amount
        for left in (1...count).reversed() {
            let piece = rest / left
            guard piece > 0 else { return nil }
            after.send(piece, feeLimit: after.feeLimit)
            guard let route = try? after.price(edges) else { return nil }
            after.feeLimit -= route.fee.value
            after.use(edges, route)
            routes.append(route)
            rest -= piece
        }
        space = after
        return routes
    }
}

extension SearchSpace {
    /// How many parts an amount needs at least, each within the limit of one.
    func leastParts(of amount: UInt64) -> UInt64 {
        let largest = max(1, request.limits.part.value)
        return amount / largest + (amount % largest == 0 ? 0 : 1)
    }

    /// Sets what the next search sends, and what it may cost.
    mutating func send(_ amount: UInt64, feeLimit: UInt64) {
        self.amount = amount
        self.feeLimit = feeLimit
        pruneLimit = feeLimit
        scale.resize(request.costs, amount: MilliSatoshi(amount))
    }

    /// Notes that a part goes along these edges.
    mutating func use(_ edges: [UInt32], _ route: Route) {
        for (index, edge) in edges.enumerated() {
            // A blinded end is no hop of the route, and carries what the payee gets.
            let carried = index < route.hops.count ? route.hops[index].amount : route.amount
            use(edge, carried.value)
        }
    }
}

import LightningWire

/// Finds ways through a graph. Holds the memory that searches work in, so each worker keeps one of its own.
public final class PathFinder {
    let forward = SearchSide()
    let backward = SearchSide()

    /// A finder with no memory yet.
    public init() {}

    /// How many nodes the last search settled.
    public var settledNodes: Int { forward.settled + backward.settled }

    /// The cheapest path for the whole amount.
    ///
    /// Where the cheapest by the request's costs exceeds a limit, searches that keep to the limits on the way and ones by
    /// fees or blocks alone follow, so that a limit is told to be too low only where nothing was found below it.
    public func path(
        _ request: PathRequest, in graph: ChannelGraph, knowing view: LiquidityView
    ) throws(PathError) -> Route {
        var space = try SearchSpace(request, in: graph, knowing: view)
        try space.checkBalance()
        return try path(in: &space).route
    }

    /// The same by a search from the payee alone: what ``path(_:in:knowing:)`` is measured against.
    public func oneSidedPath(
        _ request: PathRequest, in graph: ChannelGraph, knowing view: LiquidityView
    ) throws(PathError) -> Route {
        var space = try SearchSpace(request, in: graph, knowing: view)
        try space.checkBalance()
        guard let found = try? search(&space, isOneSided: true) else { throw .noPath }
        return found.route
    }

    func path(in space: inout SearchSpace) throws(PathError) -> (route: Route, edges: [UInt32]) {
        var failure: PathError
        do throws(PathError) {
            return try search(&space)
        } catch {
            failure = error
        }
        switch failure {
        case .feeAboveLimit, .tooLong: break
        case .noPath where space.feeLimit < SearchSpace.amountLimit - space.amount: break
        case .noPath, .invalidAmount, .payerIsPayee, .unknownPayee, .unknownPayer,
            .insufficientBalance:
            throw failure
        }
        if let found = try? search(&space, isOneSided: true) { return found }
        for costs in [PathCosts.fees, .blocks] {
            var other = space
            other.scale = CostScale(costs, amount: MilliSatoshi(space.amount))
            other.pruneLimit = SearchSpace.amountLimit - space.amount
            do throws(PathError) {
                return try search(&other)
            } catch {
                if costs == .fees, case .feeAboveLimit = error { failure = error }
            }
        }
        throw failure
    }

    /// Searches, and prices what it finds; an edge that does not hold is taken out, a few times at most.
    private func search(
        _ space: inout SearchSpace, isOneSided: Bool = false
    ) throws(PathError) -> (route: Route, edges: [UInt32]) {
        for attempt in 0..<5 {
            // Amounts on the way differ from the forward side's by fees: where that matters, the slower search is right.
            let isOneSided = isOneSided || attempt > 0
            var search = PathSearch(
                space, forward: forward, backward: backward, isOneSided: isOneSided)
            guard let edges = search.run() else {
                if isOneSided { throw .noPath }
                continue
            }
            do throws(PricingFailure) {
                return (try space.price(edges), edges)
            } catch {
                switch error {
                case .edge(let edge) where edge & SearchSpace.extraBit == 0:
                    if isOneSided { space.exclude(DirectionIndex(edge)) }
                case .edge: break
                case .feeAboveLimit(let fee):
                    throw .feeAboveLimit(least: fee, limit: MilliSatoshi(space.feeLimit))
                case .tooLong(let delta):
                    throw .tooLong(delta: delta, limit: space.request.limits.delta)
                }
            }
        }
        throw .noPath
    }
}

extension SearchSpace {
    /// Throws where none of the payer's own channels can send the amount.
    func checkBalance() throws(PathError) {
        guard let channels = request.localChannels else { return }
        let most = channels.map(\.available).max() ?? .zero
        guard most >= request.amount else {
            throw .insufficientBalance(needed: request.amount, available: most)
        }
    }
}

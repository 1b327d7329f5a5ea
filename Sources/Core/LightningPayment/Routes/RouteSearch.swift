import Bitcoin
import LightningGraph
import LightningWire

/// How routes are looked for a payment, and what its attempts have shown not to work.
///
/// Only ``options`` and ``end`` are durable: after a start the same things are found out anew.
struct RouteSearch: Hashable, Sendable {
    let options: SendOptions
    /// From when on nothing more is sent, in milliseconds since 1970.
    let end: UInt64
    /// What is being looked for; nil while nothing is.
    var query: RouteQueryID?
    /// By what that query's answer counts blinded ends.
    private(set) var askedEnds: [BlindedDestination] = []
    /// The blocks that the query's routes leave at the payee.
    private(set) var askedDelta: UInt32 = 0
    /// What is not to be used any more for this payment.
    private(set) var excludedDirections: Set<DirectedChannel> = []
    private(set) var excludedNodes: Set<NodeID> = []
    private var excludedEnds: Set<Point> = []
    /// What directions did not hold.
    private var bounds: [DirectedChannel: MilliSatoshi] = [:]
    /// What channels of this node did not take, and how often.
    private var refusals: [ShortChannelID: Refusals] = [:]

    private struct Refusals: Hashable {
        var limit: MilliSatoshi
        var count: Int
    }

    init(_ options: SendOptions, end: UInt64) {
        self.options = options
        self.end = end
    }

    /// Blocks that are added to what the payee wants, since more of them may be mined while the HTLC is on its way.
    static let padding: UInt32 = 3

    // MARK: - Asking

    /// What to ask for, so that `missing` arrives; or why there is no use in asking.
    ///
    /// `spent` are the fees of what has arrived or is on its way, `parts` how many more HTLCs there may be, and `shadow` a
    /// number that only this node knows.
    mutating func ask(
        _ order: PaymentOrder, _ missing: MilliSatoshi, spent: MilliSatoshi, parts: Int,
        by payer: NodeID, over channels: [PayerChannel], shadow: UInt64
    ) -> Result<RouteQuery, PaymentFailure> {
        let own = usable(channels)
        let each = own.map(\.available)
        let available =
            parts > 1 ? each.reduce(.zero) { $0.adding($1) ?? .maximumMoney } : each.max() ?? .zero
        guard available >= missing else {
            return .failure(.insufficientBalance(available: available))
        }
        let largest = options.largestPart ?? .maximumMoney
        let (most, isBeyond) = largest.value.multipliedReportingOverflow(by: UInt64(max(0, parts)))
        guard isBeyond || most >= missing.value, let payee = payee(order, payer) else {
            return .failure(.noRoute)
        }
        let least = order.finalCLTVDelta + Self.padding
        let room = UInt32(options.cltvLimit) - min(UInt32(options.cltvLimit), least)
        askedDelta = least + ShadowRoute.delta(shadow, room: room)
        // A path that is hidden has the payee's own blocks in its delta.
        if !order.blindedEnds.isEmpty { askedDelta -= order.finalCLTVDelta }
        var request = PathRequest(
            payer: payer, localChannels: own, payee: payee, amount: missing,
            finalDelta: UInt16(clamping: askedDelta),
            limits: PathLimits(
                fee: options.feeLimit.subtracting(spent) ?? .zero, delta: options.cltvLimit,
                part: largest),
            costs: PathCosts().weighingSuccess(options.successWeight),
            excludedDirections: excludedDirections, excludedNodes: excludedNodes)
        if order.payee == payer { leave(&request, payer, channels) }
        return .success(RouteQuery(request, maximumParts: parts, lastHop: options.lastHop))
    }

    /// The channels that may be used, with what they are thought to take.
    private func usable(_ channels: [PayerChannel]) -> [LocalChannel] {
        channels.compactMap { channel in
            let isWanted =
                options.outgoingChannels.isEmpty
                || channel.names.contains(where: options.outgoingChannels.contains)
            guard isWanted, let name = channel.names.first else { return nil }
            let limit = refusals[name]?.limit ?? .maximumMoney
            return LocalChannel(
                id: name, peer: channel.peer, available: min(channel.available, limit),
                htlcMinimum: channel.htlcMinimum)
        }
    }

    /// Who is to be asked for, with the private ways to him that have not failed; nil where none is left.
    private mutating func payee(_ order: PaymentOrder, _ payer: NodeID) -> Payee? {
        guard order.blindedEnds.isEmpty else {
            askedEnds = order.blindedEnds.filter { !excludedEnds.contains($0.path.firstPathKey) }
            return askedEnds.isEmpty ? nil : .blinded(askedEnds.map(\.terms))
        }
        guard let payee = order.payee else { return nil }
        let hints = order.hints.filter { hint in
            hint.indices.allSatisfy { index in
                let hop = hint[index]
                let next = index + 1 < hint.count ? hint[index + 1].nodeID : payee
                let direction = DirectedChannel(hop.shortChannelID, from: hop.nodeID, to: next)
                // What lies behind a hint is in no graph, so that no search could keep to a bound there.
                return !excludedNodes.contains(hop.nodeID)
                    && !excludedDirections.contains(direction) && bounds[direction] == nil
            }
        }
        return .node(payee, hints: hints)
    }

    /// Makes a way from this node to itself of one from nowhere to it, which does not come back by the channels by which it
    /// left.
    private func leave(_ request: inout PathRequest, _ payer: NodeID, _ channels: [PayerChannel]) {
        request.payer = payer.negated
        guard !options.outgoingChannels.isEmpty else { return }
        for channel in channels
        where channel.names.contains(where: options.outgoingChannels.contains) {
            for name in channel.names {
                request.excludedDirections.insert(
                    DirectedChannel(name, from: channel.peer, to: payer))
            }
        }
    }

    // MARK: - Learning

    /// Takes what an attempt has shown not to work.
    mutating func take(_ verdict: AttemptVerdict, of attempt: PaymentAttempt) {
        excludedDirections.formUnion(verdict.excludedDirections)
        excludedNodes.formUnion(verdict.excludedNodes)
        if verdict.excludesBlindedEnd, let tail = attempt.route.blindedTail {
            excludedEnds.insert(tail.path.firstPathKey)
        }
        if let new = verdict.bound {
            // Where so much was tried again all the same, the search does not know of the bound.
            if let old = bounds[new.direction], new.amount >= old {
                excludedDirections.insert(new.direction)
            }
            bounds[new.direction] = min(new.amount, bounds[new.direction] ?? new.amount)
        }
        guard let first = attempt.route.hops.first else { return }
        if verdict.isRefusedHere { refuse(first.amount, over: first.channel) }
        if verdict.excludesFirst {
            refusals[first.channel] = Refusals(limit: .zero, count: 9)
        }
    }

    /// A channel of this node did not take an amount that it was thought to: less is tried, a few times.
    private mutating func refuse(_ amount: MilliSatoshi, over channel: ShortChannelID) {
        let count = min(refusals[channel]?.count ?? 0, 9) + 1
        let limit: MilliSatoshi =
            switch count {
            case 1: MilliSatoshi(amount.value - min(1, amount.value))
            case 2, 3: MilliSatoshi(amount.value / 2)
            default: .zero
            }
        refusals[channel] = Refusals(limit: limit, count: count)
    }
}

extension DirectedChannel {
    /// The direction of a channel in which `sender` sends to `receiver`.
    init(_ channel: ShortChannelID, from sender: NodeID, to receiver: NodeID) {
        self.init(channel, side: sender < receiver ? 0 : 1)
    }
}

extension NodeID {
    /// The node whose key is the negated one, which nobody but this node itself could have.
    var negated: NodeID {
        var bytes = point.bytes
        bytes[0] ^= 1
        return (try? Point(bytes)).map { NodeID($0) } ?? self
    }
}

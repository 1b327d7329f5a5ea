import LightningWire

/// Why a path that was found does not hold when it is priced exactly.
enum PricingFailure: Error {
    /// An edge does not take the amount that it has to carry.
    case edge(UInt32)
    case feeAboveLimit(MilliSatoshi)
    case tooLong(UInt32)
}

extension SearchSpace {
    /// What each HTLC of a path has to hold, from the payee back to the payer, by the rules of BOLT 7.
    func price(_ path: [UInt32]) throws(PricingFailure) -> Route {
        var amount = MilliSatoshi(self.amount)
        var delta = UInt32(request.finalDelta)
        var outbound = MilliSatoshi.zero
        var (cost, risk, chance) = (UInt64(0), UInt64(0), UInt64(1) << 32)
        var hops: [RouteHop] = []
        var blindedEnd: Int?
        guard path.count <= PathRequest.maximumHops else { throw .tooLong(delta) }
        for (index, edge) in path.enumerated().reversed() {
            let isLast = index == path.count - 1
            let terms = try terms(edge, amount, outbound, isLast: isLast)
            cost += scale.hop
            risk += terms.risk
            chance = (chance * (terms.chance >> 1)) >> 31
            amount = terms.amount
            if case .blinded(let end)? = terms.kind {
                blindedEnd = end
            } else {
                hops.append(
                    RouteHop(
                        nodeID: id(receiver(edge)), shortChannelID: terms.shortChannelID,
                        direction: terms.direction, amount: amount,
                        delta: UInt16(clamping: delta)))
            }
            guard index > 0 else { break }
            guard let fee = terms.fee(amount), let sum = amount.adding(fee),
                sum.value < Self.amountLimit
            else { throw .edge(edge) }
            (amount, outbound) = (sum, fee)
            delta += UInt32(terms.delta)
            cost += scale.wait(terms.delta)
        }
        let fee = amount - MilliSatoshi(self.amount)
        guard fee.value <= feeLimit else { throw .feeAboveLimit(fee) }
        guard delta <= request.limits.delta else { throw .tooLong(delta) }
        return Route(
            hops: hops.reversed(), amount: MilliSatoshi(self.amount), fee: fee,
            delta: UInt16(clamping: delta), blindedEnd: blindedEnd,
            probabilityMillionths: UInt32(clamping: (chance * 1_000_000) >> 32),
            cost: cost + risk + fee.value, risk: risk)
    }

    /// What one edge does with an amount.
    private struct Terms {
        var kind: ExtraEdge.Kind?
        var shortChannelID: ShortChannelID
        var direction: DirectedChannel?
        /// What the edge itself carries: the amount with what the receiver charges for what comes in here.
        var amount: MilliSatoshi
        var delta: UInt16
        var risk: UInt64
        /// In 2^-32.
        var chance: UInt64
        var fee: (MilliSatoshi) -> MilliSatoshi?
    }

    private func terms(
        _ edge: UInt32, _ amount: MilliSatoshi, _ outbound: MilliSatoshi, isLast: Bool
    ) throws(PricingFailure) -> Terms {
        guard edge & Self.extraBit != 0 else {
            return try terms(DirectionIndex(edge), amount, outbound, isLast: isLast)
        }
        let extra = extras[Int(edge & ~Self.extraBit)]
        guard amount.value >= extra.minimum, amount.value <= extra.maximum else {
            throw .edge(edge)
        }
        let id: ShortChannelID
        switch extra.kind {
        case .local(let index): id = request.localChannels?[index].id ?? .zero
        case .hint(let hint): id = hint
        case .blinded: id = .zero
        }
        return Terms(
            kind: extra.kind, shortChannelID: id, direction: nil, amount: amount,
            delta: extra.cltvExpiryDelta, risk: 0, chance: 1 << 32,
            fee: { MilliSatoshi(extra.fee(for: $0.value)) })
    }

    private func terms(
        _ direction: DirectionIndex, _ amount: MilliSatoshi, _ outbound: MilliSatoshi,
        isLast: Bool
    ) throws(PricingFailure) -> Terms {
        var carried = amount
        if !isLast, let inbound = graph.inboundFee(direction) {
            guard let more = inbound.surcharge(on: amount, outbound: outbound),
                more < Int64(Self.amountLimit)
            else { throw .edge(direction.value) }
            carried = MilliSatoshi(UInt64(Int64(amount.value) + more))
        }
        guard let policy = graph.policy(direction), !policy.isDisabled,
            carried >= policy.htlcMinimum, carried <= policy.htlcMaximum,
            let risk = risk(direction.value, carried.value)
        else { throw .edge(direction.value) }
        return Terms(
            shortChannelID: graph.id(direction.channel), direction: graph.name(direction),
            amount: carried, delta: policy.cltvExpiryDelta, risk: risk,
            chance: probability(direction.value, carried.value), fee: policy.fee)
    }
}

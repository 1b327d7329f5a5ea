import Bitcoin
import LightningChannel
import LightningCommitment
import LightningPayment
import LightningWire

/// Ways to this node over channels that are not public.
extension LightningNode {
    /// The order with the private ways that it wants, after those that the user gave.
    func withHints(_ order: InvoiceOrder) -> InvoiceOrder {
        var order = order
        let count = order.privateHints
        order.privateHints = 0
        guard count > 0 else { return order }
        order.routeHints += hints(for: order.amount, atMost: count)
        return order
    }

    /// Ways that can bring the amount: those that can bring all of it alone, or where none can, as many as bring it twice
    /// together, since balances move until somebody pays. Those that can bring most come first.
    private func hints(for amount: MilliSatoshi?, atMost count: Int) -> [[RouteHintHop]] {
        let ways = channels.numbers.compactMap { hint(over: $0) }
            .sorted { $0.receivable > $1.receivable }
        guard let amount else { return ways.prefix(count).map { [$0.hop] } }
        let able = ways.filter { $0.receivable >= amount && $0.minimum <= amount }
        guard able.isEmpty else { return able.prefix(count).map { [$0.hop] } }
        var missing = amount.adding(amount) ?? .maximumMoney
        var chosen: [[RouteHintHop]] = []
        for way in ways where chosen.count < count && missing > .zero {
            chosen.append([way.hop])
            missing = missing.subtracting(way.receivable) ?? .zero
        }
        return chosen
    }

    /// The way over one channel: its peer's last word on what it asks for sending on to here. Nil where the channel is
    /// public or cannot be used, or the peer has said nothing.
    private func hint(
        over number: ChannelKeyNumber
    ) -> (hop: RouteHintHop, receivable: MilliSatoshi, minimum: MilliSatoshi)? {
        guard closings[number] == nil, let channel = channels[number]?.established,
            channel.isUsable, !channel.isAnnounced, let name = channel.nameForPayers,
            let terms = peerTerms(of: number), terms.channelFlags & 2 == 0
        else { return nil }
        let receivable = min(channel.commitments.receivable, terms.htlcMaximum)
        guard receivable > .zero else { return nil }
        let hop = RouteHintHop(
            nodeID: NodeID(channel.peer), shortChannelID: name, feeBase: terms.feeBase,
            feeProportionalMillionths: terms.feeProportionalMillionths,
            cltvExpiryDelta: terms.cltvExpiryDelta)
        return (hop, receivable, terms.htlcMinimum)
    }
}

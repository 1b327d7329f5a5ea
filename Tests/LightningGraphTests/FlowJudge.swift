import Glibc
import LightningGraph
import LightningWire

/// A true minimum-cost flow in equal shares, found by taking the cheapest way again and again, back through what was sent
/// where that saves something: what splitting a payment is measured against.
///
/// It knows no base fees, no least amounts and no fees on fees, so graphs for it have none; and the prior has to be the even
/// one, with which each further share costs more than the last.
struct FlowJudge {
    private struct Arc {
        var from: Int
        var to: Int
        var capacity: Double
        var maximum: Double
        var price: Double
        var shares = 0
    }

    private var arcs: [Arc] = []
    private let nodes: Int
    private let share: Double
    private let halving: Double

    init(
        _ graph: ChannelGraph, _ costs: PathCosts, amount: MilliSatoshi, shares: Int,
        from payer: NodeID
    ) {
        let whole = Double(amount.value)
        share = whole / Double(shares)
        halving =
            Double(costs.halvingBase.value) + whole * Double(costs.halvingMillionths) / 1e6
        nodes = graph.nodeCount
        for channel in graph.allChannels {
            for side in UInt8(0)...1 {
                let direction = channel.direction(side)
                guard let policy = graph.policy(direction), !policy.isDisabled else { continue }
                let sender = graph.sender(direction)
                let isFirst = graph.id(sender) == payer
                let fee = isFirst ? 0 : Double(policy.feeProportionalMillionths) / 1e6
                let wait =
                    isFirst
                    ? 0 : Double(policy.cltvExpiryDelta) * Double(costs.blockBillionths) / 1e9
                arcs.append(
                    Arc(
                        from: Int(sender.value), to: Int(graph.sender(direction.reversed).value),
                        capacity: Double(MilliSatoshi(graph.capacity(channel)).value),
                        maximum: Double(policy.htlcMaximum.value),
                        price: (fee + wait + Double(costs.hopMillionths) / 1e6) * share))
            }
        }
    }

    /// The least cost of sending all shares; nil where they do not fit.
    mutating func leastCost(from payer: NodeIndex, to payee: NodeIndex, shares: Int) -> Double? {
        for _ in 0..<shares {
            guard augment(from: Int(payer.value), to: Int(payee.value)) else { return nil }
        }
        return arcs.reduce(0) { $0 + Double($1.shares) * $1.price + risk($1, $1.shares) }
    }

    /// Sends one share along the cheapest way, by Bellman and Ford, as costs back are below zero.
    private mutating func augment(from payer: Int, to payee: Int) -> Bool {
        var costs = [Double](repeating: .infinity, count: nodes)
        var last = [(arc: Int, isBack: Bool)?](repeating: nil, count: nodes)
        costs[payer] = 0
        for _ in 0..<nodes {
            var isChanged = false
            for (index, arc) in arcs.enumerated() {
                if Double(arc.shares + 1) * share <= arc.maximum {
                    let cost =
                        costs[arc.from] + arc.price + risk(arc, arc.shares + 1)
                        - risk(arc, arc.shares)
                    if cost < costs[arc.to] - 1e-6 {
                        (costs[arc.to], last[arc.to], isChanged) = (cost, (index, false), true)
                    }
                }
                if arc.shares > 0 {
                    let cost =
                        costs[arc.to] - arc.price + risk(arc, arc.shares - 1)
                        - risk(arc, arc.shares)
                    if cost < costs[arc.from] - 1e-6 {
                        (costs[arc.from], last[arc.from], isChanged) = (cost, (index, true), true)
                    }
                }
            }
            if !isChanged { break }
        }
        guard costs[payee].isFinite else { return false }
        var node = payee
        while node != payer, let (arc, isBack) = last[node] {
            arcs[arc].shares += isBack ? -1 : 1
            node = isBack ? arcs[arc].to : arcs[arc].from
        }
        return true
    }

    private func risk(_ arc: Arc, _ shares: Int) -> Double {
        let part = Double(shares) * share / arc.capacity
        return -log2(max(1 - part, 1 / 1_024)) * halving
    }
}

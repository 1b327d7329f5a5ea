import Glibc
import LightningGraph
import LightningWire
import Testing

/// Holds routes against the rules of BOLT 7, by arithmetic of its own.
struct RouteJudge {
    let graph: ChannelGraph
    let costs: PathCosts

    /// Checks every hop of a route through the graph: what is connected, what fits, what each node gets.
    func check(_ route: Route, from payer: NodeID, to payee: NodeID, finalDelta: UInt16) throws {
        #expect(route.hops.last?.nodeID == payee)
        #expect(route.hops.last?.amount == route.amount)
        #expect(route.hops.last?.delta == finalDelta)
        #expect(route.hops.first?.delta == route.delta)
        let sent = try #require(route.hops.first?.amount)
        #expect(sent == route.amount + route.fee)
        var sender = payer
        for (index, hop) in route.hops.enumerated() {
            let name = try #require(hop.direction)
            let direction = try #require(graph.direction(name))
            let policy = try #require(graph.policy(direction))
            #expect(graph.id(graph.sender(direction)) == sender)
            #expect(graph.id(graph.sender(direction.reversed)) == hop.nodeID)
            #expect(!policy.isDisabled)
            #expect(hop.amount >= policy.htlcMinimum)
            #expect(hop.amount <= policy.htlcMaximum)
            if index > 0 {
                let before = route.hops[index - 1]
                let outbound = try #require(policy.fee(for: hop.amount))
                let amount = hop.amount + outbound
                let incoming = try #require(before.direction.flatMap { graph.direction($0) })
                let surcharge =
                    graph.inboundFee(incoming)?.surcharge(on: amount, outbound: outbound) ?? 0
                let expected = Int64(amount.value) + surcharge
                #expect(Int64(before.amount.value) == expected)
                let delta = hop.delta + policy.cltvExpiryDelta
                #expect(before.delta == delta)
            }
            sender = hop.nodeID
        }
    }

    /// The least cost of all simple paths, by looking at each; nil where there is none.
    func leastCost(from payer: NodeID, to payee: NodeID, amount: MilliSatoshi) -> Double? {
        var best: Double?
        visit(payee, payer, Double(amount.value), amount.value, 0, [payee], &best)
        return best
    }

    private func visit(
        _ node: NodeID, _ payer: NodeID, _ whole: Double, _ amount: UInt64, _ cost: Double,
        _ seen: Set<NodeID>, _ best: inout Double?
    ) {
        if let best, cost >= best { return }
        for channel in graph.allChannels {
            for side in UInt8(0)...1 {
                let direction = channel.direction(side)
                guard graph.id(graph.sender(direction.reversed)) == node,
                    let policy = graph.policy(direction), !policy.isDisabled,
                    amount >= policy.htlcMinimum.value, amount <= policy.htlcMaximum.value
                else { continue }
                let sender = graph.id(graph.sender(direction))
                guard !seen.contains(sender) else { continue }
                let capacity = MilliSatoshi(graph.capacity(channel)).value
                let edge = hop(whole) + risk(Double(amount) / Double(capacity), whole)
                if sender == payer {
                    best = min(best ?? .infinity, cost + edge)
                    continue
                }
                let fee = policy.fee(for: MilliSatoshi(amount))?.value ?? 0
                let wait =
                    whole * Double(policy.cltvExpiryDelta) * Double(costs.blockBillionths) / 1e9
                visit(
                    sender, payer, whole, amount + fee, cost + edge + Double(fee) + wait,
                    seen.union([sender]), &best)
            }
        }
    }

    private func hop(_ whole: Double) -> Double {
        Double(costs.hopBase.value) + whole * Double(costs.hopMillionths) / 1e6
    }

    private func risk(_ share: Double, _ whole: Double) -> Double {
        let less: Double
        switch costs.prior {
        case .uniform: less = share
        case .bimodal: less = share / 4 + 0.75 * (4 * pow(share - 0.5, 3) + 0.5)
        }
        let halving =
            Double(costs.halvingBase.value) + whole * Double(costs.halvingMillionths) / 1e6
        return -log2(max(1 - less, 1 / 1_024)) * halving
    }
}

import Bitcoin
import LightningChannel
import LightningGraph
import LightningNode
import LightningPayment
import LightningWire

/// Routes that nodes look for themselves.
extension Simulation {
    /// Finds routes among the channels that are open now. Of what they hold only the payer's own query knows, so that many
    /// routes fail.
    func find(_ query: RouteQuery) -> Result<[FoundRoute], PathError> {
        do throws(PathError) {
            return .success(
                try PathFinder().parts(
                    query.request, in: publicGraph, knowing: LiquidityView(),
                    maximumParts: query.maximumParts))
        } catch {
            return .failure(error)
        }
    }

    /// The channels that have a place in the chain, each on the terms that all nodes ask for.
    private var publicGraph: ChannelGraph {
        var graph = ChannelGraph()
        for node in nodes {
            for channel in node.core?.allChannels ?? [] where channel.opener == .local {
                guard channel.state == .normal, let established = channel.established,
                    let name = established.shortChannelID, established.names.contains(name)
                else { continue }
                add(name, node.id, channel.peer, established.funding.amount, to: &graph)
            }
        }
        return graph
    }

    private func add(
        _ name: ShortChannelID, _ first: PublicKey, _ second: PublicKey, _ capacity: Satoshi,
        to graph: inout ChannelGraph
    ) {
        let (one, two) = (NodeID(first), NodeID(second))
        let channel = GraphChannel(
            id: name, node1: min(one, two), node2: max(one, two), capacity: capacity)
        // After a reorganisation two channels may claim the same place for a while.
        guard let index = try? graph.add(channel) else { return }
        let relay = SimulatedNode.forwarding.relay
        for side in UInt8(0)...1 {
            graph.update(
                index.direction(side),
                DirectionPolicy(
                    timestamp: 1, feeBase: relay.feeBase,
                    feeProportionalMillionths: relay.feeProportionalMillionths,
                    htlcMinimum: SimulatedNode.forwarding.htlcMinimum,
                    htlcMaximum: MilliSatoshi(capacity), cltvExpiryDelta: relay.cltvExpiryDelta))
        }
    }
}

import Bitcoin
import LightningGraph
import LightningNode
import LightningWire
import NodeAPI
import NodeRuntime
import NodeServer

/// What the node knows of the network.
extension APIService {
    func describeGraph(_ request: ChannelGraphRequest, _ reply: GraphReply) {
        enqueue { [self] in
            do {
                let graph = try graph()
                let own = request.includeUnannounced ? try unannouncedChannels() : []
                try graph.describe(
                    node: { node in
                        guard reply.add(LightningNodeMessage(node)) else { throw ClientGone() }
                    },
                    channel: { edge in
                        let message = ChannelEdgeMessage(
                            edge, withProof: request.includeAuthProof)
                        guard reply.add(message) else { throw ClientGone() }
                    })
                for edge in own where !reply.add(edge) { return }
                reply.finish()
            } catch let error as APIError {
                reply.fail(error)
            } catch let error as NodeFailure {
                reply.fail(APIError(error))
            } catch {
                reply.fail(APIError(.unavailable, "the client is gone"))
            }
        }
    }

    func nodeInfo(_ request: NodeInfoRequest, _ reply: Reply<NodeInfo>) {
        work(reply) { [self] in
            guard let bytes = try? Hex.decode(request.pubKey),
                let key = try? PublicKey(compressed: bytes)
            else {
                throw APIError(
                    .invalidArgument, "`\(request.pubKey)` is no public key in hexadecimal")
            }
            let graph = try graph()
            guard let node = graph.node(NodeID(key)) else {
                throw APIError(.notFound, "unable to find node")
            }
            var info = NodeInfo()
            info.node = LightningNodeMessage(node)
            info.numChannels = UInt32(clamping: node.channelCount)
            info.totalCapacity = node.capacity.value
            if request.includeChannels {
                info.channels = graph.channels(of: NodeID(key)).map {
                    ChannelEdgeMessage($0, withProof: request.includeAuthProof)
                }
            }
            return info
        }
    }

    func channelInfo(_ request: ChanInfoRequest, _ reply: Reply<ChannelEdgeMessage>) {
        work(reply) { [self] in
            let graph = try graph()
            let edge: GraphEdge?
            let isWanted: (ChannelReport) -> Bool
            if request.chanId != 0 {
                let id = ShortChannelID(request.chanId)
                edge = graph.channel(id)
                isWanted = { $0.names.contains(id) || $0.details?.name == id }
            } else if !request.chanPoint.isEmpty {
                let funding = try OutPoint(channelPoint: request.chanPoint)
                edge = graph.channel(funding)
                isWanted = { $0.funding?.outPoint == funding }
            } else {
                throw APIError(.invalidArgument, "specify either chan_id or chan_point")
            }
            if let edge {
                return ChannelEdgeMessage(edge, withProof: request.includeAuthProof)
            }
            // Of its own channels the node knows what the network does not.
            guard let report = try channelReports().first(where: isWanted),
                let own = ChannelEdgeMessage(report, of: try nodeKey())
            else { throw APIError(.notFound, "edge not found") }
            return own
        }
    }

    func networkInfo(_ reply: Reply<NetworkInfo>) {
        work(reply) { [self] in NetworkInfo(try graph().info) }
    }

    func subscribeGraph(_ subscriber: Subscriber<GraphTopologyUpdate>) {
        workLater(subscriber) { [self] in
            let graph = try graph()
            let subscription = graph.subscribe { [self] news in
                // The funding outputs are on the disk.
                enqueueInOrder { subscriber.send(GraphTopologyUpdate(news, graph)) }
            }
            subscriber.begin()
            subscriber.onEnd { withExtendedLifetime(subscription) {} }
        }
    }

    /// The name that a node gives itself; empty where it is not known. Blocks for a moment.
    func alias(of node: PublicKey) -> String { host.graph?.node(NodeID(node))?.alias ?? "" }

    func graph() throws(APIError) -> GraphService {
        guard let graph = host.graph else {
            throw APIError(.unavailable, "the graph is not there while the wallet is locked")
        }
        return graph
    }

    /// The node's identity. Blocks.
    func nodeKey() throws -> PublicKey {
        guard case .status(let status) = try host.perform(.status) else { throw UnexpectedReply() }
        return status.nodeKey
    }

    /// The node's channels that the network does not know of.
    private func unannouncedChannels() throws -> [ChannelEdgeMessage] {
        let key = try nodeKey()
        return try channelReports().compactMap { report in
            guard case .open = report.stage, report.announcement != .announced else { return nil }
            return ChannelEdgeMessage(report, of: key)
        }
    }
}

/// The client of a long answer has gone.
private struct ClientGone: Error {}

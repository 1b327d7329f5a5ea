import NodeAPI
import NodeServer

extension APIService {
    func describeGraph(_ request: ChannelGraphRequest, _ reply: GraphReply) {
        reply.fail(.unwired)
    }

    func nodeInfo(_ request: NodeInfoRequest, _ reply: Reply<NodeInfo>) {
        reply.fail(.unwired)
    }

    func channelInfo(_ request: ChanInfoRequest, _ reply: Reply<ChannelEdgeMessage>) {
        reply.fail(.unwired)
    }

    func networkInfo(_ reply: Reply<NetworkInfo>) {
        reply.fail(.unwired)
    }

    func queryRoutes(_ request: QueryRoutesRequest, _ reply: Reply<QueryRoutesResponse>) {
        reply.fail(.unwired)
    }

    func subscribeGraph(_ subscriber: Subscriber<GraphTopologyUpdate>) {
        subscriber.finish(.unwired)
    }
}

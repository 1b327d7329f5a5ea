import NodeAPI

/// What the node knows of the network, as ``NodeService`` describes calls.
public protocol NetworkService: Sendable {
    /// All of it.
    func describeGraph(_ request: ChannelGraphRequest, _ reply: GraphReply)
    /// One node.
    func nodeInfo(_ request: NodeInfoRequest, _ reply: Reply<NodeInfo>)
    /// One channel.
    func channelInfo(_ request: ChanInfoRequest, _ reply: Reply<ChannelEdgeMessage>)
    /// The network in figures.
    func networkInfo(_ reply: Reply<NetworkInfo>)
    /// Looks for a route.
    func queryRoutes(_ request: QueryRoutesRequest, _ reply: Reply<QueryRoutesResponse>)
    /// Tells what changes in the network from now on.
    func subscribeGraph(_ subscriber: Subscriber<GraphTopologyUpdate>)
}

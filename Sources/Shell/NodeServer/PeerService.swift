import NodeAPI

/// The node's peers, as ``NodeService`` describes calls.
public protocol PeerService: Sendable {
    /// The peers.
    func listPeers(_ request: ListPeersRequest, _ reply: Reply<ListPeersResponse>)
    /// Connects to a node.
    func connectPeer(_ request: ConnectPeerRequest, _ reply: Reply<StatusResponse>)
    /// Ends the connection to a peer.
    func disconnectPeer(_ request: DisconnectPeerRequest, _ reply: Reply<StatusResponse>)
    /// Tells of peers that come and go from now on.
    func subscribePeers(_ subscriber: Subscriber<PeerEvent>)
    /// Sends a peer a message of a type that the node does not know.
    func sendCustomMessage(_ request: CustomPeerMessage, _ reply: Reply<StatusResponse>)
    /// Tells of such messages of peers from now on.
    func subscribeCustomMessages(_ subscriber: Subscriber<CustomPeerMessage>)
    /// Whatever is asked of a client of watchtowers.
    func askWatchtower(_ request: WatchtowerRequest, _ reply: Reply<Empty>)
}

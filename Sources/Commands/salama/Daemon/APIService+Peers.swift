import NodeAPI
import NodeServer

extension APIService {
    func listPeers(_ request: ListPeersRequest, _ reply: Reply<ListPeersResponse>) {
        reply.fail(.unwired)
    }

    func connectPeer(_ request: ConnectPeerRequest, _ reply: Reply<StatusResponse>) {
        reply.fail(.unwired)
    }

    func disconnectPeer(_ request: DisconnectPeerRequest, _ reply: Reply<StatusResponse>) {
        reply.fail(.unwired)
    }

    func subscribePeers(_ subscriber: Subscriber<PeerEvent>) {
        subscriber.finish(.unwired)
    }

    func sendCustomMessage(_ request: CustomMessage, _ reply: Reply<StatusResponse>) {
        reply.fail(.unwired)
    }

    func subscribeCustomMessages(_ subscriber: Subscriber<CustomMessage>) {
        subscriber.finish(.unwired)
    }
}

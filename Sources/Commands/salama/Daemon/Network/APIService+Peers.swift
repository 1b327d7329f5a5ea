import Bitcoin
import LightningNode
import LightningWire
import NodeAPI
import NodeRuntime
import NodeServer

/// The connections to other nodes.
extension APIService {
    func askWatchtower(_ request: WatchtowerRequest, _ reply: Reply<Empty>) {
        reply.fail(
            .unimplemented,
            "watchtower client not active: this node has none; what it does about revoked"
                + " commitments it does while it runs")
    }

    func listPeers(_ request: ListPeersRequest, _ reply: Reply<ListPeersResponse>) {
        work(reply) { [self] in
            let paid = try channelReports().reduce(into: [PublicKey: Paid]()) { sums, report in
                guard let details = report.details else { return }
                sums[report.peer, default: Paid()].add(details.paid.local, details.paid.remote)
            }
            var response = ListPeersResponse()
            response.peers = host.peers.reports.map {
                PeerMessage($0, paid[$0.key] ?? Paid())
            }
            return response
        }
    }

    func connectPeer(_ request: ConnectPeerRequest, _ reply: Reply<StatusResponse>) {
        guard let target = request.addr else {
            return reply.fail(.invalidArgument, "need: lnc pubkeyhash@hostname")
        }
        guard let bytes = try? Hex.decode(target.pubkey),
            let key = try? PublicKey(compressed: bytes)
        else {
            return reply.fail(
                .invalidArgument, "`\(target.pubkey)` is no public key of 33 bytes in hexadecimal")
        }
        guard let endpoint = PeerEndpoint(target.host) else {
            return reply.fail(.invalidArgument, "`\(target.host)` is no host with a port")
        }
        let address = PeerAddress(key: key, endpoint: endpoint)
        let timeout = request.timeout > 0 ? min(request.timeout, 3_600) * 1_000 : nil
        host.peers.connect(address, permanent: request.perm, timeout: timeout) { result in
            switch result {
            case .success: reply(StatusResponse("connection to \(address.text) initiated"))
            case .failure(.tooSlow):
                reply.fail(.deadlineExceeded, "dial tcp \(endpoint): i/o timeout")
            case .failure(let error): reply.fail(APIError(error))
            }
        }
    }

    func disconnectPeer(_ request: DisconnectPeerRequest, _ reply: Reply<StatusResponse>) {
        work(reply) { [host] in
            guard let bytes = try? Hex.decode(request.pubKey),
                let key = try? PublicKey(compressed: bytes)
            else {
                throw APIError(
                    .invalidArgument,
                    "unable to parse pubkey: `\(request.pubKey)` is no key of 33 bytes")
            }
            guard host.peers.disconnect(key) else {
                throw APIError(
                    .notFound, "unable to disconnect peer: peer \(key) is not connected")
            }
            return StatusResponse("disconnect initiated")
        }
    }

    func subscribePeers(_ subscriber: Subscriber<PeerEvent>) {
        let subscription = host.subscribeToNews { news in
            guard case .peer(let key, let isOnline) = news else { return }
            var event = PeerEvent()
            event.pubKey = key.description
            event.type = isOnline ? .online : .offline
            subscriber.send(event)
        }
        subscriber.begin()
        subscriber.onEnd { withExtendedLifetime(subscription) {} }
    }

    /// lnd: types below are the protocol's.
    private static let firstCustomType: UInt32 = 32_768
    /// BOLT 1: a message has at most 65535 bytes, of which two are its type.
    private static let longestPayload = 65_533

    func sendCustomMessage(_ request: CustomPeerMessage, _ reply: Reply<StatusResponse>) {
        work(reply) { [host] in
            guard let key = try? PublicKey(compressed: request.peer) else {
                throw APIError(.invalidArgument, "the peer's public key has 33 bytes")
            }
            guard request.type >= Self.firstCustomType, let type = UInt16(exactly: request.type)
            else {
                throw APIError(
                    .invalidArgument,
                    "a custom message has a type from \(Self.firstCustomType) to 65535, not"
                        + " \(request.type)")
            }
            guard request.data.count <= Self.longestPayload else {
                throw APIError(
                    .invalidArgument,
                    "a message carries at most \(Self.longestPayload) bytes, not"
                        + " \(request.data.count)")
            }
            let message = CustomMessage(peer: key, type: type, payload: request.data)
            guard host.peers.send(message) else {
                throw APIError(.notFound, "peer \(key) is not connected")
            }
            return StatusResponse("message sent successfully")
        }
    }

    func subscribeCustomMessages(_ subscriber: Subscriber<CustomPeerMessage>) {
        let subscription = host.peers.subscribeToCustomMessages { received in
            var message = CustomPeerMessage()
            message.peer = received.peer.compressed
            message.type = UInt32(received.type)
            message.data = received.payload
            subscriber.send(message)
        }
        subscriber.begin()
        subscriber.onEnd { withExtendedLifetime(subscription) {} }
    }
}

/// What was paid over the channels with a peer.
private struct Paid {
    var toPeer = MilliSatoshi.zero
    var byPeer = MilliSatoshi.zero

    mutating func add(_ toPeer: MilliSatoshi, _ byPeer: MilliSatoshi) {
        self.toPeer += toPeer
        self.byPeer += byPeer
    }
}

extension PeerMessage {
    fileprivate init(_ report: PeerReport, _ paid: Paid) {
        self.init()
        pubKey = report.key.description
        address = "\(report.endpoint)"
        bytesSent = report.bytesSent
        bytesRecv = report.bytesReceived
        satSent = paid.toPeer.roundedDown.value
        satRecv = paid.byPeer.roundedDown.value
        inbound = report.isInbound
        pingTime = Int64(clamping: report.pingTime ?? 0)
        features = [String: FeatureMessage](report.features)
        flapCount = Int32(clamping: report.flapCount)
        lastFlapNs = report.flapCount == 0 ? 0 : Int64(clamping: report.since) * 1_000_000_000
    }
}

extension APIError {
    fileprivate init(_ error: PeerConnectError) {
        let code: APICode =
            switch error {
            case .isSelf, .noAddress: .invalidArgument
            case .alreadyConnected: .alreadyExists
            case .timedOut, .tooSlow: .deadlineExceeded
            case .needsTor: .failedPrecondition
            case .notRunning, .unknownHost, .refused, .unreachable, .handshakeRefused,
                .handshakeFailed, .ended:
                .unavailable
            }
        self.init(code, "\(error)")
    }
}

import Bitcoin
import LightningWire

/// A peer that is connected.
public struct PeerReport: Sendable {
    /// The key that it has proven to hold.
    public let key: PublicKey
    /// The other end of the connection; of an inbound one its port is of no use.
    public let endpoint: PeerEndpoint
    /// Whether the peer made the connection.
    public let isInbound: Bool
    /// What the peer's `init` offers and demands.
    public let features: Features
    /// When the connection was made, in seconds since 1970.
    public let since: UInt64
    /// What went over the connection, with all that encryption adds.
    public let bytesSent: UInt64
    public let bytesReceived: UInt64
    public let messagesSent: UInt64
    public let messagesReceived: UInt64
    /// How long the last `pong` took, in microseconds; nil before the first.
    public let pingTime: UInt64?
    /// How often a connection to the peer has ended since the node's start.
    public let flapCount: Int
    /// Whether the connection is made again, for channels or because the user wants it.
    public let isKept: Bool
}

/// Why there is no connection to a peer.
public enum PeerConnectError: Error, Hashable, Sendable {
    /// The node's wallet is locked, or the node is stopping.
    case notRunning
    /// The key is the node's own.
    case isSelf
    case alreadyConnected(PeerEndpoint)
    /// The name has no address; `reason` is the resolver's.
    case unknownHost(String, reason: String)
    /// Nobody listens there.
    case refused(PeerEndpoint)
    case timedOut(PeerEndpoint)
    /// Whoever asked for the connection did not want to wait any longer for it.
    case tooSlow
    /// The system or the proxy cannot connect; `reason` is its word for why.
    case unreachable(PeerEndpoint, reason: String)
    /// The other side ended the connection during the handshake: it has another key, or no room.
    case handshakeRefused(PeerEndpoint)
    /// What the other side sent is not the handshake of the key's holder.
    case handshakeFailed(PeerEndpoint, reason: String)
    /// The connection ended before both sides had greeted; `reason` is the peer's, where it told one.
    case ended(PeerEndpoint, reason: String?)
    /// The address needs Tor, which is not configured.
    case needsTor(PeerEndpoint)
    /// No address of the peer is known.
    case noAddress
}

extension PeerConnectError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notRunning: "the node is not running yet: unlock the wallet first"
        case .isSelf: "cannot make connection to self"
        case .alreadyConnected(let endpoint): "already connected to peer at \(endpoint)"
        case .unknownHost(let host, let reason): "the name \(host) has no address: \(reason)"
        case .refused(let endpoint): "dial tcp \(endpoint): connection refused"
        case .timedOut(let endpoint): "dial tcp \(endpoint): no answer within the time limit"
        case .tooSlow: "no connection within the time limit"
        case .unreachable(let endpoint, let reason): "dial tcp \(endpoint): \(reason)"
        case .handshakeRefused(let endpoint):
            "\(endpoint) ended the connection during the handshake: it is not the node with that key,"
                + " or takes no more peers"
        case .handshakeFailed(let endpoint, let reason):
            "\(endpoint) does not prove to be the node with that key: \(reason)"
        case .ended(let endpoint, let reason):
            "\(endpoint) ended the connection before it was usable"
                + (reason.map { ": \($0)" } ?? "")
        case .needsTor(let endpoint): "\(endpoint) is reached through Tor: start with --tor.active"
        case .noAddress: "no address of the peer is known"
        }
    }
}

/// Why the node does not listen.
public struct PeerListenError: Error, Hashable, Sendable, CustomStringConvertible {
    public let endpoint: PeerEndpoint
    /// The system's word for why.
    public let reason: String

    public var description: String { "cannot listen for peers on \(endpoint): \(reason)" }
}

/// How the node reaches peers and is reached by them. Times are in milliseconds.
public struct PeerSettings: Sendable {
    /// Where it listens; empty for nowhere. A port of 0 lets the system choose.
    public var listen: [PeerEndpoint] = []
    /// What peers may use.
    public var limits = PeerConnectionLimits()
    /// How long a TCP connection may take to be there.
    public var connectTimeout: UInt64 = 10_000
    /// The pause before a peer that is to be kept is tried again: the first, and the longest.
    public var backoff: ClosedRange<UInt64> = 1_000...3_600_000
    /// A connection that held for so long ends the series of pauses.
    public var stableAfter: UInt64 = 60_000

    /// Where others are told that the node is.
    public var announced: [PeerEndpoint] = []
    /// Whether others are told where it listens if nothing else is announced: for networks on one machine.
    public var announcesListening = false
    /// Peers to stay connected with as long as the node runs.
    public var permanent: [PeerAddress] = []
    /// How Tor is used; nil where it is not.
    public var tor: TorSettings?
    /// The address from which Tor hands connections on; nil where nobody reaches the node through Tor.
    public var torHost: String?

    /// The DNS seeds that are asked for peers while there are none.
    public var seeds: [String] = []
    /// Asks a name server for the services of a name and answers what it says; nil where it says nothing. It may block.
    public var askSeed: @Sendable (String) -> [UInt8]? = SeedResolver.ask

    /// A node that listens nowhere.
    public init() {}
}

/// What connections may take, so that no peer can grow the node's memory or starve another. Times are in milliseconds.
public struct PeerConnectionLimits: Sendable {
    /// Bytes of one peer that wait for the node's thread; its socket is not read while there are more.
    public var waitingBytes = 1 << 20
    /// Messages of one peer that wait for the node's thread.
    public var waitingMessages = 1_000
    /// Operations on the curve that one peer's messages ask of the node's thread at once: about 60 ms.
    public var waitingOperations = 2_000
    /// The same of a peer without channels.
    public var strangersWaitingBytes = 128 << 10
    public var strangersWaitingMessages = 64
    public var strangersWaitingOperations = 100
    /// Bytes of one peer's gossip that wait to be looked at.
    public var waitingGossip = 512 << 10
    /// Messages of one peer's gossip that wait to be looked at.
    public var waitingGossipMessages = 10_000
    /// Bytes of all peers, of those that have gone too, that wait to be processed; nobody is read while there are more. Of peers
    /// without channels three quarters of that.
    public var waitingInAll = 64 << 20
    /// Bytes that wait for one peer to read them, gossip included; with more the connection ends.
    public var unsentBytes = 16 << 20
    /// The same of a peer without channels.
    public var strangersUnsentBytes = 4 << 20
    /// How long a peer may leave what is sent to it unread.
    public var stallTimeout: UInt64 = 60_000
    /// How long the handshake may take (BOLT 8).
    public var handshakeTimeout: UInt64 = 15_000
    /// How long a connection that ends may take to deliver its last messages.
    public var goodbyeTimeout: UInt64 = 3_000
    /// Connections of peers that have not proven who they are.
    public var unproven = 64
    /// The same from one address of IPv4, or one network of 64 bits of IPv6.
    public var unprovenPerNetwork = 8
    /// Connections that are accepted in a second, and at once after a quiet time.
    public var acceptedPerSecond = 100
    public var acceptedAtOnce = 200
    /// Inbound peers without channels that are not kept on purpose.
    public var strangers = 100

    /// The usual limits.
    public init() {}
}

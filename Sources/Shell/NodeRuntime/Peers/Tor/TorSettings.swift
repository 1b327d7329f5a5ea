/// How the node uses Tor to reach peers.
public struct TorSettings: Sendable {
    /// Where Tor's SOCKS5 proxy is.
    public var socks = PeerEndpoint(host: "127.0.0.1", port: 9050)
    /// Whether every peer gets a circuit of its own, so that their ends cannot tell that one node is behind them.
    public var isolatesStreams = false
    /// Whether only Tor services are reached through Tor, and everything else directly.
    public var skipsClearnet = false
    /// How long the proxy may take to reach a peer, in milliseconds.
    public var timeout: UInt64 = 60_000

    /// The usual settings.
    public init() {}

    func isUsed(for endpoint: PeerEndpoint) -> Bool { endpoint.isOnion || !skipsClearnet }
}

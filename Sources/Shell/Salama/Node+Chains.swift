/// The chains that an embedded node can follow.
extension ChainBackend where Self == BitcoindBackend {
    /// A bitcoind at that port of this machine, with the name and password in its cookie file.
    public static func bitcoind(
        _ network: Network, port: UInt16, cookie path: String
    ) throws -> BitcoindBackend {
        try BitcoindBackend(
            BitcoindConfiguration(
                network: network, host: "127.0.0.1", port: port,
                authentication: .cookie(path: path)))
    }
}

extension ChainBackend where Self == EmbeddedChain {
    /// A regression test network inside this program, for tests and to try things out: mine with ``EmbeddedChain/mine(_:to:)``.
    public static func regtest() -> EmbeddedChain { EmbeddedChain() }
}

import Bitcoin

/// Where a bitcoind is and how it is spoken to.
public struct BitcoindConfiguration: Sendable {
    /// The network that it has to be on.
    public var network: Network
    /// The host's name or address.
    public var host: String
    /// The port of its JSON-RPC server.
    public var port: UInt16
    /// How it knows us.
    public var authentication: BitcoindAuthentication
    /// Where it publishes blocks (`zmqpubrawblock`), such as `tcp://127.0.0.1:28332`; nil to poll instead.
    public var rawBlockEndpoint: String?
    /// Where it publishes hashes of blocks (`zmqpubhashblock`), which do as well and cost less.
    public var hashBlockEndpoint: String?
    /// Where it publishes transactions (`zmqpubrawtx`); nil to poll its mempool instead.
    public var rawTransactionEndpoint: String?

    /// How many calls may be under way at the same time; bitcoind serves 16 by default.
    public var connections = 8
    /// How long a call may take from start to end.
    public var callTimeout: Duration = .seconds(30)
    /// How often the tip is asked for, whether or not ZMQ is configured: bitcoind announces neither blocks
    /// disconnected without a replacement nor any during its initial download, and ZMQ may break in silence.
    public var pollInterval: Duration = .seconds(1)

    /// A bitcoind with the defaults above and no ZMQ.
    public init(
        network: Network, host: String = "127.0.0.1", port: UInt16,
        authentication: BitcoindAuthentication
    ) {
        self.network = network
        self.host = host
        self.port = port
        self.authentication = authentication
    }
}

/// How bitcoind knows who calls.
public enum BitcoindAuthentication: Sendable {
    /// By the file that it writes anew at each start, `.cookie` in its data directory for the network.
    case cookie(path: String)
    /// By `rpcuser` and `rpcpassword`, or by a line `rpcauth` for them.
    case password(user: String, password: String)
}

extension BitcoindAuthentication: CustomStringConvertible {
    /// The means without the secret.
    public var description: String {
        switch self {
        case .cookie(let path): "cookie \(path)"
        case .password(let user, _): "user \(user)"
        }
    }
}

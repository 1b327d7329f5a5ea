import Bitcoin

/// What `salama chain` was asked for.
public struct ChainServerConfiguration: Sendable {
    /// The directory, in which all files stand below `regtest`.
    public var directory: String
    /// The address of the JSON-RPC server.
    public var rpcHost = "127.0.0.1"
    /// Its port; 0 lets the kernel choose.
    public var rpcPort: UInt16 = 18443
    /// A user and password besides the cookie; both or neither.
    public var rpcUser: String?
    /// The password of that user.
    public var rpcPassword: String?
    /// The ZeroMQ topics and where they are published.
    public var publications: [ZMQPublication] = []
    /// The seconds between blocks that are mined without being asked for; nil for none.
    public var blockInterval: UInt32?
    /// The rules for unconfirmed transactions.
    public var policy = RelayPolicy()
    /// Whether blocks and mempool are kept in the directory.
    public var isPersistent = true
    /// Makes everything that the chain chooses repeatable; nil for a new chain each time.
    public var seed: UInt64?

    /// The defaults, in a directory.
    public init(directory: String) { self.directory = directory }
}

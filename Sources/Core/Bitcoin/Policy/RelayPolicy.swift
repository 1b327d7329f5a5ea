/// What a node relays and keeps unconfirmed beyond what consensus asks, with Bitcoin Core 29's defaults.
public struct RelayPolicy: Sendable, Equatable {
    /// The least rate for any transaction (`-minrelaytxfee`).
    public var minimumRelayFeerate = FeeratePerKvB(100)
    /// By how much a replacement has to outbid per size (`-incrementalrelayfee`).
    public var incrementalFeerate = FeeratePerKvB(100)
    /// The rate at which an output that costs more to spend than it holds is dust (`-dustrelayfee`).
    public var dustFeerate = FeeratePerKvB(3000)
    /// The least rate that the miner takes (`-blockmintxfee`).
    public var minimumBlockFeerate = FeeratePerKvB(1)
    /// The longest output script that carries data (`-datacarriersize`).
    public var dataCarrierLimit = 83
    /// Whether multisig outputs without a hash are relayed (`-permitbaremultisig`).
    public var permitsBareMultisig = true
    /// The virtual bytes that each signature operation counts for at least (`-bytespersigop`).
    public var bytesPerSigOp = 20
    /// How many and how large the unconfirmed ancestors of a transaction may be, itself included.
    public var ancestorLimit = ChainLimit(count: 25, virtualSize: 101_000)
    /// How many and how large the unconfirmed descendants of a transaction may be, itself included.
    public var descendantLimit = ChainLimit(count: 25, virtualSize: 101_000)
    /// The most memory that the mempool may take, in bytes (`-maxmempool`).
    public var maximumMempoolUsage = 300_000_000
    /// The seconds after which an unconfirmed transaction is dropped (`-mempoolexpiry`).
    public var mempoolExpiry: UInt32 = 336 * 3600

    /// Bitcoin Core's defaults.
    public init() {}

    /// A bound of a chain of unconfirmed transactions.
    public struct ChainLimit: Sendable, Equatable {
        /// The number of transactions.
        public var count: Int
        /// Their sizes added up, in virtual bytes.
        public var virtualSize: UInt64

        /// A bound of both.
        public init(count: Int, virtualSize: UInt64) {
            self.count = count
            self.virtualSize = virtualSize
        }
    }
}

extension RelayPolicy {
    /// The highest version of transaction that is relayed; 1 is the lowest.
    static let maximumVersion: Int32 = 3
    /// Smaller transactions, without their witnesses, can be confused with the inner nodes of a merkle tree.
    static let minimumBaseSize = 65
    /// The longest script of an input: what 15 compressed keys in P2SH need.
    static let maximumScriptSigSize = 1650
    /// What the signature operations of one transaction may cost (BIP 141).
    static let maximumSigOpsCost = 16_000
    /// The signature operations in a P2SH script.
    static let maximumScriptHashSigOps = 15
    /// A transaction that fits in this size may extend a chain of descendants that is full by one (CPFP carve-out).
    public static let carveOutVirtualSize: UInt64 = 10_000
    /// The most transactions that a replacement may evict.
    public static let maximumReplaced = 100

    /// The size in virtual bytes that fees are judged by: signature operations count as bytes where they are dense.
    public func virtualSize(weight: Weight, sigOpsCost: Int) -> UInt64 {
        max(weight, Weight(UInt64(sigOpsCost * bytesPerSigOp))).virtualSize
    }
}

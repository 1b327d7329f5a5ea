/// A chain that the node follows.
public struct ChainMessage: APIMessage {
    /// The chain: `bitcoin`.
    public var chain: String = ""
    /// The network: `mainnet`, `testnet`, `testnet4`, `signet` or `regtest`.
    public var network: String = ""

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("chain", &chain)
        try fields.field("network", &network)
    }
}

/// A feature bit that the node sets.
public struct FeatureMessage: APIMessage {
    /// Its name.
    public var name: String = ""
    /// Whether peers must know it.
    public var isRequired: Bool = false
    /// Whether this node knows it.
    public var isKnown: Bool = false

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("name", &name)
        try fields.field("is_required", &isRequired)
        try fields.field("is_known", &isKnown)
    }
}

/// What the node is and how far it has come.
public struct GetInfoResponse: APIMessage {
    /// The version, of the form `0.1.0-beta ...`.
    public var version: String = ""
    /// The commit that it was built from.
    public var commitHash: String = ""
    /// The node's public key in hexadecimal.
    public var identityPubkey: String = ""
    /// The node's name.
    public var alias: String = ""
    /// The node's colour, as in `#3399ff`.
    public var color: String = ""
    /// Channels that are being opened.
    public var numPendingChannels: UInt32 = 0
    /// Channels whose peer is there.
    public var numActiveChannels: UInt32 = 0
    /// Channels whose peer is away.
    public var numInactiveChannels: UInt32 = 0
    /// Connected peers.
    public var numPeers: UInt32 = 0
    /// The height of the best block.
    public var blockHeight: UInt32 = 0
    /// The hash of the best block.
    public var blockHash: String = ""
    /// The time of the best block, in seconds since 1970.
    public var bestHeaderTimestamp: Int64 = 0
    /// Whether the wallet has followed the chain to its tip.
    public var syncedToChain: Bool = false
    /// Whether the channel graph is up to date.
    public var syncedToGraph: Bool = false
    /// Whether this is a test network.
    public var testnet: Bool = false
    /// The chains that the node follows.
    public var chains: [ChainMessage] = []
    /// Where peers reach the node: `pubkey@host:port`.
    public var uris: [String] = []
    /// The feature bits that the node sets, by number.
    public var features: [String: FeatureMessage] = [:]
    /// Whether forwarding waits for an interceptor.
    public var requireHtlcInterceptor: Bool = false
    /// Whether final outcomes of HTLCs are kept.
    public var storeFinalHtlcResolutions: Bool = false
    /// Whether the wallet has followed the chain to its tip.
    public var walletSynced: Bool = false
    /// Why nothing new is known of the chain; empty while the chain backend answers. lnd has no such field.
    public var chainBackendError: String = ""

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("version", &version)
        try fields.field("commit_hash", &commitHash)
        try fields.field("identity_pubkey", &identityPubkey)
        try fields.field("alias", &alias)
        try fields.field("color", &color)
        try fields.field("num_pending_channels", &numPendingChannels)
        try fields.field("num_active_channels", &numActiveChannels)
        try fields.field("num_inactive_channels", &numInactiveChannels)
        try fields.field("num_peers", &numPeers)
        try fields.field("block_height", &blockHeight)
        try fields.field("block_hash", &blockHash)
        try fields.field("best_header_timestamp", &bestHeaderTimestamp)
        try fields.field("synced_to_chain", &syncedToChain)
        try fields.field("synced_to_graph", &syncedToGraph)
        try fields.field("testnet", &testnet)
        try fields.field("chains", &chains)
        try fields.field("uris", &uris)
        try fields.field("features", &features)
        try fields.field("require_htlc_interceptor", &requireHtlcInterceptor)
        try fields.field("store_final_htlc_resolutions", &storeFinalHtlcResolutions)
        try fields.field("wallet_synced", &walletSynced)
        try fields.field("chain_backend_error", &chainBackendError)
    }
}

/// The daemon is about to stop.
public struct StopResponse: APIMessage {
    /// What is being done.
    public var status: String = ""

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("status", &status)
    }
}

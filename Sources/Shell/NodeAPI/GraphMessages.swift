/// Where a node of the network is reached.
public struct NodeAddressMessage: APIMessage {
    /// The transport: `tcp`.
    public var network: String = ""
    /// Its host and port.
    public var addr: String = ""

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("network", &network)
        try fields.field("addr", &addr)
    }
}

/// A node of the network.
public struct LightningNodeMessage: APIMessage {
    /// When it last told of itself, in seconds since 1970; 0 where it has not.
    public var lastUpdate: UInt32 = 0
    /// Its key, in hexadecimal.
    public var pubKey: String = ""
    /// Its name.
    public var alias: String = ""
    /// Where it is reached.
    public var addresses: [NodeAddressMessage] = []
    /// Its colour, as in `#3399ff`.
    public var color: String = ""
    /// The feature bits that it sets, by number.
    public var features: [String: FeatureMessage] = [:]
    /// What else it tells of itself, by type.
    public var customRecords: [UInt64: [UInt8]] = [:]

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("last_update", &lastUpdate)
        try fields.field("pub_key", &pubKey)
        try fields.field("alias", &alias)
        try fields.field("addresses", &addresses)
        try fields.field("color", &color)
        try fields.field("features", &features)
        try fields.field("custom_records", &customRecords)
    }
}

/// On what terms a node forwards over a channel.
public struct RoutingPolicyMessage: APIMessage {
    /// How many blocks it wants between the expiries of what comes in and goes out.
    public var timeLockDelta: UInt32 = 0
    /// The least in one HTLC, in millisatoshis.
    public var minHtlc: Int64 = 0
    /// The fixed part of the fee, in millisatoshis.
    public var feeBaseMsat: Int64 = 0
    /// The part of the amount that is taken as fee, in millionths.
    public var feeRateMilliMsat: Int64 = 0
    /// Whether it does not forward over the channel at present.
    public var disabled: Bool = false
    /// The most in one HTLC, in millisatoshis.
    public var maxHtlcMsat: UInt64 = 0
    /// When it said so, in seconds since 1970.
    public var lastUpdate: UInt32 = 0
    /// What else it says of it, by type.
    public var customRecords: [UInt64: [UInt8]] = [:]
    /// The fixed part for what comes in, in millisatoshis.
    public var inboundFeeBaseMsat: Int32 = 0
    /// The part of the amount for what comes in, in millionths.
    public var inboundFeeRateMilliMsat: Int32 = 0

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("time_lock_delta", &timeLockDelta)
        try fields.field("min_htlc", &minHtlc)
        try fields.field("fee_base_msat", &feeBaseMsat)
        try fields.field("fee_rate_milli_msat", &feeRateMilliMsat)
        try fields.field("disabled", &disabled)
        try fields.field("max_htlc_msat", &maxHtlcMsat)
        try fields.field("last_update", &lastUpdate)
        try fields.field("custom_records", &customRecords)
        try fields.field("inbound_fee_base_msat", &inboundFeeBaseMsat)
        try fields.field("inbound_fee_rate_milli_msat", &inboundFeeRateMilliMsat)
    }
}

/// The signatures by which both nodes tell of a channel.
public struct ChannelAuthProofMessage: APIMessage {
    /// Of the first node's key.
    public var nodeSig1: [UInt8] = []
    /// Of the first node's key in the funding output.
    public var bitcoinSig1: [UInt8] = []
    /// Of the second node's key.
    public var nodeSig2: [UInt8] = []
    /// Of the second node's key in the funding output.
    public var bitcoinSig2: [UInt8] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("node_sig1", &nodeSig1)
        try fields.field("bitcoin_sig1", &bitcoinSig1)
        try fields.field("node_sig2", &nodeSig2)
        try fields.field("bitcoin_sig2", &bitcoinSig2)
    }
}

/// A channel of the network.
public struct ChannelEdgeMessage: APIMessage {
    /// Its short identifier.
    public var channelId: UInt64 = 0
    /// The funding output: transaction, colon, position; empty where it is not known.
    public var chanPoint: String = ""
    /// When either side last told of it, in seconds since 1970.
    public var lastUpdate: UInt32 = 0
    /// The node with the lesser key, in hexadecimal.
    public var node1Pub: String = ""
    /// The node with the greater key, in hexadecimal.
    public var node2Pub: String = ""
    /// What it holds, in satoshis.
    public var capacity: Int64 = 0
    /// On what terms the first node forwards over it; `null` where it has not said.
    public var node1Policy: RoutingPolicyMessage?
    /// On what terms the second node forwards over it; `null` where it has not said.
    public var node2Policy: RoutingPolicyMessage?
    /// What else is told of it, by type.
    public var customRecords: [UInt64: [UInt8]] = [:]
    /// The signatures, where they were asked for.
    public var authProof: ChannelAuthProofMessage?

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("channel_id", &channelId)
        try fields.field("chan_point", &chanPoint)
        try fields.field("last_update", &lastUpdate)
        try fields.field("node1_pub", &node1Pub)
        try fields.field("node2_pub", &node2Pub)
        try fields.field("capacity", &capacity)
        try fields.field("node1_policy", &node1Policy)
        try fields.field("node2_policy", &node2Policy)
        try fields.field("custom_records", &customRecords)
        try fields.field("auth_proof", &authProof)
    }
}

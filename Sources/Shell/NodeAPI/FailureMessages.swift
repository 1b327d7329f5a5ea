/// The policy of a channel that came with a failure.
public struct ChannelUpdateMessage: APIMessage {
    /// The signature of the node.
    public var signature: [UInt8] = []
    /// The chain.
    public var chainHash: [UInt8] = []
    /// The channel's short identifier.
    public var chanId: UInt64 = 0
    /// When it was made, in seconds since 1970.
    public var timestamp: UInt32 = 0
    /// Which optional fields it has.
    public var messageFlags: UInt32 = 0
    /// The direction, and whether the channel is disabled.
    public var channelFlags: UInt32 = 0
    /// How many blocks the node wants between the expiries.
    public var timeLockDelta: UInt32 = 0
    /// The least that is forwarded, in millisatoshis.
    public var htlcMinimumMsat: UInt64 = 0
    /// The fixed part of the fee in millisatoshis.
    public var baseFee: UInt32 = 0
    /// The proportional part of the fee, in millionths.
    public var feeRate: UInt32 = 0
    /// The most that is forwarded at once, in millisatoshis.
    public var htlcMaximumMsat: UInt64 = 0
    /// What else it carries.
    public var extraOpaqueData: [UInt8] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("signature", &signature)
        try fields.field("chain_hash", &chainHash)
        try fields.field("chan_id", &chanId)
        try fields.field("timestamp", &timestamp)
        try fields.field("message_flags", &messageFlags)
        try fields.field("channel_flags", &channelFlags)
        try fields.field("time_lock_delta", &timeLockDelta)
        try fields.field("htlc_minimum_msat", &htlcMinimumMsat)
        try fields.field("base_fee", &baseFee)
        try fields.field("fee_rate", &feeRate)
        try fields.field("htlc_maximum_msat", &htlcMaximumMsat)
        try fields.field("extra_opaque_data", &extraOpaqueData)
    }
}

/// Why a part of a payment failed.
public struct FailureMessage: APIMessage {
    /// The kind of failure.
    public var code: FailureCode = .reserved
    /// The policy that was not kept to.
    public var channelUpdate: ChannelUpdateMessage?
    /// The amount that was refused, in millisatoshis.
    public var htlcMsat: UInt64 = 0
    /// The hash of the onion that was refused.
    public var onionSha256: [UInt8] = []
    /// The expiry that was refused.
    public var cltvExpiry: UInt32 = 0
    /// The flags of the failure.
    public var flags: UInt32 = 0
    /// The place in the route of the node that failed it, 0 for this node.
    public var failureSourceIndex: UInt32 = 0
    /// The height at the payee.
    public var height: UInt32 = 0

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("code", &code)
        try fields.field("channel_update", &channelUpdate)
        try fields.field("htlc_msat", &htlcMsat)
        try fields.field("onion_sha_256", &onionSha256)
        try fields.field("cltv_expiry", &cltvExpiry)
        try fields.field("flags", &flags)
        try fields.field("failure_source_index", &failureSourceIndex)
        try fields.field("height", &height)
    }
}

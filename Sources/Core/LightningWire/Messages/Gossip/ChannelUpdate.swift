import Bitcoin

/// Tells on what terms a node forwards in one direction of a channel (BOLT 7).
public struct ChannelUpdate: LightningMessage {
    public static var type: UInt16 { 258 }
    public static var name: StaticString { "channel_update" }

    public var signature: WireSignature = WireSignature.blank
    public var chainHash: BlockHash = BlockHash.blank
    public var shortChannelID: ShortChannelID = ShortChannelID.blank
    /// Seconds since 1970; a later one replaces an earlier one.
    public var timestamp: UInt32 = 0
    /// Bit 0 is always set; bit 1 says not to pass the message on.
    public var messageFlags: UInt8 = 0
    /// Bit 0 is the direction, bit 1 says that the channel is disabled.
    public var channelFlags: UInt8 = 0
    public var cltvExpiryDelta: UInt16 = 0
    public var htlcMinimum: MilliSatoshi = MilliSatoshi.blank
    /// In millisatoshi.
    public var feeBase: UInt32 = 0
    public var feeProportionalMillionths: UInt32 = 0
    public var htlcMaximum: MilliSatoshi = MilliSatoshi.blank
    /// What follows the known fields, kept because signatures cover it.
    public var extensionBytes: [UInt8] = []

    public init() {}

    /// A message of these fields.
    public init(
        signature: WireSignature,
        chainHash: BlockHash,
        shortChannelID: ShortChannelID,
        timestamp: UInt32,
        messageFlags: UInt8,
        channelFlags: UInt8,
        cltvExpiryDelta: UInt16,
        htlcMinimum: MilliSatoshi,
        feeBase: UInt32,
        feeProportionalMillionths: UInt32,
        htlcMaximum: MilliSatoshi,
        extensionBytes: [UInt8]
    ) {
        self.signature = signature
        self.chainHash = chainHash
        self.shortChannelID = shortChannelID
        self.timestamp = timestamp
        self.messageFlags = messageFlags
        self.channelFlags = channelFlags
        self.cltvExpiryDelta = cltvExpiryDelta
        self.htlcMinimum = htlcMinimum
        self.feeBase = feeBase
        self.feeProportionalMillionths = feeProportionalMillionths
        self.htlcMaximum = htlcMaximum
        self.extensionBytes = extensionBytes
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("signature", &signature)
        try coder.field("chain_hash", &chainHash)
        try coder.field("short_channel_id", &shortChannelID)
        try coder.field("timestamp", &timestamp)
        try coder.field("message_flags", &messageFlags)
        try coder.field("channel_flags", &channelFlags)
        try coder.field("cltv_expiry_delta", &cltvExpiryDelta)
        try coder.field("htlc_minimum_msat", &htlcMinimum)
        try coder.field("fee_base_msat", &feeBase)
        try coder.field("fee_proportional_millionths", &feeProportionalMillionths)
        try coder.field("htlc_maximum_msat", &htlcMaximum)
        try coder.remainingBytes("extension", &extensionBytes)
    }
}

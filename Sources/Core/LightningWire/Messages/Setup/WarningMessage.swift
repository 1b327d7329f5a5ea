import Bitcoin

/// Says that something is wrong that need not fail a channel (BOLT 1).
public struct WarningMessage: LightningMessage {
    public static var type: UInt16 { 1 }
    public static var name: StaticString { "warning" }

    /// All zero for all channels with the peer.
    public var channelID: ChannelID = ChannelID.blank
    /// A text for people, or bytes of any other kind: not to be printed unescaped.
    public var data: [UInt8] = []
    public var tlvs: EmptyTLVs = EmptyTLVs()

    public init() {}

    /// A message of these fields.
    public init(
        channelID: ChannelID,
        data: [UInt8],
        tlvs: EmptyTLVs = EmptyTLVs()
    ) {
        self.channelID = channelID
        self.data = data
        self.tlvs = tlvs
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("channel_id", &channelID)
        try coder.bytes("data", length: "len", &data)
        try coder.stream(&tlvs)
    }
}

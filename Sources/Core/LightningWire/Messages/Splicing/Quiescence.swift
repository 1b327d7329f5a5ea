import Bitcoin

/// Says that the sender makes no more updates until the channel has changed (BOLT 2).
public struct SomethingFundamentalIsUnderway: LightningMessage {
    public static var type: UInt16 { 2 }
    public static var name: StaticString { "stfu" }

    public var channelID: ChannelID = ChannelID.blank
    /// 1 where the sender asked for it, 0 where it answers.
    public var initiator: UInt8 = 0
    public var tlvs: EmptyTLVs = EmptyTLVs()

    public init() {}

    /// A message of these fields.
    public init(
        channelID: ChannelID,
        initiator: UInt8,
        tlvs: EmptyTLVs = EmptyTLVs()
    ) {
        self.channelID = channelID
        self.initiator = initiator
        self.tlvs = tlvs
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("channel_id", &channelID)
        try coder.field("initiator", &initiator)
        try coder.stream(&tlvs)
    }
}

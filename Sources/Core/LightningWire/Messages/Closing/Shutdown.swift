import Bitcoin

/// Begins a mutual close: no new HTLCs (BOLT 2).
public struct Shutdown: LightningMessage {
    public static var type: UInt16 { 38 }
    public static var name: StaticString { "shutdown" }

    public var channelID: ChannelID = ChannelID.blank
    /// Where the sender's funds go.
    public var script: Script = Script()
    public var tlvs: EmptyTLVs = EmptyTLVs()

    public init() {}

    /// A message of these fields.
    public init(
        channelID: ChannelID,
        script: Script,
        tlvs: EmptyTLVs = EmptyTLVs()
    ) {
        self.channelID = channelID
        self.script = script
        self.tlvs = tlvs
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("channel_id", &channelID)
        try coder.bytes("scriptpubkey", length: "len", &script.bytes)
        try coder.stream(&tlvs)
    }
}

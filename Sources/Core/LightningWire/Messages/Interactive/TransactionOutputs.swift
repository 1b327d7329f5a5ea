import Bitcoin

/// Adds an output to the transaction under construction (BOLT 2).
public struct TxAddOutput: LightningMessage {
    public static var type: UInt16 { 67 }
    public static var name: StaticString { "tx_add_output" }

    public var channelID: ChannelID = ChannelID.blank
    /// Even from the initiator, odd from the other side.
    public var serialID: UInt64 = 0
    public var amount: Satoshi = Satoshi.blank
    public var script: Script = Script()
    public var tlvs: EmptyTLVs = EmptyTLVs()

    public init() {}

    /// A message of these fields.
    public init(
        channelID: ChannelID,
        serialID: UInt64,
        amount: Satoshi,
        script: Script,
        tlvs: EmptyTLVs = EmptyTLVs()
    ) {
        self.channelID = channelID
        self.serialID = serialID
        self.amount = amount
        self.script = script
        self.tlvs = tlvs
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("channel_id", &channelID)
        try coder.field("serial_id", &serialID)
        try coder.field("sats", &amount)
        try coder.bytes("script", length: "scriptlen", &script.bytes)
        try coder.stream(&tlvs)
    }
}

/// Takes an output of the sender's back (BOLT 2).
public struct TxRemoveOutput: LightningMessage {
    public static var type: UInt16 { 69 }
    public static var name: StaticString { "tx_remove_output" }

    public var channelID: ChannelID = ChannelID.blank
    public var serialID: UInt64 = 0
    public var tlvs: EmptyTLVs = EmptyTLVs()

    public init() {}

    /// A message of these fields.
    public init(
        channelID: ChannelID,
        serialID: UInt64,
        tlvs: EmptyTLVs = EmptyTLVs()
    ) {
        self.channelID = channelID
        self.serialID = serialID
        self.tlvs = tlvs
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("channel_id", &channelID)
        try coder.field("serial_id", &serialID)
        try coder.stream(&tlvs)
    }
}

/// Says that the sender adds no more; twice in a row ends the construction (BOLT 2).
public struct TxComplete: LightningMessage {
    public static var type: UInt16 { 70 }
    public static var name: StaticString { "tx_complete" }

    public var channelID: ChannelID = ChannelID.blank
    public var tlvs: EmptyTLVs = EmptyTLVs()

    public init() {}

    /// A message of these fields.
    public init(
        channelID: ChannelID,
        tlvs: EmptyTLVs = EmptyTLVs()
    ) {
        self.channelID = channelID
        self.tlvs = tlvs
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("channel_id", &channelID)
        try coder.stream(&tlvs)
    }
}

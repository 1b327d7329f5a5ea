/// One of the channels of a batch.
public struct BatchOpenChannel: APIMessage {
    /// What is wanted of it.
    public var channel = ChannelWish()
    /// The temporary identifier that the channel is to have; empty for any.
    public var pendingChanId: [UInt8] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try channel.visit(&fields)
        try fields.field("pending_chan_id", &pendingChanId)
    }
}

/// Asks for several channels that one transaction funds.
public struct BatchOpenChannelRequest: APIMessage {
    /// The channels.
    public var channels: [BatchOpenChannel] = []
    /// In how many blocks the funding transaction should be mined.
    public var targetConf: Int32 = 0
    /// Its fee rate, in satoshis for a virtual byte.
    public var satPerVbyte: Int64 = 0
    /// The confirmations that coins for it need.
    public var minConfs: Int32 = 0
    /// Whether coins that are not mined may pay for it.
    public var spendUnconfirmed: Bool = false
    /// What the user calls the transaction.
    public var label: String = ""
    /// How coins are chosen.
    public var coinSelectionStrategy: CoinSelectionStrategy = .useGlobalConfig

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("channels", &channels)
        try fields.field("target_conf", &targetConf)
        try fields.field("sat_per_vbyte", &satPerVbyte)
        try fields.field("min_confs", &minConfs)
        try fields.field("spend_unconfirmed", &spendUnconfirmed)
        try fields.field("label", &label)
        try fields.field("coin_selection_strategy", &coinSelectionStrategy)
    }
}

/// The channels that one transaction funds.
public struct BatchOpenChannelResponse: APIMessage {
    /// Their funding outputs, in the order in which they were asked for.
    public var pendingChannels: [PendingUpdate] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("pending_channels", &pendingChannels)
    }
}

/// Asks for the end of a channel.
public struct CloseChannelRequest: APIMessage {
    /// The channel.
    public var channelPoint: ChannelPoint?
    /// Whether it is closed without the peer.
    public var force: Bool = false
    /// In how many blocks the closing transaction should be mined.
    public var targetConf: Int32 = 0
    /// The older name of the fee rate.
    public var satPerByte: Int64 = 0
    /// Where this node is paid; empty for the wallet.
    public var deliveryAddress: String = ""
    /// The fee rate of the closing transaction, in satoshis for a virtual byte.
    public var satPerVbyte: UInt64 = 0
    /// The highest fee rate that this node takes part in, in satoshis for a virtual byte.
    public var maxFeePerVbyte: UInt64 = 0
    /// Whether to answer before the peer has agreed.
    public var noWait: Bool = false

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("channel_point", &channelPoint)
        try fields.field("force", &force)
        try fields.field("target_conf", &targetConf)
        try fields.field("sat_per_byte", &satPerByte)
        try fields.field("delivery_address", &deliveryAddress)
        try fields.field("sat_per_vbyte", &satPerVbyte)
        try fields.field("max_fee_per_vbyte", &maxFeePerVbyte)
        try fields.field("no_wait", &noWait)
    }
}

/// What one side gets of a close.
public struct CloseOutput: APIMessage {
    /// In satoshis.
    public var amountSat: Int64 = 0
    /// The script that is paid.
    public var pkScript: [UInt8] = []
    /// Whether it is this node's.
    public var isLocal: Bool = false
    /// Nothing: lnd's custom channels have data here.
    public var customChannelData: [UInt8] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("amount_sat", &amountSat)
        try fields.field("pk_script", &pkScript)
        try fields.field("is_local", &isLocal)
        try fields.field("custom_channel_data", &customChannelData)
    }
}

/// A closing transaction is mined.
public struct ChannelCloseUpdate: APIMessage {
    /// The transaction, in the order of bytes that is hashed.
    public var closingTxid: [UInt8] = []
    /// Whether the channel is closed.
    public var success: Bool = false
    /// What this node got; `null` where that was nothing.
    public var localCloseOutput: CloseOutput?
    /// What the peer got; `null` where that was nothing.
    public var remoteCloseOutput: CloseOutput?
    /// Nothing: lnd's custom channels have outputs here.
    public var additionalOutputs: [CloseOutput] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("closing_txid", &closingTxid)
        try fields.field("success", &success)
        try fields.field("local_close_output", &localCloseOutput)
        try fields.field("remote_close_output", &remoteCloseOutput)
        try fields.field("additional_outputs", &additionalOutputs)
    }
}

/// The close has been asked for.
public struct InstantUpdate: APIMessage {
    /// How many HTLCs it has to wait for.
    public var numPendingHtlcs: Int32 = 0

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("num_pending_htlcs", &numPendingHtlcs)
    }
}

/// How far the end of a channel has come.
public struct CloseStatusUpdate: APIMessage {
    /// There is a transaction that closes it.
    public var closePending: PendingUpdate?
    /// It is mined.
    public var chanClose: ChannelCloseUpdate?
    /// It has been asked for.
    public var closeInstant: InstantUpdate?

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.choice("close_pending", &closePending)
        try fields.choice("chan_close", &chanClose)
        try fields.choice("close_instant", &closeInstant)
    }
}

/// Asks to forget a channel that will never be funded.
public struct AbandonChannelRequest: APIMessage {
    /// The channel.
    public var channelPoint: ChannelPoint?
    /// Whether only a channel that others fund is forgotten.
    public var pendingFundingShimOnly: Bool = false
    /// Whether any channel that is not mined is forgotten: money that is there all the same is lost.
    public var iKnowWhatIAmDoing: Bool = false

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("channel_point", &channelPoint)
        try fields.field("pending_funding_shim_only", &pendingFundingShimOnly)
        try fields.field("i_know_what_i_am_doing", &iKnowWhatIAmDoing)
    }
}

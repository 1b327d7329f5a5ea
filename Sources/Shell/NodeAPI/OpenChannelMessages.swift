/// Asks for a channel.
public struct OpenChannelRequest: APIMessage {
    /// What is wanted of it.
    public var channel = ChannelWish()
    /// The peer's key in hexadecimal, where ``channel`` does not have it.
    public var nodePubkeyString: String = ""
    /// The fee rate of the funding transaction, in satoshis for a virtual byte.
    public var satPerVbyte: UInt64 = 0
    /// The older name of the fee rate.
    public var satPerByte: Int64 = 0
    /// In how many blocks the funding transaction should be mined.
    public var targetConf: Int32 = 0
    /// The confirmations that coins for it need.
    public var minConfs: Int32 = 0
    /// Whether coins that are not mined may pay for it.
    public var spendUnconfirmed: Bool = false
    /// Who funds it, where that is not the wallet.
    public var fundingShim: FundingShim?
    /// Whether all that the wallet, or the chosen coins, can give is put in.
    public var fundMax: Bool = false
    /// The coins that pay for it; none for any.
    public var outpoints: [OutPointMessage] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("sat_per_vbyte", &satPerVbyte)
        try channel.visit(&fields)
        try fields.field("node_pubkey_string", &nodePubkeyString)
        try fields.field("target_conf", &targetConf)
        try fields.field("sat_per_byte", &satPerByte)
        try fields.field("min_confs", &minConfs)
        try fields.field("spend_unconfirmed", &spendUnconfirmed)
        try fields.field("funding_shim", &fundingShim)
        try fields.field("fund_max", &fundMax)
        try fields.field("outpoints", &outpoints)
    }
}

/// A transaction that has to be mined now.
public struct PendingUpdate: APIMessage {
    /// The transaction, in the order of bytes that is hashed.
    public var txid: [UInt8] = []
    /// The output that is meant.
    public var outputIndex: UInt32 = 0
    /// Its fee rate, in satoshis for a virtual byte; 0 where it is not known.
    public var feePerVbyte: Int64 = 0
    /// Whether it is this side's closing transaction.
    public var localCloseTx: Bool = false

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("txid", &txid)
        try fields.field("output_index", &outputIndex)
        try fields.field("fee_per_vbyte", &feePerVbyte)
        try fields.field("local_close_tx", &localCloseTx)
    }
}

/// A channel is open.
public struct ChannelOpenUpdate: APIMessage {
    /// The channel.
    public var channelPoint: ChannelPoint?

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("channel_point", &channelPoint)
    }
}

/// Somebody has to make the transaction that funds a channel.
public struct ReadyForPsbtFunding: APIMessage {
    /// Where it has to pay.
    public var fundingAddress: String = ""
    /// What it has to pay there, in satoshis.
    public var fundingAmount: Int64 = 0
    /// A transaction with that output, to be completed.
    public var psbt: [UInt8] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("funding_address", &fundingAddress)
        try fields.field("funding_amount", &fundingAmount)
        try fields.field("psbt", &psbt)
    }
}

/// How far the opening of a channel has come.
public struct OpenStatusUpdate: APIMessage {
    /// The funding transaction is published.
    public var chanPending: PendingUpdate?
    /// The channel is open.
    public var chanOpen: ChannelOpenUpdate?
    /// Somebody has to make the funding transaction.
    public var psbtFund: ReadyForPsbtFunding?
    /// The temporary identifier of the channel, 32 bytes.
    public var pendingChanId: [UInt8] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.choice("chan_pending", &chanPending)
        try fields.choice("chan_open", &chanOpen)
        try fields.choice("psbt_fund", &psbtFund)
        try fields.field("pending_chan_id", &pendingChanId)
    }
}

/// Asks for a channel.
public struct OpenChannelRequest: APIMessage {
    /// The fee rate of the funding transaction, in satoshis for a virtual byte.
    public var satPerVbyte: UInt64 = 0
    /// The peer's key.
    public var nodePubkey: [UInt8] = []
    /// The same in hexadecimal.
    public var nodePubkeyString: String = ""
    /// What this node puts in, in satoshis.
    public var localFundingAmount: Int64 = 0
    /// What of it is the peer's from the start, in satoshis.
    public var pushSat: Int64 = 0
    /// In how many blocks the funding transaction should be mined.
    public var targetConf: Int32 = 0
    /// The older name of the fee rate.
    public var satPerByte: Int64 = 0
    /// Whether the network is not to be told of it.
    public var isPrivate: Bool = false
    /// The least HTLC that this node takes, in millisatoshis; 0 for the usual.
    public var minHtlcMsat: Int64 = 0
    /// How many blocks the peer waits for its money after closing by force; 0 for the usual.
    public var remoteCsvDelay: UInt32 = 0
    /// The confirmations that coins for it need.
    public var minConfs: Int32 = 0
    /// Whether coins that are not mined may pay for it.
    public var spendUnconfirmed: Bool = false
    /// Where alone a close in agreement may pay this node.
    public var closeAddress: String = ""
    /// Who funds it, where that is not the wallet.
    public var fundingShim: FundingShim?
    /// The most that the peer may have on its way to this node, in millisatoshis; 0 for the usual.
    public var remoteMaxValueInFlightMsat: UInt64 = 0
    /// The most HTLCs that the peer may have on their way; 0 for the usual.
    public var remoteMaxHtlcs: UInt32 = 0
    /// How many blocks this node waits at most for its money; 0 for the usual.
    public var maxLocalCsv: UInt32 = 0
    /// The form of the commitments.
    public var commitmentType: CommitmentType = .unknown
    /// Whether the channel is used before it is mined, if the peer trusts this node.
    public var zeroConf: Bool = false
    /// Whether payments are to name it by aliases alone.
    public var scidAlias: Bool = false
    /// The fixed part of this node's fee, in millisatoshis.
    public var baseFee: UInt64 = 0
    /// The part of the amount that this node takes as fee, in millionths.
    public var feeRate: UInt64 = 0
    /// Whether the fixed part is as given here.
    public var useBaseFee: Bool = false
    /// Whether the proportional part is as given here.
    public var useFeeRate: Bool = false
    /// What the peer has to keep of its balance, in satoshis; 0 for the usual.
    public var remoteChanReserveSat: UInt64 = 0
    /// Whether all that the wallet, or the chosen coins, can give is put in.
    public var fundMax: Bool = false
    /// A note for the user.
    public var memo: String = ""
    /// The coins that pay for it; none for any.
    public var outpoints: [OutPointMessage] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("sat_per_vbyte", &satPerVbyte)
        try fields.field("node_pubkey", &nodePubkey)
        try fields.field("node_pubkey_string", &nodePubkeyString)
        try fields.field("local_funding_amount", &localFundingAmount)
        try fields.field("push_sat", &pushSat)
        try fields.field("target_conf", &targetConf)
        try fields.field("sat_per_byte", &satPerByte)
        try fields.field("private", &isPrivate)
        try fields.field("min_htlc_msat", &minHtlcMsat)
        try fields.field("remote_csv_delay", &remoteCsvDelay)
        try fields.field("min_confs", &minConfs)
        try fields.field("spend_unconfirmed", &spendUnconfirmed)
        try fields.field("close_address", &closeAddress)
        try fields.field("funding_shim", &fundingShim)
        try fields.field("remote_max_value_in_flight_msat", &remoteMaxValueInFlightMsat)
        try fields.field("remote_max_htlcs", &remoteMaxHtlcs)
        try fields.field("max_local_csv", &maxLocalCsv)
        try fields.field("commitment_type", &commitmentType)
        try fields.field("zero_conf", &zeroConf)
        try fields.field("scid_alias", &scidAlias)
        try fields.field("base_fee", &baseFee)
        try fields.field("fee_rate", &feeRate)
        try fields.field("use_base_fee", &useBaseFee)
        try fields.field("use_fee_rate", &useFeeRate)
        try fields.field("remote_chan_reserve_sat", &remoteChanReserveSat)
        try fields.field("fund_max", &fundMax)
        try fields.field("memo", &memo)
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

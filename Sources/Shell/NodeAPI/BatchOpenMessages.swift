/// One of the channels of a batch.
public struct BatchOpenChannel: APIMessage {
    /// The peer's key.
    public var nodePubkey: [UInt8] = []
    /// What this node puts in, in satoshis.
    public var localFundingAmount: Int64 = 0
    /// What of it is the peer's from the start, in satoshis.
    public var pushSat: Int64 = 0
    /// Whether the network is not to be told of it.
    public var isPrivate: Bool = false
    /// The least HTLC that this node takes, in millisatoshis; 0 for the usual.
    public var minHtlcMsat: Int64 = 0
    /// How many blocks the peer waits for its money after closing by force; 0 for the usual.
    public var remoteCsvDelay: UInt32 = 0
    /// Where alone a close in agreement may pay this node.
    public var closeAddress: String = ""
    /// The temporary identifier that the channel is to have; empty for any.
    public var pendingChanId: [UInt8] = []
    /// The form of the commitments.
    public var commitmentType: CommitmentType = .unknown
    /// The most that the peer may have on its way to this node, in millisatoshis; 0 for the usual.
    public var remoteMaxValueInFlightMsat: UInt64 = 0
    /// The most HTLCs that the peer may have on their way; 0 for the usual.
    public var remoteMaxHtlcs: UInt32 = 0
    /// How many blocks this node waits at most for its money; 0 for the usual.
    public var maxLocalCsv: UInt32 = 0
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
    /// A note for the user.
    public var memo: String = ""

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("node_pubkey", &nodePubkey)
        try fields.field("local_funding_amount", &localFundingAmount)
        try fields.field("push_sat", &pushSat)
        try fields.field("private", &isPrivate)
        try fields.field("min_htlc_msat", &minHtlcMsat)
        try fields.field("remote_csv_delay", &remoteCsvDelay)
        try fields.field("close_address", &closeAddress)
        try fields.field("pending_chan_id", &pendingChanId)
        try fields.field("commitment_type", &commitmentType)
        try fields.field("remote_max_value_in_flight_msat", &remoteMaxValueInFlightMsat)
        try fields.field("remote_max_htlcs", &remoteMaxHtlcs)
        try fields.field("max_local_csv", &maxLocalCsv)
        try fields.field("zero_conf", &zeroConf)
        try fields.field("scid_alias", &scidAlias)
        try fields.field("base_fee", &baseFee)
        try fields.field("fee_rate", &feeRate)
        try fields.field("use_base_fee", &useBaseFee)
        try fields.field("use_fee_rate", &useFeeRate)
        try fields.field("remote_chan_reserve_sat", &remoteChanReserveSat)
        try fields.field("memo", &memo)
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

/// A channel as a request describes it, alone or in a batch.
public struct ChannelWish: Equatable, Sendable {
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

    /// Shows its fields, which are the message's own.
    mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("node_pubkey", &nodePubkey)
        try fields.field("local_funding_amount", &localFundingAmount)
        try fields.field("push_sat", &pushSat)
        try fields.field("private", &isPrivate)
        try fields.field("min_htlc_msat", &minHtlcMsat)
        try fields.field("remote_csv_delay", &remoteCsvDelay)
        try fields.field("close_address", &closeAddress)
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

/// A peer wants to open a channel.
public struct ChannelAcceptRequest: APIMessage {
    /// The peer's key.
    public var nodePubkey: [UInt8] = []
    /// The chain, by the hash of its first block.
    public var chainHash: [UInt8] = []
    /// The temporary identifier of the channel.
    public var pendingChanId: [UInt8] = []
    /// What the peer puts in, in satoshis.
    public var fundingAmt: UInt64 = 0
    /// What of it is this node's from the start, in millisatoshis.
    public var pushAmt: UInt64 = 0
    /// The dust limit of the peer's commitment, in satoshis.
    public var dustLimit: UInt64 = 0
    /// The most that may be on its way to the peer, in millisatoshis.
    public var maxValueInFlight: UInt64 = 0
    /// What this node would have to keep of its balance, in satoshis.
    public var channelReserve: UInt64 = 0
    /// The least HTLC that the peer takes, in millisatoshis.
    public var minHtlc: UInt64 = 0
    /// The fee rate of the first commitments, in satoshis for 1000 units of weight.
    public var feePerKw: UInt64 = 0
    /// How many blocks this node would wait for its money after closing by force.
    public var csvDelay: UInt32 = 0
    /// The most HTLCs that may be on their way to the peer.
    public var maxAcceptedHtlcs: UInt32 = 0
    /// The flags of the message: the lowest bit asks for an announced channel.
    public var channelFlags: UInt32 = 0
    /// The form of the commitments.
    public var commitmentType: CommitmentType = .unknown
    /// Whether it is to be used before it is mined.
    public var wantsZeroConf: Bool = false
    /// Whether payments are to name it by aliases alone.
    public var wantsScidAlias: Bool = false

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("node_pubkey", &nodePubkey)
        try fields.field("chain_hash", &chainHash)
        try fields.field("pending_chan_id", &pendingChanId)
        try fields.field("funding_amt", &fundingAmt)
        try fields.field("push_amt", &pushAmt)
        try fields.field("dust_limit", &dustLimit)
        try fields.field("max_value_in_flight", &maxValueInFlight)
        try fields.field("channel_reserve", &channelReserve)
        try fields.field("min_htlc", &minHtlc)
        try fields.field("fee_per_kw", &feePerKw)
        try fields.field("csv_delay", &csvDelay)
        try fields.field("max_accepted_htlcs", &maxAcceptedHtlcs)
        try fields.field("channel_flags", &channelFlags)
        try fields.field("commitment_type", &commitmentType)
        try fields.field("wants_zero_conf", &wantsZeroConf)
        try fields.field("wants_scid_alias", &wantsScidAlias)
    }
}

/// Whether a channel that a peer wants to open is taken.
public struct ChannelAcceptResponse: APIMessage {
    /// Whether it is.
    public var accept: Bool = false
    /// The temporary identifier of the channel.
    public var pendingChanId: [UInt8] = []
    /// What the peer is told where it is not.
    public var error: String = ""
    /// Where alone a close in agreement may pay this node.
    public var upfrontShutdown: String = ""
    /// How many blocks the peer waits for its money after closing by force; 0 for the usual.
    public var csvDelay: UInt32 = 0
    /// What the peer has to keep of its balance, in satoshis; 0 for the usual.
    public var reserveSat: UInt64 = 0
    /// The most that may be on its way to this node, in millisatoshis; 0 for the usual.
    public var inFlightMaxMsat: UInt64 = 0
    /// The most HTLCs that may be on their way to this node; 0 for the usual.
    public var maxHtlcCount: UInt32 = 0
    /// The least HTLC that this node takes, in millisatoshis; 0 for the usual.
    public var minHtlcIn: UInt64 = 0
    /// The confirmations that this node waits for; 0 for the usual.
    public var minAcceptDepth: UInt32 = 0
    /// Whether it is used before it is mined.
    public var zeroConf: Bool = false

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("accept", &accept)
        try fields.field("pending_chan_id", &pendingChanId)
        try fields.field("error", &error)
        try fields.field("upfront_shutdown", &upfrontShutdown)
        try fields.field("csv_delay", &csvDelay)
        try fields.field("reserve_sat", &reserveSat)
        try fields.field("in_flight_max_msat", &inFlightMaxMsat)
        try fields.field("max_htlc_count", &maxHtlcCount)
        try fields.field("min_htlc_in", &minHtlcIn)
        try fields.field("min_accept_depth", &minAcceptDepth)
        try fields.field("zero_conf", &zeroConf)
    }
}

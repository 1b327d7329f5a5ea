/// A channel's funding output; the transaction is named by bytes or by text.
public struct ChannelPoint: APIMessage {
    /// The transaction, in the order of bytes that is hashed.
    public var fundingTxidBytes: [UInt8]?
    /// The transaction as people write it, in hexadecimal.
    public var fundingTxidStr: String?
    /// The position among the transaction's outputs.
    public var outputIndex: UInt32 = 0

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.choice("funding_txid_bytes", &fundingTxidBytes)
        try fields.choice("funding_txid_str", &fundingTxidStr)
        try fields.field("output_index", &outputIndex)
    }
}

/// An HTLC that is on its way.
public struct HTLCMessage: APIMessage {
    /// Whether the peer has offered it.
    public var incoming: Bool = false
    /// Its amount in satoshis.
    public var amount: Int64 = 0
    /// The payment hash.
    public var hashLock: [UInt8] = []
    /// The height at which it expires.
    public var expirationHeight: UInt32 = 0
    /// Its number among those that its side has offered in the channel.
    public var htlcIndex: UInt64 = 0
    /// The channel that it came from or goes to; 0 where this node pays or is paid.
    public var forwardingChannel: UInt64 = 0
    /// Its number there.
    public var forwardingHtlcIndex: UInt64 = 0
    /// Whether it is in both sides' commitments for good.
    public var lockedIn: Bool = false

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("incoming", &incoming)
        try fields.field("amount", &amount)
        try fields.field("hash_lock", &hashLock)
        try fields.field("expiration_height", &expirationHeight)
        try fields.field("htlc_index", &htlcIndex)
        try fields.field("forwarding_channel", &forwardingChannel)
        try fields.field("forwarding_htlc_index", &forwardingHtlcIndex)
        try fields.field("locked_in", &lockedIn)
    }
}

/// What one side of a channel has to keep to.
public struct ChannelConstraints: APIMessage {
    /// How many blocks it waits for its own money after closing by force.
    public var csvDelay: UInt32 = 0
    /// What it has to keep of its balance, in satoshis.
    public var chanReserveSat: UInt64 = 0
    /// Below it, its commitment has no output, in satoshis.
    public var dustLimitSat: UInt64 = 0
    /// The most that may be on its way to it, in millisatoshis.
    public var maxPendingAmtMsat: UInt64 = 0
    /// The least HTLC that it takes, in millisatoshis.
    public var minHtlcMsat: UInt64 = 0
    /// The most HTLCs that may be on their way to it.
    public var maxAcceptedHtlcs: UInt32 = 0

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("csv_delay", &csvDelay)
        try fields.field("chan_reserve_sat", &chanReserveSat)
        try fields.field("dust_limit_sat", &dustLimitSat)
        try fields.field("max_pending_amt_msat", &maxPendingAmtMsat)
        try fields.field("min_htlc_msat", &minHtlcMsat)
        try fields.field("max_accepted_htlcs", &maxAcceptedHtlcs)
    }
}

/// An open channel.
public struct ChannelMessage: APIMessage {
    /// Whether payments can go through it: it is open and the peer is there.
    public var active: Bool = false
    /// The peer, in hexadecimal.
    public var remotePubkey: String = ""
    /// The funding output: transaction, colon, position.
    public var channelPoint: String = ""
    /// The channel's short identifier, or an alias while it has none.
    public var chanId: UInt64 = 0
    /// What the funding output holds, in satoshis.
    public var capacity: Int64 = 0
    /// What this node has, without the fee that it pays for the commitment, in satoshis.
    public var localBalance: Int64 = 0
    /// What the peer has, in satoshis.
    public var remoteBalance: Int64 = 0
    /// The fee of this side's commitment, in satoshis.
    public var commitFee: Int64 = 0
    /// The weight of this side's commitment.
    public var commitWeight: Int64 = 0
    /// The fee rate of the commitments, in satoshis for 1000 units of weight.
    public var feePerKw: Int64 = 0
    /// What is on its way in HTLCs, in satoshis.
    public var unsettledBalance: Int64 = 0
    /// What was paid through the channel to the peer, in satoshis.
    public var totalSatoshisSent: Int64 = 0
    /// What came in through the channel, in satoshis.
    public var totalSatoshisReceived: Int64 = 0
    /// How many commitments this side has had.
    public var numUpdates: UInt64 = 0
    /// The HTLCs that are on their way.
    public var pendingHtlcs: [HTLCMessage] = []
    /// As in the constraints of this side.
    public var csvDelay: UInt32 = 0
    /// Whether the network is not told of it.
    public var isPrivate: Bool = false
    /// Whether this node has opened it.
    public var initiator: Bool = false
    /// What is out of the ordinary, in lnd's words.
    public var chanStatusFlags: String = ""
    /// As in the constraints of this side.
    public var localChanReserveSat: Int64 = 0
    /// As in the constraints of the peer.
    public var remoteChanReserveSat: Int64 = 0
    /// Whether the peer's key in its balance stays the same, without anchors.
    public var staticRemoteKey: Bool = false
    /// The form of the commitments.
    public var commitmentType: CommitmentType = .unknown
    /// For how long the channel was watched, in seconds.
    public var lifetime: Int64 = 0
    /// For how long of that the peer was there, in seconds.
    public var uptime: Int64 = 0
    /// Where alone a close in agreement may pay this node; empty where that is open.
    public var closeAddress: String = ""
    /// What the opener gave the other side at the start, in satoshis.
    public var pushAmountSat: UInt64 = 0
    /// Nothing: lnd's leased channels have a height here.
    public var thawHeight: UInt32 = 0
    /// What this side has to keep to.
    public var localConstraints: ChannelConstraints?
    /// What the peer has to keep to.
    public var remoteConstraints: ChannelConstraints?
    /// The aliases by which payments may name it.
    public var aliasScids: [UInt64] = []
    /// Whether it was used before it was mined.
    public var zeroConf: Bool = false
    /// Its short identifier once it is mined, where it was used before.
    public var zeroConfConfirmedScid: UInt64 = 0
    /// The peer's name, where that was asked for.
    public var peerAlias: String = ""
    /// The alias that the peer gave it; 0 for none.
    public var peerScidAlias: UInt64 = 0
    /// What the user noted at its opening.
    public var memo: String = ""
    /// Nothing: lnd's custom channels have data here.
    public var customChannelData: [UInt8] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("active", &active)
        try fields.field("remote_pubkey", &remotePubkey)
        try fields.field("channel_point", &channelPoint)
        try fields.field("chan_id", &chanId)
        try fields.field("capacity", &capacity)
        try fields.field("local_balance", &localBalance)
        try fields.field("remote_balance", &remoteBalance)
        try fields.field("commit_fee", &commitFee)
        try fields.field("commit_weight", &commitWeight)
        try fields.field("fee_per_kw", &feePerKw)
        try fields.field("unsettled_balance", &unsettledBalance)
        try fields.field("total_satoshis_sent", &totalSatoshisSent)
        try fields.field("total_satoshis_received", &totalSatoshisReceived)
        try fields.field("num_updates", &numUpdates)
        try fields.field("pending_htlcs", &pendingHtlcs)
        try fields.field("csv_delay", &csvDelay)
        try fields.field("private", &isPrivate)
        try fields.field("initiator", &initiator)
        try fields.field("chan_status_flags", &chanStatusFlags)
        try fields.field("local_chan_reserve_sat", &localChanReserveSat)
        try fields.field("remote_chan_reserve_sat", &remoteChanReserveSat)
        try fields.field("static_remote_key", &staticRemoteKey)
        try fields.field("commitment_type", &commitmentType)
        try fields.field("lifetime", &lifetime)
        try fields.field("uptime", &uptime)
        try fields.field("close_address", &closeAddress)
        try fields.field("push_amount_sat", &pushAmountSat)
        try fields.field("thaw_height", &thawHeight)
        try fields.field("local_constraints", &localConstraints)
        try fields.field("remote_constraints", &remoteConstraints)
        try fields.field("alias_scids", &aliasScids)
        try fields.field("zero_conf", &zeroConf)
        try fields.field("zero_conf_confirmed_scid", &zeroConfConfirmedScid)
        try fields.field("peer_alias", &peerAlias)
        try fields.field("peer_scid_alias", &peerScidAlias)
        try fields.field("memo", &memo)
        try fields.field("custom_channel_data", &customChannelData)
    }
}

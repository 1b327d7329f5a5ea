/// Asks for the channels that are closed; of all kinds where none is chosen.
public struct ClosedChannelsRequest: APIMessage {
    /// Those closed in agreement.
    public var cooperative: Bool = false
    /// Those that this node has closed by force.
    public var localForce: Bool = false
    /// Those that the peer has closed by force.
    public var remoteForce: Bool = false
    /// Those that the peer has tried to close with a revoked state.
    public var breach: Bool = false
    /// Those that were never open.
    public var fundingCanceled: Bool = false
    /// Those that were given up.
    public var abandoned: Bool = false

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("cooperative", &cooperative)
        try fields.field("local_force", &localForce)
        try fields.field("remote_force", &remoteForce)
        try fields.field("breach", &breach)
        try fields.field("funding_canceled", &fundingCanceled)
        try fields.field("abandoned", &abandoned)
    }
}

/// An output of a closed channel and its end.
public struct ResolutionMessage: APIMessage {
    /// What it was.
    public var resolutionType: ResolutionType = .unknown
    /// What became of it.
    public var outcome: ResolutionOutcome = .unknown
    /// The output.
    public var outpoint: OutPointMessage?
    /// What it holds, in satoshis.
    public var amountSat: UInt64 = 0
    /// What has spent it; empty where nothing has.
    public var sweepTxid: String = ""

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("resolution_type", &resolutionType)
        try fields.field("outcome", &outcome)
        try fields.field("outpoint", &outpoint)
        try fields.field("amount_sat", &amountSat)
        try fields.field("sweep_txid", &sweepTxid)
    }
}

/// A channel that is closed.
public struct ChannelCloseSummary: APIMessage {
    /// The funding output: transaction, colon, position.
    public var channelPoint: String = ""
    /// Its short identifier, or an alias where it had none.
    public var chanId: UInt64 = 0
    /// The chain, by the hash of its first block.
    public var chainHash: String = ""
    /// The transaction that has closed it.
    public var closingTxHash: String = ""
    /// The peer, in hexadecimal.
    public var remotePubkey: String = ""
    /// What the funding output held, in satoshis.
    public var capacity: Int64 = 0
    /// The height of the block that closed it.
    public var closeHeight: UInt32 = 0
    /// What this node got, in satoshis.
    public var settledBalance: Int64 = 0
    /// What this node had to wait for, in satoshis.
    public var timeLockedBalance: Int64 = 0
    /// How it ended.
    public var closeType: ClosureType = .cooperative
    /// Who had opened it.
    public var openInitiator: Initiator = .unknown
    /// Who has closed it.
    public var closeInitiator: Initiator = .unknown
    /// What became of its outputs.
    public var resolutions: [ResolutionMessage] = []
    /// The aliases that it had.
    public var aliasScids: [UInt64] = []
    /// Its short identifier once it was mined, where it was used before.
    public var zeroConfConfirmedScid: UInt64 = 0
    /// Nothing: lnd's custom channels have data here.
    public var customChannelData: [UInt8] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("channel_point", &channelPoint)
        try fields.field("chan_id", &chanId)
        try fields.field("chain_hash", &chainHash)
        try fields.field("closing_tx_hash", &closingTxHash)
        try fields.field("remote_pubkey", &remotePubkey)
        try fields.field("capacity", &capacity)
        try fields.field("close_height", &closeHeight)
        try fields.field("settled_balance", &settledBalance)
        try fields.field("time_locked_balance", &timeLockedBalance)
        try fields.field("close_type", &closeType)
        try fields.field("open_initiator", &openInitiator)
        try fields.field("close_initiator", &closeInitiator)
        try fields.field("resolutions", &resolutions)
        try fields.field("alias_scids", &aliasScids)
        try fields.field("zero_conf_confirmed_scid", &zeroConfConfirmedScid)
        try fields.field("custom_channel_data", &customChannelData)
    }
}

/// The channels that are closed.
public struct ClosedChannelsResponse: APIMessage {
    /// The channels that are closed.
    public var channels: [ChannelCloseSummary] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("channels", &channels)
    }
}

/// Asks for the channels that are being opened or closed.
public struct PendingChannelsRequest: APIMessage {
    /// Whether closing transactions are wanted in full.
    public var includeRawTx: Bool = false

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("include_raw_tx", &includeRawTx)
    }
}

/// What all channels that are being opened or closed have.
public struct PendingChannel: APIMessage {
    /// The peer, in hexadecimal.
    public var remoteNodePub: String = ""
    /// The funding output: transaction, colon, position.
    public var channelPoint: String = ""
    /// What the funding output holds, in satoshis.
    public var capacity: Int64 = 0
    /// What this node has, in satoshis.
    public var localBalance: Int64 = 0
    /// What the peer has, in satoshis.
    public var remoteBalance: Int64 = 0
    /// What this side has to keep of its balance, in satoshis.
    public var localChanReserveSat: Int64 = 0
    /// What the peer has to keep of its balance, in satoshis.
    public var remoteChanReserveSat: Int64 = 0
    /// Who has opened the channel.
    public var initiator: Initiator = .unknown
    /// The form of the commitments.
    public var commitmentType: CommitmentType = .unknown
    /// Nothing: lnd counts its own records here.
    public var numForwardingPackages: Int64 = 0
    /// What is out of the ordinary, in lnd's words.
    public var chanStatusFlags: String = ""
    /// Whether the network is not told of it.
    public var isPrivate: Bool = false
    /// What the user noted at its opening.
    public var memo: String = ""
    /// Nothing: lnd's custom channels have data here.
    public var customChannelData: [UInt8] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("remote_node_pub", &remoteNodePub)
        try fields.field("channel_point", &channelPoint)
        try fields.field("capacity", &capacity)
        try fields.field("local_balance", &localBalance)
        try fields.field("remote_balance", &remoteBalance)
        try fields.field("local_chan_reserve_sat", &localChanReserveSat)
        try fields.field("remote_chan_reserve_sat", &remoteChanReserveSat)
        try fields.field("initiator", &initiator)
        try fields.field("commitment_type", &commitmentType)
        try fields.field("num_forwarding_packages", &numForwardingPackages)
        try fields.field("chan_status_flags", &chanStatusFlags)
        try fields.field("private", &isPrivate)
        try fields.field("memo", &memo)
        try fields.field("custom_channel_data", &customChannelData)
    }
}

/// A channel whose funding has to be mined.
public struct PendingOpenChannel: APIMessage {
    /// The channel.
    public var channel: PendingChannel?
    /// The fee of this side's commitment, in satoshis.
    public var commitFee: Int64 = 0
    /// The weight of this side's commitment.
    public var commitWeight: Int64 = 0
    /// The fee rate of the commitments, in satoshis for 1000 units of weight.
    public var feePerKw: Int64 = 0
    /// In how many blocks the channel is given up unless it is mined.
    public var fundingExpiryBlocks: Int32 = 0
    /// How many more blocks this side waits for.
    public var confirmationsUntilActive: UInt32 = 0
    /// The height of the block with the funding; 0 while there is none.
    public var confirmationHeight: UInt32 = 0

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("channel", &channel)
        try fields.field("commit_fee", &commitFee)
        try fields.field("commit_weight", &commitWeight)
        try fields.field("fee_per_kw", &feePerKw)
        try fields.field("funding_expiry_blocks", &fundingExpiryBlocks)
        try fields.field("confirmations_until_active", &confirmationsUntilActive)
        try fields.field("confirmation_height", &confirmationHeight)
    }
}

/// The transactions that may close a channel without agreement.
public struct CommitmentIDs: APIMessage {
    /// This side's commitment.
    public var localTxid: String = ""
    /// The peer's commitment.
    public var remoteTxid: String = ""
    /// The peer's commitment after that, while it is signed and the one before not revoked.
    public var remotePendingTxid: String = ""
    /// The fee of this side's commitment, in satoshis.
    public var localCommitFeeSat: UInt64 = 0
    /// The fee of the peer's commitment, in satoshis.
    public var remoteCommitFeeSat: UInt64 = 0
    /// The fee of the peer's commitment after that, in satoshis.
    public var remotePendingCommitFeeSat: UInt64 = 0

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("local_txid", &localTxid)
        try fields.field("remote_txid", &remoteTxid)
        try fields.field("remote_pending_txid", &remotePendingTxid)
        try fields.field("local_commit_fee_sat", &localCommitFeeSat)
        try fields.field("remote_commit_fee_sat", &remoteCommitFeeSat)
        try fields.field("remote_pending_commit_fee_sat", &remotePendingCommitFeeSat)
    }
}

/// A channel whose closing transaction has to be mined.
public struct WaitingCloseChannel: APIMessage {
    /// The channel.
    public var channel: PendingChannel?
    /// What this node gets of it, in satoshis.
    public var limboBalance: Int64 = 0
    /// What may close it without agreement.
    public var commitments: CommitmentIDs?
    /// The transaction that closes it; empty where there is none yet.
    public var closingTxid: String = ""
    /// That transaction in full, where that was asked for.
    public var closingTxHex: String = ""
    /// In how many blocks the close is deep enough; 0 while it is not mined.
    public var blocksTilCloseConfirmed: UInt32 = 0
    /// The height of the block with the close; 0 while there is none.
    public var closeHeight: UInt32 = 0

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("channel", &channel)
        try fields.field("limbo_balance", &limboBalance)
        try fields.field("commitments", &commitments)
        try fields.field("closing_txid", &closingTxid)
        try fields.field("closing_tx_hex", &closingTxHex)
        try fields.field("blocks_til_close_confirmed", &blocksTilCloseConfirmed)
        try fields.field("close_height", &closeHeight)
    }
}

/// Nothing is listed in this form any more: it stands where clients look for it.
public struct ClosingChannel: APIMessage {
    /// The channel.
    public var channel: PendingChannel?
    /// The transaction that closes it.
    public var closingTxid: String = ""

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("channel", &channel)
        try fields.field("closing_txid", &closingTxid)
    }
}

/// An HTLC of a channel that was closed by force, with what is to be taken.
public struct PendingHTLC: APIMessage {
    /// Whether the peer has offered it.
    public var incoming: Bool = false
    /// Its amount in satoshis.
    public var amount: Int64 = 0
    /// The output that is to be taken.
    public var outpoint: String = ""
    /// The height at which it can be taken.
    public var maturityHeight: UInt32 = 0
    /// How many blocks are missing until then; negative for past heights.
    public var blocksTilMaturity: Int32 = 0
    /// 1 while the HTLC's own output is to be taken, 2 after that.
    public var stage: UInt32 = 0

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("incoming", &incoming)
        try fields.field("amount", &amount)
        try fields.field("outpoint", &outpoint)
        try fields.field("maturity_height", &maturityHeight)
        try fields.field("blocks_til_maturity", &blocksTilMaturity)
        try fields.field("stage", &stage)
    }
}

/// A channel that was closed by force and of which not all is taken.
public struct ForceClosedChannel: APIMessage {
    /// The channel.
    public var channel: PendingChannel?
    /// The commitment that is in the chain.
    public var closingTxid: String = ""
    /// What this node has yet to take, in satoshis.
    public var limboBalance: Int64 = 0
    /// The height at which this node's balance can be taken; 0 where that is not to be waited for.
    public var maturityHeight: UInt32 = 0
    /// How many blocks are missing until then; negative for past heights.
    public var blocksTilMaturity: Int32 = 0
    /// What this node has taken, in satoshis.
    public var recoveredBalance: Int64 = 0
    /// The HTLCs that are to be taken.
    public var pendingHtlcs: [PendingHTLC] = []
    /// What became of this node's anchor.
    public var anchor: AnchorState = .limbo

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("channel", &channel)
        try fields.field("closing_txid", &closingTxid)
        try fields.field("limbo_balance", &limboBalance)
        try fields.field("maturity_height", &maturityHeight)
        try fields.field("blocks_til_maturity", &blocksTilMaturity)
        try fields.field("recovered_balance", &recoveredBalance)
        try fields.field("pending_htlcs", &pendingHtlcs)
        try fields.field("anchor", &anchor)
    }
}

/// The channels that are being opened or closed.
public struct PendingChannelsResponse: APIMessage {
    /// What this node gets of those that are being closed, in satoshis.
    public var totalLimboBalance: Int64 = 0
    /// Those whose funding has to be mined.
    public var pendingOpenChannels: [PendingOpenChannel] = []
    /// Nothing any more: see those that wait to be closed.
    public var pendingClosingChannels: [ClosingChannel] = []
    /// Those that were closed by force.
    public var pendingForceClosingChannels: [ForceClosedChannel] = []
    /// Those whose closing transaction has to be mined.
    public var waitingCloseChannels: [WaitingCloseChannel] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("total_limbo_balance", &totalLimboBalance)
        try fields.field("pending_open_channels", &pendingOpenChannels)
        try fields.field("pending_closing_channels", &pendingClosingChannels)
        try fields.field("pending_force_closing_channels", &pendingForceClosingChannels)
        try fields.field("waiting_close_channels", &waitingCloseChannels)
    }
}

/// Asks for the open channels.
public struct ListChannelsRequest: APIMessage {
    /// Whether those alone are wanted that can be used.
    public var activeOnly: Bool = false
    /// Whether those alone are wanted that cannot be used now.
    public var inactiveOnly: Bool = false
    /// Whether those alone are wanted that the network is told of.
    public var publicOnly: Bool = false
    /// Whether those alone are wanted that the network is not told of.
    public var privateOnly: Bool = false
    /// The only peer whose channels are wanted; empty for all.
    public var peer: [UInt8] = []
    /// Whether the names of the peers are wanted.
    public var peerAliasLookup: Bool = false

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("active_only", &activeOnly)
        try fields.field("inactive_only", &inactiveOnly)
        try fields.field("public_only", &publicOnly)
        try fields.field("private_only", &privateOnly)
        try fields.field("peer", &peer)
        try fields.field("peer_alias_lookup", &peerAliasLookup)
    }
}

/// The open channels.
public struct ListChannelsResponse: APIMessage {
    /// The open channels.
    public var channels: [ChannelMessage] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("channels", &channels)
    }
}

/// An amount.
public struct AmountMessage: APIMessage {
    /// In satoshis, rounded down.
    public var sat: UInt64 = 0
    /// In millisatoshis.
    public var msat: UInt64 = 0

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("sat", &sat)
        try fields.field("msat", &msat)
    }
}

/// What is in channels.
public struct ChannelBalanceResponse: APIMessage {
    /// What this node has in open channels, in satoshis.
    public var balance: Int64 = 0
    /// What this node has in channels that are being opened, in satoshis.
    public var pendingOpenBalance: Int64 = 0
    /// What this node has in open channels.
    public var localBalance: AmountMessage?
    /// What the peers have in open channels.
    public var remoteBalance: AmountMessage?
    /// What comes to this node in HTLCs, unless it is given back.
    public var unsettledLocalBalance: AmountMessage?
    /// What goes to the peers in HTLCs, unless it is given back.
    public var unsettledRemoteBalance: AmountMessage?
    /// What this node has in channels that are being opened.
    public var pendingOpenLocalBalance: AmountMessage?
    /// What the peers have in channels that are being opened.
    public var pendingOpenRemoteBalance: AmountMessage?
    /// Nothing: lnd's custom channels have data here.
    public var customChannelData: [UInt8] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("balance", &balance)
        try fields.field("pending_open_balance", &pendingOpenBalance)
        try fields.field("local_balance", &localBalance)
        try fields.field("remote_balance", &remoteBalance)
        try fields.field("unsettled_local_balance", &unsettledLocalBalance)
        try fields.field("unsettled_remote_balance", &unsettledRemoteBalance)
        try fields.field("pending_open_local_balance", &pendingOpenLocalBalance)
        try fields.field("pending_open_remote_balance", &pendingOpenRemoteBalance)
        try fields.field("custom_channel_data", &customChannelData)
    }
}

/// Something happened to a channel.
public struct ChannelEventUpdate: APIMessage {
    /// The channel that is open now.
    public var openChannel: ChannelMessage?
    /// The channel that a transaction in the chain has closed.
    public var closedChannel: ChannelCloseSummary?
    /// The channel that can be used now.
    public var activeChannel: ChannelPoint?
    /// The channel that cannot be used now.
    public var inactiveChannel: ChannelPoint?
    /// The channel that has to be mined now.
    public var pendingOpenChannel: PendingUpdate?
    /// The channel of which nothing is left to be taken.
    public var fullyResolvedChannel: ChannelPoint?
    /// The channel that was given up because its funding was not mined.
    public var channelFundingTimeout: ChannelPoint?
    /// Which of those it is.
    public var type: ChannelUpdateType = .openChannel

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.choice("open_channel", &openChannel)
        try fields.choice("closed_channel", &closedChannel)
        try fields.choice("active_channel", &activeChannel)
        try fields.choice("inactive_channel", &inactiveChannel)
        try fields.choice("pending_open_channel", &pendingOpenChannel)
        try fields.choice("fully_resolved_channel", &fullyResolvedChannel)
        try fields.choice("channel_funding_timeout", &channelFundingTimeout)
        try fields.field("type", &type)
    }
}

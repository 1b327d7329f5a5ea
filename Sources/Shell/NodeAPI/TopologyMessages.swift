/// What has changed in the network.
public struct GraphTopologyUpdate: APIMessage {
    /// The nodes that told of themselves.
    public var nodeUpdates: [NodeUpdateMessage] = []
    /// The channels whose terms changed.
    public var channelUpdates: [ChannelEdgeUpdate] = []
    /// The channels that were closed.
    public var closedChans: [ClosedChannelUpdate] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("node_updates", &nodeUpdates)
        try fields.field("channel_updates", &channelUpdates)
        try fields.field("closed_chans", &closedChans)
    }
}

/// A node has told of itself.
public struct NodeUpdateMessage: APIMessage {
    /// Where it is reached.
    public var addresses: [String] = []
    /// Its key, in hexadecimal.
    public var identityKey: String = ""
    /// Nothing: an older form of the features.
    public var globalFeatures: [UInt8] = []
    /// Its name.
    public var alias: String = ""
    /// Its colour, as in `#3399ff`.
    public var color: String = ""
    /// Where it is reached.
    public var nodeAddresses: [NodeAddressMessage] = []
    /// The feature bits that it sets, by number.
    public var features: [String: FeatureMessage] = [:]

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("addresses", &addresses)
        try fields.field("identity_key", &identityKey)
        try fields.field("global_features", &globalFeatures)
        try fields.field("alias", &alias)
        try fields.field("color", &color)
        try fields.field("node_addresses", &nodeAddresses)
        try fields.field("features", &features)
    }
}

/// A node has told on what terms it forwards over a channel.
public struct ChannelEdgeUpdate: APIMessage {
    /// The channel's short identifier.
    public var chanId: UInt64 = 0
    /// The funding output, where it is known.
    public var chanPoint: ChannelPoint?
    /// What the channel holds, in satoshis.
    public var capacity: Int64 = 0
    /// The terms.
    public var routingPolicy: RoutingPolicyMessage?
    /// The node that told, in hexadecimal.
    public var advertisingNode: String = ""
    /// The node across, in hexadecimal.
    public var connectingNode: String = ""

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("chan_id", &chanId)
        try fields.field("chan_point", &chanPoint)
        try fields.field("capacity", &capacity)
        try fields.field("routing_policy", &routingPolicy)
        try fields.field("advertising_node", &advertisingNode)
        try fields.field("connecting_node", &connectingNode)
    }
}

/// A channel was closed.
public struct ClosedChannelUpdate: APIMessage {
    /// The channel's short identifier.
    public var chanId: UInt64 = 0
    /// What it held, in satoshis.
    public var capacity: Int64 = 0
    /// The height of the block that closed it.
    public var closedHeight: UInt32 = 0
    /// The funding output, where it is known.
    public var chanPoint: ChannelPoint?

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("chan_id", &chanId)
        try fields.field("capacity", &capacity)
        try fields.field("closed_height", &closedHeight)
        try fields.field("chan_point", &chanPoint)
    }
}

/// Asks for the whole graph.
public struct ChannelGraphRequest: APIMessage {
    /// Whether this node's channels are wanted that the network is not told of.
    public var includeUnannounced: Bool = false
    /// Whether signatures are wanted.
    public var includeAuthProof: Bool = false

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("include_unannounced", &includeUnannounced)
        try fields.field("include_auth_proof", &includeAuthProof)
    }
}

/// The whole graph.
public struct ChannelGraph: APIMessage {
    /// The nodes.
    public var nodes: [LightningNodeMessage] = []
    /// The channels.
    public var edges: [ChannelEdgeMessage] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("nodes", &nodes)
        try fields.field("edges", &edges)
    }
}

/// Asks for a node of the network.
public struct NodeInfoRequest: APIMessage {
    /// Its key, in hexadecimal.
    public var pubKey: String = ""
    /// Whether its channels are wanted.
    public var includeChannels: Bool = false
    /// Whether their signatures are wanted.
    public var includeAuthProof: Bool = false

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("pub_key", &pubKey)
        try fields.field("include_channels", &includeChannels)
        try fields.field("include_auth_proof", &includeAuthProof)
    }
}

/// A node of the network and its channels.
public struct NodeInfo: APIMessage {
    /// The node.
    public var node: LightningNodeMessage?
    /// How many channels it has.
    public var numChannels: UInt32 = 0
    /// What they hold, in satoshis.
    public var totalCapacity: Int64 = 0
    /// The channels, where they were asked for.
    public var channels: [ChannelEdgeMessage] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("node", &node)
        try fields.field("num_channels", &numChannels)
        try fields.field("total_capacity", &totalCapacity)
        try fields.field("channels", &channels)
    }
}

/// Asks for a channel of the network, by one of its names.
public struct ChanInfoRequest: APIMessage {
    /// Its short identifier.
    public var chanId: UInt64 = 0
    /// Its funding output: transaction, colon, position.
    public var chanPoint: String = ""
    /// Whether signatures are wanted.
    public var includeAuthProof: Bool = false

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("chan_id", &chanId)
        try fields.field("chan_point", &chanPoint)
        try fields.field("include_auth_proof", &includeAuthProof)
    }
}

/// The network in figures.
public struct NetworkInfo: APIMessage {
    /// The greatest distance between two nodes; 0 where that is not known.
    public var graphDiameter: UInt32 = 0
    /// How many channels a node has on average.
    public var avgOutDegree: Double = 0
    /// How many channels the node with the most has.
    public var maxOutDegree: UInt32 = 0
    /// How many nodes there are.
    public var numNodes: UInt32 = 0
    /// How many channels there are.
    public var numChannels: UInt32 = 0
    /// What they hold, in satoshis.
    public var totalNetworkCapacity: Int64 = 0
    /// What one holds on average, in satoshis.
    public var avgChannelSize: Double = 0
    /// What the smallest holds, in satoshis.
    public var minChannelSize: Int64 = 0
    /// What the largest holds, in satoshis.
    public var maxChannelSize: Int64 = 0
    /// What the one in the middle holds, in satoshis.
    public var medianChannelSizeSat: Int64 = 0
    /// How many channels were given up because nobody told of them any more.
    public var numZombieChans: UInt64 = 0

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("graph_diameter", &graphDiameter)
        try fields.field("avg_out_degree", &avgOutDegree)
        try fields.field("max_out_degree", &maxOutDegree)
        try fields.field("num_nodes", &numNodes)
        try fields.field("num_channels", &numChannels)
        try fields.field("total_network_capacity", &totalNetworkCapacity)
        try fields.field("avg_channel_size", &avgChannelSize)
        try fields.field("min_channel_size", &minChannelSize)
        try fields.field("max_channel_size", &maxChannelSize)
        try fields.field("median_channel_size_sat", &medianChannelSizeSat)
        try fields.field("num_zombie_chans", &numZombieChans)
    }
}

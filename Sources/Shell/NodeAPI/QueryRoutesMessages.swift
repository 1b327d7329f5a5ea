/// A direction from one node to another.
public struct NodePairMessage: APIMessage {
    /// The node from which.
    public var from: [UInt8] = []
    /// The node to which.
    public var to: [UInt8] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("from", &from)
        try fields.field("to", &to)
    }
}

/// A direction of a channel.
public struct EdgeLocator: APIMessage {
    /// The channel's short identifier.
    public var channelId: UInt64 = 0
    /// From the greater key to the lesser.
    public var directionReverse: Bool = false

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("channel_id", &channelId)
        try fields.field("direction_reverse", &directionReverse)
    }
}

/// Asks for a route.
public struct QueryRoutesRequest: APIMessage {
    /// The payee, in hexadecimal.
    public var pubKey: String = ""
    /// What the payee is to get, in satoshis.
    public var amt: Int64 = 0
    /// The same in millisatoshis.
    public var amtMsat: Int64 = 0
    /// How many blocks the payee wants; 0 for the usual.
    public var finalCltvDelta: Int32 = 0
    /// The most that may be taken on the way.
    public var feeLimit: FeeLimitMessage?
    /// Nodes not to go through.
    public var ignoredNodes: [[UInt8]] = []
    /// Directions of channels not to go along.
    public var ignoredEdges: [EdgeLocator] = []
    /// Where the route begins, in hexadecimal; empty for this node.
    public var sourcePubKey: String = ""
    /// Whether what was learnt from payments counts.
    public var useMissionControl: Bool = false
    /// Directions between nodes not to go along.
    public var ignoredPairs: [NodePairMessage] = []
    /// How many blocks the whole may be locked; 0 for the usual limit.
    public var cltvLimit: UInt32 = 0
    /// Records for the payee, by type.
    public var destCustomRecords: [UInt64: [UInt8]] = [:]
    /// Through whom the payee is to be reached; empty for anybody.
    public var lastHopPubkey: [UInt8] = []
    /// Ways to the payee that are not public.
    public var routeHints: [RouteHintMessage] = []
    /// Ways to a payee that does not tell who it is.
    public var blindedPaymentPaths: [BlindedPaymentPathMessage] = []
    /// The features that the payee sets.
    public var destFeatures: [FeatureBit] = []
    /// From -1 for the cheapest route to 1 for the most certain one.
    public var timePref: Double = 0
    /// The only channels to begin with; none for any.
    public var outgoingChanIds: [UInt64] = []
    /// The older form: the only channel to begin with.
    public var outgoingChanId: UInt64 = 0

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("pub_key", &pubKey)
        try fields.field("amt", &amt)
        try fields.field("amt_msat", &amtMsat)
        try fields.field("final_cltv_delta", &finalCltvDelta)
        try fields.field("fee_limit", &feeLimit)
        try fields.field("ignored_nodes", &ignoredNodes)
        try fields.field("ignored_edges", &ignoredEdges)
        try fields.field("source_pub_key", &sourcePubKey)
        try fields.field("use_mission_control", &useMissionControl)
        try fields.field("ignored_pairs", &ignoredPairs)
        try fields.field("cltv_limit", &cltvLimit)
        try fields.field("dest_custom_records", &destCustomRecords)
        try fields.field("last_hop_pubkey", &lastHopPubkey)
        try fields.field("route_hints", &routeHints)
        try fields.field("blinded_payment_paths", &blindedPaymentPaths)
        try fields.field("dest_features", &destFeatures)
        try fields.field("time_pref", &timePref)
        try fields.field("outgoing_chan_ids", &outgoingChanIds)
        try fields.field("outgoing_chan_id", &outgoingChanId)
    }
}

/// The routes that were found.
public struct QueryRoutesResponse: APIMessage {
    /// The routes, the best first.
    public var routes: [RouteMessage] = []
    /// How likely it is that the first one works.
    public var successProb: Double = 0

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("routes", &routes)
        try fields.field("success_prob", &successProb)
    }
}

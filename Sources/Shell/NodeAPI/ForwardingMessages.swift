/// Asks for what was forwarded.
public struct ForwardingHistoryRequest: APIMessage {
    /// The earliest time, in seconds since 1970; 0 with no end for the last day.
    public var startTime: UInt64 = 0
    /// The latest time, in seconds since 1970; 0 for now.
    public var endTime: UInt64 = 0
    /// How many to skip.
    public var indexOffset: UInt32 = 0
    /// The most that are wanted; 0 for the usual 100.
    public var numMaxEvents: UInt32 = 0
    /// Whether the names of the peers are wanted.
    public var peerAliasLookup: Bool = false
    /// The only channels that they came in over; none for any.
    public var incomingChanIds: [UInt64] = []
    /// The only channels that they went out over; none for any.
    public var outgoingChanIds: [UInt64] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("start_time", &startTime)
        try fields.field("end_time", &endTime)
        try fields.field("index_offset", &indexOffset)
        try fields.field("num_max_events", &numMaxEvents)
        try fields.field("peer_alias_lookup", &peerAliasLookup)
        try fields.field("incoming_chan_ids", &incomingChanIds)
        try fields.field("outgoing_chan_ids", &outgoingChanIds)
    }
}

/// A payment that was forwarded.
public struct ForwardingEventMessage: APIMessage {
    /// When, in seconds since 1970.
    public var timestamp: UInt64 = 0
    /// The channel that it came in over.
    public var chanIdIn: UInt64 = 0
    /// The channel that it went out over.
    public var chanIdOut: UInt64 = 0
    /// What came in, in satoshis.
    public var amtIn: UInt64 = 0
    /// What went out, in satoshis.
    public var amtOut: UInt64 = 0
    /// What was earned, in satoshis.
    public var fee: UInt64 = 0
    /// What was earned, in millisatoshis.
    public var feeMsat: UInt64 = 0
    /// What came in, in millisatoshis.
    public var amtInMsat: UInt64 = 0
    /// What went out, in millisatoshis.
    public var amtOutMsat: UInt64 = 0
    /// When, in nanoseconds since 1970.
    public var timestampNs: UInt64 = 0
    /// The name of the peer that it came from.
    public var peerAliasIn: String = ""
    /// The name of the peer that it went to.
    public var peerAliasOut: String = ""
    /// The number of the HTLC that came in.
    public var incomingHtlcId: UInt64?
    /// The number of the HTLC that went out.
    public var outgoingHtlcId: UInt64?

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("timestamp", &timestamp)
        try fields.field("chan_id_in", &chanIdIn)
        try fields.field("chan_id_out", &chanIdOut)
        try fields.field("amt_in", &amtIn)
        try fields.field("amt_out", &amtOut)
        try fields.field("fee", &fee)
        try fields.field("fee_msat", &feeMsat)
        try fields.field("amt_in_msat", &amtInMsat)
        try fields.field("amt_out_msat", &amtOutMsat)
        try fields.field("timestamp_ns", &timestampNs)
        try fields.field("peer_alias_in", &peerAliasIn)
        try fields.field("peer_alias_out", &peerAliasOut)
        try fields.choice("incoming_htlc_id", &incomingHtlcId)
        try fields.choice("outgoing_htlc_id", &outgoingHtlcId)
    }
}

/// A page of what was forwarded.
public struct ForwardingHistoryResponse: APIMessage {
    /// The payments, the oldest first.
    public var forwardingEvents: [ForwardingEventMessage] = []
    /// The offset with which the next page begins.
    public var lastOffsetIndex: UInt32 = 0

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("forwarding_events", &forwardingEvents)
        try fields.field("last_offset_index", &lastOffsetIndex)
    }
}

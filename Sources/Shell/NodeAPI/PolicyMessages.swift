/// What is given back, or taken, of payments that come in over a channel.
public struct InboundFeeMessage: APIMessage {
    /// The fixed part in millisatoshis; negative for a discount.
    public var baseFeeMsat: Int32 = 0
    /// The part of the amount in millionths; negative for a discount.
    public var feeRatePpm: Int32 = 0

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("base_fee_msat", &baseFeeMsat)
        try fields.field("fee_rate_ppm", &feeRatePpm)
    }
}

/// Changes what forwarding over channels costs.
public struct PolicyUpdateRequest: APIMessage {
    /// Whether all channels are meant.
    public var isGlobal: Bool?
    /// The channel that is meant.
    public var chanPoint: ChannelPoint?
    /// The fixed part of the fee, in millisatoshis.
    public var baseFeeMsat: Int64 = 0
    /// The part of the amount that is taken as fee, as a fraction.
    public var feeRate: Double = 0
    /// The same in millionths.
    public var feeRatePpm: UInt32 = 0
    /// How many blocks lie between the expiries of what comes in and goes out.
    public var timeLockDelta: UInt32 = 0
    /// The most in one HTLC, in millisatoshis; 0 to leave it as it is.
    public var maxHtlcMsat: UInt64 = 0
    /// The least in one HTLC, in millisatoshis.
    public var minHtlcMsat: UInt64 = 0
    /// Whether the least changes.
    public var minHtlcMsatSpecified: Bool = false
    /// What changes about payments that come in; `null` to leave it as it is.
    public var inboundFee: InboundFeeMessage?
    /// Nothing: this node's channels always have a policy.
    public var createMissingEdge: Bool = false

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.choice("global", &isGlobal)
        try fields.choice("chan_point", &chanPoint)
        try fields.field("base_fee_msat", &baseFeeMsat)
        try fields.field("fee_rate", &feeRate)
        try fields.field("fee_rate_ppm", &feeRatePpm)
        try fields.field("time_lock_delta", &timeLockDelta)
        try fields.field("max_htlc_msat", &maxHtlcMsat)
        try fields.field("min_htlc_msat", &minHtlcMsat)
        try fields.field("min_htlc_msat_specified", &minHtlcMsatSpecified)
        try fields.field("inbound_fee", &inboundFee)
        try fields.field("create_missing_edge", &createMissingEdge)
    }
}

/// A channel whose policy stays as it was.
public struct FailedUpdate: APIMessage {
    /// The channel.
    public var outpoint: OutPointMessage?
    /// Why, in kind.
    public var reason: UpdateFailure = .unknown
    /// Why, in words.
    public var updateError: String = ""

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("outpoint", &outpoint)
        try fields.field("reason", &reason)
        try fields.field("update_error", &updateError)
    }
}

/// The channels whose policies stay as they were.
public struct PolicyUpdateResponse: APIMessage {
    /// The channels whose policies stay as they were.
    public var failedUpdates: [FailedUpdate] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("failed_updates", &failedUpdates)
    }
}

/// What forwarding over a channel costs.
public struct ChannelFeeReport: APIMessage {
    /// The channel's short identifier.
    public var chanId: UInt64 = 0
    /// The funding output: transaction, colon, position.
    public var channelPoint: String = ""
    /// The fixed part of the fee, in millisatoshis.
    public var baseFeeMsat: Int64 = 0
    /// The part of the amount that is taken as fee, in millionths.
    public var feePerMil: Int64 = 0
    /// The same as a fraction.
    public var feeRate: Double = 0
    /// The fixed part for what comes in, in millisatoshis.
    public var inboundBaseFeeMsat: Int32 = 0
    /// The part of the amount for what comes in, in millionths.
    public var inboundFeePerMil: Int32 = 0

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("chan_id", &chanId)
        try fields.field("channel_point", &channelPoint)
        try fields.field("base_fee_msat", &baseFeeMsat)
        try fields.field("fee_per_mil", &feePerMil)
        try fields.field("fee_rate", &feeRate)
        try fields.field("inbound_base_fee_msat", &inboundBaseFeeMsat)
        try fields.field("inbound_fee_per_mil", &inboundFeePerMil)
    }
}

/// What forwarding costs, and what it has earned.
public struct FeeReportResponse: APIMessage {
    /// What it costs, by channel.
    public var channelFees: [ChannelFeeReport] = []
    /// What was earned within the last day, in satoshis.
    public var dayFeeSum: UInt64 = 0
    /// What was earned within the last week, in satoshis.
    public var weekFeeSum: UInt64 = 0
    /// What was earned within the last 30 days, in satoshis.
    public var monthFeeSum: UInt64 = 0

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("channel_fees", &channelFees)
        try fields.field("day_fee_sum", &dayFeeSum)
        try fields.field("week_fee_sum", &weekFeeSum)
        try fields.field("month_fee_sum", &monthFeeSum)
    }
}

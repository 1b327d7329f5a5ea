/// A channel of a way to a payee that is not public (BOLT 11).
public struct HopHintMessage: APIMessage {
    /// The node that forwards over the channel, in hexadecimal.
    public var nodeId: String = ""
    /// The channel's short identifier.
    public var chanId: UInt64 = 0
    /// The fixed part of the fee in millisatoshis.
    public var feeBaseMsat: UInt32 = 0
    /// The part of the amount that is taken as fee, in millionths.
    public var feeProportionalMillionths: UInt32 = 0
    /// How many blocks the node wants between the expiries of what comes in and goes out.
    public var cltvExpiryDelta: UInt32 = 0

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("node_id", &nodeId)
        try fields.field("chan_id", &chanId)
        try fields.field("fee_base_msat", &feeBaseMsat)
        try fields.field("fee_proportional_millionths", &feeProportionalMillionths)
        try fields.field("cltv_expiry_delta", &cltvExpiryDelta)
    }
}

/// A way to a payee over channels that are not public.
public struct RouteHintMessage: APIMessage {
    /// The channels, the one that ends at the payee last.
    public var hopHints: [HopHintMessage] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("hop_hints", &hopHints)
    }
}

/// What a payee is told of the payment that a part belongs to.
public struct MPPRecordMessage: APIMessage {
    /// The payment secret of the invoice.
    public var paymentAddr: [UInt8] = []
    /// What all parts together bring, in millisatoshis.
    public var totalAmtMsat: Int64 = 0

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("payment_addr", &paymentAddr)
        try fields.field("total_amt_msat", &totalAmtMsat)
    }
}

/// The share of an atomic multi-path payment.
public struct AMPRecordMessage: APIMessage {
    /// The share of the root seed.
    public var rootShare: [UInt8] = []
    /// The set that the part belongs to.
    public var setId: [UInt8] = []
    /// The number of the part.
    public var childIndex: UInt32 = 0

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("root_share", &rootShare)
        try fields.field("set_id", &setId)
        try fields.field("child_index", &childIndex)
    }
}

/// A hop of a route.
public struct HopMessage: APIMessage {
    /// The channel that leads to the node.
    public var chanId: UInt64 = 0
    /// The channel's capacity in satoshis, 0 where it is not known.
    public var chanCapacity: Int64 = 0
    /// What the node passes on, in satoshis.
    public var amtToForward: Int64 = 0
    /// What the node keeps, in satoshis.
    public var fee: Int64 = 0
    /// The height at which what the node passes on expires.
    public var expiry: UInt32 = 0
    /// What the node passes on, in millisatoshis; at the last hop what arrives.
    public var amtToForwardMsat: Int64 = 0
    /// What the node keeps, in millisatoshis.
    public var feeMsat: Int64 = 0
    /// The node, in hexadecimal.
    public var pubKey: String = ""
    /// Whether the payload for the node has the variable form, as all have.
    public var tlvPayload: Bool = false
    /// At the last hop: the payment that the part belongs to.
    public var mppRecord: MPPRecordMessage?
    /// At the last hop: the share of an atomic multi-path payment.
    public var ampRecord: AMPRecordMessage?
    /// Further records for the node, by type from 65536 on.
    public var customRecords: [UInt64: [UInt8]] = [:]
    /// What the invoice asked to be told with the payment.
    public var metadata: [UInt8] = []
    /// The first path key of a blinded path, 33 bytes.
    public var blindingPoint: [UInt8] = []
    /// What a node of a blinded path is told by the payee.
    public var encryptedData: [UInt8] = []
    /// At the end of a blinded path: what all parts together bring, in millisatoshis.
    public var totalAmtMsat: UInt64 = 0

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("chan_id", &chanId)
        try fields.field("chan_capacity", &chanCapacity)
        try fields.field("amt_to_forward", &amtToForward)
        try fields.field("fee", &fee)
        try fields.field("expiry", &expiry)
        try fields.field("amt_to_forward_msat", &amtToForwardMsat)
        try fields.field("fee_msat", &feeMsat)
        try fields.field("pub_key", &pubKey)
        try fields.field("tlv_payload", &tlvPayload)
        try fields.field("mpp_record", &mppRecord)
        try fields.field("amp_record", &ampRecord)
        try fields.field("custom_records", &customRecords)
        try fields.field("metadata", &metadata)
        try fields.field("blinding_point", &blindingPoint)
        try fields.field("encrypted_data", &encryptedData)
        try fields.field("total_amt_msat", &totalAmtMsat)
    }
}

/// A route.
public struct RouteMessage: APIMessage {
    /// The height at which the first HTLC expires.
    public var totalTimeLock: UInt32 = 0
    /// The fees of all hops, in satoshis.
    public var totalFees: Int64 = 0
    /// What the payer gives, fees included, in satoshis.
    public var totalAmt: Int64 = 0
    /// The hops from the first peer to the payee.
    public var hops: [HopMessage] = []
    /// The fees of all hops, in millisatoshis.
    public var totalFeesMsat: Int64 = 0
    /// What the payer gives, fees included, in millisatoshis.
    public var totalAmtMsat: Int64 = 0
    /// What the first HTLC holds, in millisatoshis, where that differs; 0 otherwise.
    public var firstHopAmountMsat: Int64 = 0
    /// Nothing: lnd's custom channels have data here.
    public var customChannelData: [UInt8] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("total_time_lock", &totalTimeLock)
        try fields.field("total_fees", &totalFees)
        try fields.field("total_amt", &totalAmt)
        try fields.field("hops", &hops)
        try fields.field("total_fees_msat", &totalFeesMsat)
        try fields.field("total_amt_msat", &totalAmtMsat)
        try fields.field("first_hop_amount_msat", &firstHopAmountMsat)
        try fields.field("custom_channel_data", &customChannelData)
    }
}

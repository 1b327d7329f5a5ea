import Bitcoin

/// What the creator of a blinded path tells one of its nodes (BOLT 4, `encrypted_data_tlv`).
public struct RecipientData: TLVStream {
    public static var name: StaticString { "encrypted_data_tlv" }

    /// Zeros that make the data of all hops equally long.
    public var padding: [UInt8]?
    /// The channel to forward on.
    public var shortChannelID: ShortChannelID?
    /// The node to forward to, where no channel is named.
    public var nextNodeID: NodeID?
    /// By which the receiver knows the path again.
    public var pathID: [UInt8]?
    /// The next node's path key, where another path is joined to this one.
    public var nextPathKeyOverride: Point?
    public var paymentRelay: PaymentRelay?
    public var paymentConstraints: PaymentConstraints?
    /// The features that a payment through this path may use.
    public var allowedFeatures: Features?
    public var unknownRecords: [TLVRecord] = []

    public init() {}

    /// Data of these records.
    public init(
        padding: [UInt8]? = nil, shortChannelID: ShortChannelID? = nil, nextNodeID: NodeID? = nil,
        pathID: [UInt8]? = nil, nextPathKeyOverride: Point? = nil,
        paymentRelay: PaymentRelay? = nil, paymentConstraints: PaymentConstraints? = nil,
        allowedFeatures: Features? = nil
    ) {
        self.padding = padding
        self.shortChannelID = shortChannelID
        self.nextNodeID = nextNodeID
        self.pathID = pathID
        self.nextPathKeyOverride = nextPathKeyOverride
        self.paymentRelay = paymentRelay
        self.paymentConstraints = paymentConstraints
        self.allowedFeatures = allowedFeatures
    }

    public mutating func code<C: TLVCoder>(_ coder: inout C) throws(WireError) {
        try coder.record(1, "padding", bytes: "padding", &padding)
        try coder.record(2, "short_channel_id", field: "short_channel_id", &shortChannelID)
        try coder.record(4, "next_node_id", field: "node_id", &nextNodeID)
        try coder.record(6, "path_id", bytes: "data", &pathID)
        try coder.record(8, "next_path_key_override", field: "path_key", &nextPathKeyOverride)
        try coder.record(10, "payment_relay", structure: &paymentRelay)
        try coder.record(12, "payment_constraints", structure: &paymentConstraints)
        try coder.record(14, "allowed_features", bytesOf: "features", &allowedFeatures)
    }
}

/// What a node inside a blinded path takes for forwarding a payment (BOLT 4).
public struct PaymentRelay: TLVStructure {
    /// Blocks between the expiries of the incoming and the outgoing HTLC.
    public var cltvExpiryDelta: UInt16 = 0
    /// The fee that grows with the amount, in millionths of it.
    public var feeProportionalMillionths: UInt32 = 0
    /// The fee that every payment costs, in millisatoshi.
    public var feeBase: UInt32 = 0

    public init() {}

    /// A value of these fields.
    public init(cltvExpiryDelta: UInt16, feeProportionalMillionths: UInt32, feeBase: UInt32) {
        self.cltvExpiryDelta = cltvExpiryDelta
        self.feeProportionalMillionths = feeProportionalMillionths
        self.feeBase = feeBase
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("cltv_expiry_delta", &cltvExpiryDelta)
        try coder.field("fee_proportional_millionths", &feeProportionalMillionths)
        try coder.truncated("fee_base_msat", &feeBase)
    }
}

/// Which payments may use a blinded path, against probing (BOLT 4).
public struct PaymentConstraints: TLVStructure {
    /// The highest expiry that the incoming HTLC may have.
    public var maxCltvExpiry = BlockHeight(0)
    /// The least amount that the incoming HTLC may have.
    public var htlcMinimum = MilliSatoshi.zero

    public init() {}

    /// A value of these fields.
    public init(maxCltvExpiry: BlockHeight, htlcMinimum: MilliSatoshi) {
        self.maxCltvExpiry = maxCltvExpiry
        self.htlcMinimum = htlcMinimum
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("max_cltv_expiry", &maxCltvExpiry)
        try coder.truncated("htlc_minimum_msat", &htlcMinimum)
    }
}

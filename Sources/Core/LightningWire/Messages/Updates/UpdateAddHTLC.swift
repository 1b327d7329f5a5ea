import Bitcoin

/// Offers an HTLC (BOLT 2).
public struct UpdateAddHTLC: LightningMessage {
    public static var type: UInt16 { 128 }
    public static var name: StaticString { "update_add_htlc" }
    public static var usualSize: Int { 1_490 }

    public var channelID: ChannelID = ChannelID.blank
    /// The number of the HTLC among those of its offerer, from 0.
    public var id: UInt64 = 0
    public var amount: MilliSatoshi = MilliSatoshi.blank
    public var paymentHash: PaymentHash = PaymentHash.blank
    /// The height from which the offerer takes the amount back.
    public var cltvExpiry: BlockHeight = BlockHeight.blank
    /// The route, encrypted in layers (BOLT 4).
    public var onionPacket: [UInt8] = []
    public var tlvs: UpdateAddHTLCTLVs = UpdateAddHTLCTLVs()

    public init() {}

    /// A message of these fields.
    public init(
        channelID: ChannelID,
        id: UInt64,
        amount: MilliSatoshi,
        paymentHash: PaymentHash,
        cltvExpiry: BlockHeight,
        onionPacket: [UInt8],
        tlvs: UpdateAddHTLCTLVs = UpdateAddHTLCTLVs()
    ) {
        self.channelID = channelID
        self.id = id
        self.amount = amount
        self.paymentHash = paymentHash
        self.cltvExpiry = cltvExpiry
        self.onionPacket = onionPacket
        self.tlvs = tlvs
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("channel_id", &channelID)
        try coder.field("id", &id)
        try coder.field("amount_msat", &amount)
        try coder.field("payment_hash", &paymentHash)
        try coder.field("cltv_expiry", &cltvExpiry)
        try coder.bytes("onion_routing_packet", count: 1366, &onionPacket)
        try coder.stream(&tlvs)
    }
}

/// The records of ``UpdateAddHTLC``.
public struct UpdateAddHTLCTLVs: TLVStream {
    public static var name: StaticString { "update_add_htlc_tlvs" }

    /// The key with which a node inside a blinded path reads its data (BOLT 4).
    public var pathKey: Point?
    public var unknownRecords: [TLVRecord] = []

    public init() {}

    /// A stream of these records.
    public init(
        pathKey: Point? = nil
    ) {
        self.pathKey = pathKey
    }

    public mutating func code<C: TLVCoder>(_ coder: inout C) throws(WireError) {
        try coder.record(0, "blinded_path", field: "path_key", &pathKey)
    }
}

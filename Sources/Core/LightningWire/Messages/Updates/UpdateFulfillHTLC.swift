import Bitcoin

/// Claims an HTLC with its preimage (BOLT 2).
public struct UpdateFulfillHTLC: LightningMessage {
    public static var type: UInt16 { 130 }
    public static var name: StaticString { "update_fulfill_htlc" }

    public var channelID: ChannelID = ChannelID.blank
    /// The number of the HTLC among those of its offerer, from 0.
    public var id: UInt64 = 0
    public var paymentPreimage: PaymentPreimage = PaymentPreimage.blank
    public var tlvs: UpdateFulfillHTLCTLVs = UpdateFulfillHTLCTLVs()

    public init() {}

    /// A message of these fields.
    public init(
        channelID: ChannelID,
        id: UInt64,
        paymentPreimage: PaymentPreimage,
        tlvs: UpdateFulfillHTLCTLVs = UpdateFulfillHTLCTLVs()
    ) {
        self.channelID = channelID
        self.id = id
        self.paymentPreimage = paymentPreimage
        self.tlvs = tlvs
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("channel_id", &channelID)
        try coder.field("id", &id)
        try coder.field("payment_preimage", &paymentPreimage)
        try coder.stream(&tlvs)
    }
}

/// The records of ``UpdateFulfillHTLC``.
public struct UpdateFulfillHTLCTLVs: TLVStream {
    public static var name: StaticString { "update_fulfill_htlc_tlvs" }

    /// Who held the HTLC for how long, provably (BOLT 4).
    public var attributionData: AttributionData?
    public var unknownRecords: [TLVRecord] = []

    public init() {}

    /// A stream of these records.
    public init(
        attributionData: AttributionData? = nil
    ) {
        self.attributionData = attributionData
    }

    public mutating func code<C: TLVCoder>(_ coder: inout C) throws(WireError) {
        try coder.record(1, "attribution_data", structure: &attributionData)
    }
}

import Bitcoin

/// Proposes a closing transaction with a fee, in the older negotiation (BOLT 2).
public struct ClosingSigned: LightningMessage {
    public static var type: UInt16 { 39 }
    public static var name: StaticString { "closing_signed" }

    public var channelID: ChannelID = ChannelID.blank
    public var fee: Satoshi = Satoshi.blank
    public var signature: WireSignature = WireSignature.blank
    public var tlvs: ClosingSignedTLVs = ClosingSignedTLVs()

    public init() {}

    /// A message of these fields.
    public init(
        channelID: ChannelID,
        fee: Satoshi,
        signature: WireSignature,
        tlvs: ClosingSignedTLVs = ClosingSignedTLVs()
    ) {
        self.channelID = channelID
        self.fee = fee
        self.signature = signature
        self.tlvs = tlvs
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("channel_id", &channelID)
        try coder.field("fee_satoshis", &fee)
        try coder.field("signature", &signature)
        try coder.stream(&tlvs)
    }
}

/// The records of ``ClosingSigned``.
public struct ClosingSignedTLVs: TLVStream {
    public static var name: StaticString { "closing_signed_tlvs" }

    /// The fees that the sender accepts.
    public var feeRange: ClosingFeeRange?
    public var unknownRecords: [TLVRecord] = []

    public init() {}

    /// A stream of these records.
    public init(
        feeRange: ClosingFeeRange? = nil
    ) {
        self.feeRange = feeRange
    }

    public mutating func code<C: TLVCoder>(_ coder: inout C) throws(WireError) {
        try coder.record(1, "fee_range", structure: &feeRange)
    }
}

/// The fees that a node accepts for a closing transaction.
public struct ClosingFeeRange: TLVStructure {
    public var minimum: Satoshi = Satoshi.blank
    public var maximum: Satoshi = Satoshi.blank

    public init() {}

    /// A value of these fields.
    public init(
        minimum: Satoshi,
        maximum: Satoshi
    ) {
        self.minimum = minimum
        self.maximum = maximum
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("min_fee_satoshis", &minimum)
        try coder.field("max_fee_satoshis", &maximum)
    }
}

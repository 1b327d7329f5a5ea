import Bitcoin

/// Names the funding transaction and signs the accepter's first commitment transaction (BOLT
/// 2).
public struct FundingCreated: LightningMessage {
    public static var type: UInt16 { 34 }
    public static var name: StaticString { "funding_created" }

    /// Names the channel until its funding transaction is known.
    public var temporaryChannelID: ChannelID = ChannelID.blank
    public var fundingTransactionID: TransactionID = TransactionID.blank
    public var fundingOutputIndex: UInt16 = 0
    public var signature: WireSignature = WireSignature.blank
    public var tlvs: EmptyTLVs = EmptyTLVs()

    public init() {}

    /// A message of these fields.
    public init(
        temporaryChannelID: ChannelID,
        fundingTransactionID: TransactionID,
        fundingOutputIndex: UInt16,
        signature: WireSignature,
        tlvs: EmptyTLVs = EmptyTLVs()
    ) {
        self.temporaryChannelID = temporaryChannelID
        self.fundingTransactionID = fundingTransactionID
        self.fundingOutputIndex = fundingOutputIndex
        self.signature = signature
        self.tlvs = tlvs
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("temporary_channel_id", &temporaryChannelID)
        try coder.field("funding_txid", &fundingTransactionID)
        try coder.field("funding_output_index", &fundingOutputIndex)
        try coder.field("signature", &signature)
        try coder.stream(&tlvs)
    }
}

/// Signs the opener's first commitment transaction, after which the opener may broadcast (BOLT
/// 2).
public struct FundingSigned: LightningMessage {
    public static var type: UInt16 { 35 }
    public static var name: StaticString { "funding_signed" }

    public var channelID: ChannelID = ChannelID.blank
    public var signature: WireSignature = WireSignature.blank
    public var tlvs: EmptyTLVs = EmptyTLVs()

    public init() {}

    /// A message of these fields.
    public init(
        channelID: ChannelID,
        signature: WireSignature,
        tlvs: EmptyTLVs = EmptyTLVs()
    ) {
        self.channelID = channelID
        self.signature = signature
        self.tlvs = tlvs
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("channel_id", &channelID)
        try coder.field("signature", &signature)
        try coder.stream(&tlvs)
    }
}

/// Says that the funding transaction is deep enough for the sender (BOLT 2).
public struct ChannelReady: LightningMessage {
    public static var type: UInt16 { 36 }
    public static var name: StaticString { "channel_ready" }

    public var channelID: ChannelID = ChannelID.blank
    public var secondPerCommitmentPoint: Point = Point.blank
    public var tlvs: ChannelReadyTLVs = ChannelReadyTLVs()

    public init() {}

    /// A message of these fields.
    public init(
        channelID: ChannelID,
        secondPerCommitmentPoint: Point,
        tlvs: ChannelReadyTLVs = ChannelReadyTLVs()
    ) {
        self.channelID = channelID
        self.secondPerCommitmentPoint = secondPerCommitmentPoint
        self.tlvs = tlvs
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("channel_id", &channelID)
        try coder.field("second_per_commitment_point", &secondPerCommitmentPoint)
        try coder.stream(&tlvs)
    }
}

/// The records of ``ChannelReady``.
public struct ChannelReadyTLVs: TLVStream {
    public static var name: StaticString { "channel_ready_tlvs" }

    /// A name for the channel that tells nothing of its funding transaction, for use by the
    /// receiver.
    public var alias: ShortChannelID?
    public var unknownRecords: [TLVRecord] = []

    public init() {}

    /// A stream of these records.
    public init(
        alias: ShortChannelID? = nil
    ) {
        self.alias = alias
    }

    public mutating func code<C: TLVCoder>(_ coder: inout C) throws(WireError) {
        try coder.record(1, "short_channel_id", field: "alias", &alias)
    }
}

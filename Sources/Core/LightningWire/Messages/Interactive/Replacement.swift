import Bitcoin

/// Proposes to replace the transaction by one with a higher fee (BOLT 2).
public struct TxInitRBF: LightningMessage {
    public static var type: UInt16 { 72 }
    public static var name: StaticString { "tx_init_rbf" }

    public var channelID: ChannelID = ChannelID.blank
    public var lockTime: LockTime = LockTime.blank
    public var feerate: FeeratePerKw = FeeratePerKw.blank
    public var tlvs: TxInitRBFTLVs = TxInitRBFTLVs()

    public init() {}

    /// A message of these fields.
    public init(
        channelID: ChannelID,
        lockTime: LockTime,
        feerate: FeeratePerKw,
        tlvs: TxInitRBFTLVs = TxInitRBFTLVs()
    ) {
        self.channelID = channelID
        self.lockTime = lockTime
        self.feerate = feerate
        self.tlvs = tlvs
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("channel_id", &channelID)
        try coder.field("locktime", &lockTime)
        try coder.field("feerate", &feerate)
        try coder.stream(&tlvs)
    }
}

/// The records of ``TxInitRBF``.
public struct TxInitRBFTLVs: TLVStream {
    public static var name: StaticString { "tx_init_rbf_tlvs" }

    /// What the sender adds to the funding output; negative where it takes out.
    public var fundingOutputContribution: Satoshi?
    /// Whether only confirmed coins may be used.
    public var requireConfirmedInputs = false
    public var unknownRecords: [TLVRecord] = []

    public init() {}

    /// A stream of these records.
    public init(
        fundingOutputContribution: Satoshi? = nil,
        requireConfirmedInputs: Bool = false
    ) {
        self.fundingOutputContribution = fundingOutputContribution
        self.requireConfirmedInputs = requireConfirmedInputs
    }

    public mutating func code<C: TLVCoder>(_ coder: inout C) throws(WireError) {
        try coder.record(
            0, "funding_output_contribution", signed: "satoshis", &fundingOutputContribution)
        try coder.flag(2, "require_confirmed_inputs", &requireConfirmedInputs)
    }
}

/// Agrees to ``TxInitRBF`` (BOLT 2).
public struct TxAckRBF: LightningMessage {
    public static var type: UInt16 { 73 }
    public static var name: StaticString { "tx_ack_rbf" }

    public var channelID: ChannelID = ChannelID.blank
    public var tlvs: TxAckRBFTLVs = TxAckRBFTLVs()

    public init() {}

    /// A message of these fields.
    public init(
        channelID: ChannelID,
        tlvs: TxAckRBFTLVs = TxAckRBFTLVs()
    ) {
        self.channelID = channelID
        self.tlvs = tlvs
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("channel_id", &channelID)
        try coder.stream(&tlvs)
    }
}

/// The records of ``TxAckRBF``.
public struct TxAckRBFTLVs: TLVStream {
    public static var name: StaticString { "tx_ack_rbf_tlvs" }

    /// What the sender adds to the funding output; negative where it takes out.
    public var fundingOutputContribution: Satoshi?
    /// Whether only confirmed coins may be used.
    public var requireConfirmedInputs = false
    public var unknownRecords: [TLVRecord] = []

    public init() {}

    /// A stream of these records.
    public init(
        fundingOutputContribution: Satoshi? = nil,
        requireConfirmedInputs: Bool = false
    ) {
        self.fundingOutputContribution = fundingOutputContribution
        self.requireConfirmedInputs = requireConfirmedInputs
    }

    public mutating func code<C: TLVCoder>(_ coder: inout C) throws(WireError) {
        try coder.record(
            0, "funding_output_contribution", signed: "satoshis", &fundingOutputContribution)
        try coder.flag(2, "require_confirmed_inputs", &requireConfirmedInputs)
    }
}

/// Ends a construction without a transaction (BOLT 2).
public struct TxAbort: LightningMessage {
    public static var type: UInt16 { 74 }
    public static var name: StaticString { "tx_abort" }

    public var channelID: ChannelID = ChannelID.blank
    /// Why, as a text for people.
    public var data: [UInt8] = []
    public var tlvs: EmptyTLVs = EmptyTLVs()

    public init() {}

    /// A message of these fields.
    public init(
        channelID: ChannelID,
        data: [UInt8],
        tlvs: EmptyTLVs = EmptyTLVs()
    ) {
        self.channelID = channelID
        self.data = data
        self.tlvs = tlvs
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("channel_id", &channelID)
        try coder.bytes("data", length: "len", &data)
        try coder.stream(&tlvs)
    }
}

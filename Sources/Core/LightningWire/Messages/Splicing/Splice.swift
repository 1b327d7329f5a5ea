import Bitcoin

/// Proposes to replace the funding transaction (BOLT 2).
public struct SpliceInit: LightningMessage {
    public static var type: UInt16 { 80 }
    public static var name: StaticString { "splice_init" }

    public var channelID: ChannelID = ChannelID.blank
    /// What the sender adds; negative where it takes out.
    public var fundingContribution: Satoshi = Satoshi.blank
    public var fundingFeerate: FeeratePerKw = FeeratePerKw.blank
    public var lockTime: LockTime = LockTime.blank
    public var fundingPublicKey: Point = Point.blank
    public var tlvs: SpliceInitTLVs = SpliceInitTLVs()

    public init() {}

    /// A message of these fields.
    public init(
        channelID: ChannelID,
        fundingContribution: Satoshi,
        fundingFeerate: FeeratePerKw,
        lockTime: LockTime,
        fundingPublicKey: Point,
        tlvs: SpliceInitTLVs = SpliceInitTLVs()
    ) {
        self.channelID = channelID
        self.fundingContribution = fundingContribution
        self.fundingFeerate = fundingFeerate
        self.lockTime = lockTime
        self.fundingPublicKey = fundingPublicKey
        self.tlvs = tlvs
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("channel_id", &channelID)
        try coder.signed("funding_contribution_satoshis", &fundingContribution)
        try coder.field("funding_feerate_perkw", &fundingFeerate)
        try coder.field("locktime", &lockTime)
        try coder.field("funding_pubkey", &fundingPublicKey)
        try coder.stream(&tlvs)
    }
}

/// The records of ``SpliceInit``.
public struct SpliceInitTLVs: TLVStream {
    public static var name: StaticString { "splice_init_tlvs" }

    /// Whether only confirmed coins may be used.
    public var requireConfirmedInputs = false
    public var unknownRecords: [TLVRecord] = []

    public init() {}

    /// A stream of these records.
    public init(
        requireConfirmedInputs: Bool = false
    ) {
        self.requireConfirmedInputs = requireConfirmedInputs
    }

    public mutating func code<C: TLVCoder>(_ coder: inout C) throws(WireError) {
        try coder.flag(2, "require_confirmed_inputs", &requireConfirmedInputs)
    }
}

/// Agrees to ``SpliceInit`` (BOLT 2).
public struct SpliceAck: LightningMessage {
    public static var type: UInt16 { 81 }
    public static var name: StaticString { "splice_ack" }

    public var channelID: ChannelID = ChannelID.blank
    /// What the sender adds; negative where it takes out.
    public var fundingContribution: Satoshi = Satoshi.blank
    public var fundingPublicKey: Point = Point.blank
    public var tlvs: SpliceAckTLVs = SpliceAckTLVs()

    public init() {}

    /// A message of these fields.
    public init(
        channelID: ChannelID,
        fundingContribution: Satoshi,
        fundingPublicKey: Point,
        tlvs: SpliceAckTLVs = SpliceAckTLVs()
    ) {
        self.channelID = channelID
        self.fundingContribution = fundingContribution
        self.fundingPublicKey = fundingPublicKey
        self.tlvs = tlvs
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("channel_id", &channelID)
        try coder.signed("funding_contribution_satoshis", &fundingContribution)
        try coder.field("funding_pubkey", &fundingPublicKey)
        try coder.stream(&tlvs)
    }
}

/// The records of ``SpliceAck``.
public struct SpliceAckTLVs: TLVStream {
    public static var name: StaticString { "splice_ack_tlvs" }

    /// Whether only confirmed coins may be used.
    public var requireConfirmedInputs = false
    public var unknownRecords: [TLVRecord] = []

    public init() {}

    /// A stream of these records.
    public init(
        requireConfirmedInputs: Bool = false
    ) {
        self.requireConfirmedInputs = requireConfirmedInputs
    }

    public mutating func code<C: TLVCoder>(_ coder: inout C) throws(WireError) {
        try coder.flag(2, "require_confirmed_inputs", &requireConfirmedInputs)
    }
}

/// Says that the new funding transaction is deep enough (BOLT 2).
public struct SpliceLocked: LightningMessage {
    public static var type: UInt16 { 77 }
    public static var name: StaticString { "splice_locked" }

    public var channelID: ChannelID = ChannelID.blank
    public var spliceTransactionID: TransactionID = TransactionID.blank
    public var tlvs: EmptyTLVs = EmptyTLVs()

    public init() {}

    /// A message of these fields.
    public init(
        channelID: ChannelID,
        spliceTransactionID: TransactionID,
        tlvs: EmptyTLVs = EmptyTLVs()
    ) {
        self.channelID = channelID
        self.spliceTransactionID = spliceTransactionID
        self.tlvs = tlvs
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("channel_id", &channelID)
        try coder.field("splice_txid", &spliceTransactionID)
        try coder.stream(&tlvs)
    }
}

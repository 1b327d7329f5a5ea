import Bitcoin

/// Tells after reconnecting where the sender stands (BOLT 2).
public struct ChannelReestablish: LightningMessage {
    public static var type: UInt16 { 136 }
    public static var name: StaticString { "channel_reestablish" }

    public var channelID: ChannelID = ChannelID.blank
    /// Of the commitment transaction that the sender expects to receive next.
    public var nextCommitmentNumber: UInt64 = 0
    /// Of the revocation that the sender expects to receive next.
    public var nextRevocationNumber: UInt64 = 0
    /// The last one that the sender received; zero where it has none.
    public var yourLastPerCommitmentSecret: PerCommitmentSecret = PerCommitmentSecret.blank
    public var myCurrentPerCommitmentPoint: Point = Point.blank
    public var tlvs: ChannelReestablishTLVs = ChannelReestablishTLVs()

    public init() {}

    /// A message of these fields.
    public init(
        channelID: ChannelID,
        nextCommitmentNumber: UInt64,
        nextRevocationNumber: UInt64,
        yourLastPerCommitmentSecret: PerCommitmentSecret,
        myCurrentPerCommitmentPoint: Point,
        tlvs: ChannelReestablishTLVs = ChannelReestablishTLVs()
    ) {
        self.channelID = channelID
        self.nextCommitmentNumber = nextCommitmentNumber
        self.nextRevocationNumber = nextRevocationNumber
        self.yourLastPerCommitmentSecret = yourLastPerCommitmentSecret
        self.myCurrentPerCommitmentPoint = myCurrentPerCommitmentPoint
        self.tlvs = tlvs
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("channel_id", &channelID)
        try coder.field("next_commitment_number", &nextCommitmentNumber)
        try coder.field("next_revocation_number", &nextRevocationNumber)
        try coder.field("your_last_per_commitment_secret", &yourLastPerCommitmentSecret)
        try coder.field("my_current_per_commitment_point", &myCurrentPerCommitmentPoint)
        try coder.stream(&tlvs)
    }
}

/// The records of ``ChannelReestablish``.
public struct ChannelReestablishTLVs: TLVStream {
    public static var name: StaticString { "channel_reestablish_tlvs" }

    /// The funding transaction whose signatures the sender still needs.
    public var nextFunding: NextFunding?
    /// The last funding transaction for which the sender sent ``SpliceLocked``.
    public var myCurrentFundingLocked: CurrentFundingLocked?
    public var unknownRecords: [TLVRecord] = []

    public init() {}

    /// A stream of these records.
    public init(
        nextFunding: NextFunding? = nil,
        myCurrentFundingLocked: CurrentFundingLocked? = nil
    ) {
        self.nextFunding = nextFunding
        self.myCurrentFundingLocked = myCurrentFundingLocked
    }

    public mutating func code<C: TLVCoder>(_ coder: inout C) throws(WireError) {
        try coder.record(1, "next_funding", structure: &nextFunding)
        try coder.record(5, "my_current_funding_locked", structure: &myCurrentFundingLocked)
    }
}

/// A funding transaction that is not fully signed.
public struct NextFunding: TLVStructure {
    public var transactionID: TransactionID = TransactionID.blank
    /// Bit 0 asks for `commitment_signed`.
    public var retransmitFlags: UInt8 = 0

    public init() {}

    /// A value of these fields.
    public init(
        transactionID: TransactionID,
        retransmitFlags: UInt8
    ) {
        self.transactionID = transactionID
        self.retransmitFlags = retransmitFlags
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("next_funding_txid", &transactionID)
        try coder.field("retransmit_flags", &retransmitFlags)
    }
}

/// A funding transaction that is locked.
public struct CurrentFundingLocked: TLVStructure {
    public var transactionID: TransactionID = TransactionID.blank
    /// Bit 0 asks for `announcement_signatures`.
    public var retransmitFlags: UInt8 = 0

    public init() {}

    /// A value of these fields.
    public init(
        transactionID: TransactionID,
        retransmitFlags: UInt8
    ) {
        self.transactionID = transactionID
        self.retransmitFlags = retransmitFlags
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("my_current_funding_locked_txid", &transactionID)
        try coder.field("retransmit_flags", &retransmitFlags)
    }
}

import Bitcoin

/// Asks to open a channel that both sides may fund (BOLT 2).
public struct OpenChannel2: LightningMessage {
    public static var type: UInt16 { 64 }
    public static var name: StaticString { "open_channel2" }

    public var chainHash: BlockHash = BlockHash.blank
    /// Names the channel until its funding transaction is known.
    public var temporaryChannelID: ChannelID = ChannelID.blank
    /// The fee rate of the funding transaction.
    public var fundingFeerate: FeeratePerKw = FeeratePerKw.blank
    /// The fee rate of the first commitment transactions.
    public var commitmentFeerate: FeeratePerKw = FeeratePerKw.blank
    /// What the sender puts in.
    public var fundingAmount: Satoshi = Satoshi.blank
    /// Outputs of the sender's commitment transaction below this are left out.
    public var dustLimit: Satoshi = Satoshi.blank
    /// The most that HTLCs offered to the sender may add up to.
    public var maxHTLCValueInFlight: MilliSatoshi = MilliSatoshi.blank
    /// The least HTLC that the sender accepts.
    public var htlcMinimum: MilliSatoshi = MilliSatoshi.blank
    /// The blocks for which the receiver must delay its own funds after it closes alone.
    public var toSelfDelay: UInt16 = 0
    /// The most HTLCs that the receiver may have offered at once; at most 483.
    public var maxAcceptedHTLCs: UInt16 = 0
    /// Of the funding transaction.
    public var lockTime: LockTime = LockTime.blank
    public var keys = OpeningKeys()
    public var secondPerCommitmentPoint: Point = Point.blank
    public var channelFlags: ChannelFlags = ChannelFlags.blank
    public var tlvs: OpeningTLVs = OpeningTLVs()

    public init() {}

    /// A message of these fields.
    public init(
        chainHash: BlockHash,
        temporaryChannelID: ChannelID,
        fundingFeerate: FeeratePerKw,
        commitmentFeerate: FeeratePerKw,
        fundingAmount: Satoshi,
        dustLimit: Satoshi,
        maxHTLCValueInFlight: MilliSatoshi,
        htlcMinimum: MilliSatoshi,
        toSelfDelay: UInt16,
        maxAcceptedHTLCs: UInt16,
        lockTime: LockTime,
        keys: OpeningKeys,
        secondPerCommitmentPoint: Point,
        channelFlags: ChannelFlags,
        tlvs: OpeningTLVs = OpeningTLVs()
    ) {
        self.chainHash = chainHash
        self.temporaryChannelID = temporaryChannelID
        self.fundingFeerate = fundingFeerate
        self.commitmentFeerate = commitmentFeerate
        self.fundingAmount = fundingAmount
        self.dustLimit = dustLimit
        self.maxHTLCValueInFlight = maxHTLCValueInFlight
        self.htlcMinimum = htlcMinimum
        self.toSelfDelay = toSelfDelay
        self.maxAcceptedHTLCs = maxAcceptedHTLCs
        self.lockTime = lockTime
        self.keys = keys
        self.secondPerCommitmentPoint = secondPerCommitmentPoint
        self.channelFlags = channelFlags
        self.tlvs = tlvs
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("chain_hash", &chainHash)
        try coder.field("temporary_channel_id", &temporaryChannelID)
        try coder.field("funding_feerate_perkw", &fundingFeerate)
        try coder.field("commitment_feerate_perkw", &commitmentFeerate)
        try coder.field("funding_satoshis", &fundingAmount)
        try coder.field("dust_limit_satoshis", &dustLimit)
        try coder.field("max_htlc_value_in_flight_msat", &maxHTLCValueInFlight)
        try coder.field("htlc_minimum_msat", &htlcMinimum)
        try coder.field("to_self_delay", &toSelfDelay)
        try coder.field("max_accepted_htlcs", &maxAcceptedHTLCs)
        try coder.field("locktime", &lockTime)
        try keys.code(&coder)
        try coder.field("second_per_commitment_point", &secondPerCommitmentPoint)
        try coder.field("channel_flags", &channelFlags)
        try coder.stream(&tlvs)
    }
}

/// The records of ``OpenChannel2``.
public struct OpeningTLVs: TLVStream {
    public static var name: StaticString { "opening_tlvs" }

    /// The only script that the sender will accept for its funds at a mutual close; empty for
    /// none.
    public var upfrontShutdownScript: Script?
    /// The kind of channel, as feature bits.
    public var channelType: Features?
    /// Whether only confirmed coins may fund the channel.
    public var requireConfirmedInputs = false
    public var unknownRecords: [TLVRecord] = []

    public init() {}

    /// A stream of these records.
    public init(
        upfrontShutdownScript: Script? = nil,
        channelType: Features? = nil,
        requireConfirmedInputs: Bool = false
    ) {
        self.upfrontShutdownScript = upfrontShutdownScript
        self.channelType = channelType
        self.requireConfirmedInputs = requireConfirmedInputs
    }

    public mutating func code<C: TLVCoder>(_ coder: inout C) throws(WireError) {
        try coder.record(
            0, "upfront_shutdown_script", bytesOf: "shutdown_scriptpubkey", &upfrontShutdownScript)
        try coder.record(1, "channel_type", bytesOf: "type", &channelType)
        try coder.flag(2, "require_confirmed_inputs", &requireConfirmedInputs)
    }
}

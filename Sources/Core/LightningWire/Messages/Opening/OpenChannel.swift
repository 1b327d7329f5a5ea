import Bitcoin

/// Asks to open a channel that the sender funds (BOLT 2).
public struct OpenChannel: LightningMessage {
    public static var type: UInt16 { 32 }
    public static var name: StaticString { "open_channel" }

    public var chainHash: BlockHash = BlockHash.blank
    /// Names the channel until its funding transaction is known.
    public var temporaryChannelID: ChannelID = ChannelID.blank
    /// What the sender puts in.
    public var fundingAmount: Satoshi = Satoshi.blank
    /// What of it is the receiver's from the start.
    public var pushAmount: MilliSatoshi = MilliSatoshi.blank
    /// Outputs of the sender's commitment transaction below this are left out.
    public var dustLimit: Satoshi = Satoshi.blank
    /// The most that HTLCs offered to the sender may add up to.
    public var maxHTLCValueInFlight: MilliSatoshi = MilliSatoshi.blank
    /// What the receiver must keep on its side, as a stake.
    public var channelReserve: Satoshi = Satoshi.blank
    /// The least HTLC that the sender accepts.
    public var htlcMinimum: MilliSatoshi = MilliSatoshi.blank
    /// The fee rate of the first commitment transactions.
    public var feerate: FeeratePerKw = FeeratePerKw.blank
    /// The blocks for which the receiver must delay its own funds after it closes alone.
    public var toSelfDelay: UInt16 = 0
    /// The most HTLCs that the receiver may have offered at once; at most 483.
    public var maxAcceptedHTLCs: UInt16 = 0
    public var keys = OpeningKeys()
    public var channelFlags: ChannelFlags = ChannelFlags.blank
    public var tlvs: OpenChannelTLVs = OpenChannelTLVs()

    public init() {}

    /// A message of these fields.
    public init(
        chainHash: BlockHash,
        temporaryChannelID: ChannelID,
        fundingAmount: Satoshi,
        pushAmount: MilliSatoshi,
        dustLimit: Satoshi,
        maxHTLCValueInFlight: MilliSatoshi,
        channelReserve: Satoshi,
        htlcMinimum: MilliSatoshi,
        feerate: FeeratePerKw,
        toSelfDelay: UInt16,
        maxAcceptedHTLCs: UInt16,
        keys: OpeningKeys,
        channelFlags: ChannelFlags,
        tlvs: OpenChannelTLVs = OpenChannelTLVs()
    ) {
        self.chainHash = chainHash
        self.temporaryChannelID = temporaryChannelID
        self.fundingAmount = fundingAmount
        self.pushAmount = pushAmount
        self.dustLimit = dustLimit
        self.maxHTLCValueInFlight = maxHTLCValueInFlight
        self.channelReserve = channelReserve
        self.htlcMinimum = htlcMinimum
        self.feerate = feerate
        self.toSelfDelay = toSelfDelay
        self.maxAcceptedHTLCs = maxAcceptedHTLCs
        self.keys = keys
        self.channelFlags = channelFlags
        self.tlvs = tlvs
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("chain_hash", &chainHash)
        try coder.field("temporary_channel_id", &temporaryChannelID)
        try coder.field("funding_satoshis", &fundingAmount)
        try coder.field("push_msat", &pushAmount)
        try coder.field("dust_limit_satoshis", &dustLimit)
        try coder.field("max_htlc_value_in_flight_msat", &maxHTLCValueInFlight)
        try coder.field("channel_reserve_satoshis", &channelReserve)
        try coder.field("htlc_minimum_msat", &htlcMinimum)
        try coder.field("feerate_per_kw", &feerate)
        try coder.field("to_self_delay", &toSelfDelay)
        try coder.field("max_accepted_htlcs", &maxAcceptedHTLCs)
        try keys.code(&coder)
        try coder.field("channel_flags", &channelFlags)
        try coder.stream(&tlvs)
    }
}

/// The records of ``OpenChannel``.
public struct OpenChannelTLVs: TLVStream {
    public static var name: StaticString { "open_channel_tlvs" }

    /// The only script that the sender will accept for its funds at a mutual close; empty for
    /// none.
    public var upfrontShutdownScript: Script?
    /// The kind of channel, as feature bits.
    public var channelType: Features?
    public var unknownRecords: [TLVRecord] = []

    public init() {}

    /// A stream of these records.
    public init(
        upfrontShutdownScript: Script? = nil,
        channelType: Features? = nil
    ) {
        self.upfrontShutdownScript = upfrontShutdownScript
        self.channelType = channelType
    }

    public mutating func code<C: TLVCoder>(_ coder: inout C) throws(WireError) {
        try coder.record(
            0, "upfront_shutdown_script", bytesOf: "shutdown_scriptpubkey", &upfrontShutdownScript)
        try coder.record(1, "channel_type", bytesOf: "type", &channelType)
    }
}

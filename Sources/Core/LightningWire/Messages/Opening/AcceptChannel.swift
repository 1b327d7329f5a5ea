import Bitcoin

/// Agrees to ``OpenChannel`` (BOLT 2).
public struct AcceptChannel: LightningMessage {
    public static var type: UInt16 { 33 }
    public static var name: StaticString { "accept_channel" }

    /// Names the channel until its funding transaction is known.
    public var temporaryChannelID: ChannelID = ChannelID.blank
    /// Outputs of the sender's commitment transaction below this are left out.
    public var dustLimit: Satoshi = Satoshi.blank
    /// The most that HTLCs offered to the sender may add up to.
    public var maxHTLCValueInFlight: MilliSatoshi = MilliSatoshi.blank
    /// What the receiver must keep on its side, as a stake.
    public var channelReserve: Satoshi = Satoshi.blank
    /// The least HTLC that the sender accepts.
    public var htlcMinimum: MilliSatoshi = MilliSatoshi.blank
    /// The confirmations that the sender waits for; 0 for a channel that is ready at once.
    public var minimumDepth: UInt32 = 0
    /// The blocks for which the receiver must delay its own funds after it closes alone.
    public var toSelfDelay: UInt16 = 0
    /// The most HTLCs that the receiver may have offered at once; at most 483.
    public var maxAcceptedHTLCs: UInt16 = 0
    public var keys = OpeningKeys()
    public var tlvs: AcceptChannelTLVs = AcceptChannelTLVs()

    public init() {}

    /// A message of these fields.
    public init(
        temporaryChannelID: ChannelID,
        dustLimit: Satoshi,
        maxHTLCValueInFlight: MilliSatoshi,
        channelReserve: Satoshi,
        htlcMinimum: MilliSatoshi,
        minimumDepth: UInt32,
        toSelfDelay: UInt16,
        maxAcceptedHTLCs: UInt16,
        keys: OpeningKeys,
        tlvs: AcceptChannelTLVs = AcceptChannelTLVs()
    ) {
        self.temporaryChannelID = temporaryChannelID
        self.dustLimit = dustLimit
        self.maxHTLCValueInFlight = maxHTLCValueInFlight
        self.channelReserve = channelReserve
        self.htlcMinimum = htlcMinimum
        self.minimumDepth = minimumDepth
        self.toSelfDelay = toSelfDelay
        self.maxAcceptedHTLCs = maxAcceptedHTLCs
        self.keys = keys
        self.tlvs = tlvs
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("temporary_channel_id", &temporaryChannelID)
        try coder.field("dust_limit_satoshis", &dustLimit)
        try coder.field("max_htlc_value_in_flight_msat", &maxHTLCValueInFlight)
        try coder.field("channel_reserve_satoshis", &channelReserve)
        try coder.field("htlc_minimum_msat", &htlcMinimum)
        try coder.field("minimum_depth", &minimumDepth)
        try coder.field("to_self_delay", &toSelfDelay)
        try coder.field("max_accepted_htlcs", &maxAcceptedHTLCs)
        try keys.code(&coder)
        try coder.stream(&tlvs)
    }
}

/// The records of ``AcceptChannel``.
public struct AcceptChannelTLVs: TLVStream {
    public static var name: StaticString { "accept_channel_tlvs" }

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

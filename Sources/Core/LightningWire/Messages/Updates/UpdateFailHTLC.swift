import Bitcoin

/// Gives an HTLC back (BOLT 2).
public struct UpdateFailHTLC: LightningMessage {
    public static var type: UInt16 { 131 }
    public static var name: StaticString { "update_fail_htlc" }

    public var channelID: ChannelID = ChannelID.blank
    /// The number of the HTLC among those of its offerer, from 0.
    public var id: UInt64 = 0
    /// Why, encrypted for the sender of the payment (BOLT 4).
    public var reason: [UInt8] = []
    public var tlvs: UpdateFailHTLCTLVs = UpdateFailHTLCTLVs()

    public init() {}

    /// A message of these fields.
    public init(
        channelID: ChannelID,
        id: UInt64,
        reason: [UInt8],
        tlvs: UpdateFailHTLCTLVs = UpdateFailHTLCTLVs()
    ) {
        self.channelID = channelID
        self.id = id
        self.reason = reason
        self.tlvs = tlvs
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("channel_id", &channelID)
        try coder.field("id", &id)
        try coder.bytes("reason", length: "len", &reason)
        try coder.stream(&tlvs)
    }
}

/// The records of ``UpdateFailHTLC``.
public struct UpdateFailHTLCTLVs: TLVStream {
    public static var name: StaticString { "update_fail_htlc_tlvs" }

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

/// Gives an HTLC back whose onion could not be read (BOLT 2).
public struct UpdateFailMalformedHTLC: LightningMessage {
    public static var type: UInt16 { 135 }
    public static var name: StaticString { "update_fail_malformed_htlc" }

    public var channelID: ChannelID = ChannelID.blank
    /// The number of the HTLC among those of its offerer, from 0.
    public var id: UInt64 = 0
    public var onionHash: Hash256 = Hash256.blank
    public var failureCode: UInt16 = 0
    public var tlvs: EmptyTLVs = EmptyTLVs()

    public init() {}

    /// A message of these fields.
    public init(
        channelID: ChannelID,
        id: UInt64,
        onionHash: Hash256,
        failureCode: UInt16,
        tlvs: EmptyTLVs = EmptyTLVs()
    ) {
        self.channelID = channelID
        self.id = id
        self.onionHash = onionHash
        self.failureCode = failureCode
        self.tlvs = tlvs
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("channel_id", &channelID)
        try coder.field("id", &id)
        try coder.field("sha256_of_onion", &onionHash)
        try coder.field("failure_code", &failureCode)
        try coder.stream(&tlvs)
    }
}

/// Hold times and truncated authentication codes of up to 20 hops (BOLT 4).
public struct AttributionData: TLVStructure {
    /// How long each hop held the HTLC, in units of 100 ms.
    public var holdTimes: [UInt32] = []
    public var truncatedHMACs: [TruncatedHMAC] = []

    public init() {}

    /// A value of these fields.
    public init(
        holdTimes: [UInt32],
        truncatedHMACs: [TruncatedHMAC]
    ) {
        self.holdTimes = holdTimes
        self.truncatedHMACs = truncatedHMACs
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.list("htlc_hold_times", count: 20, &holdTimes)
        try coder.list("truncated_hmacs", count: 210, &truncatedHMACs)
    }
}

import Bitcoin

/// Asks for announcements of certain channels (BOLT 7).
public struct QueryShortChannelIDs: LightningMessage {
    public static var type: UInt16 { 261 }
    public static var name: StaticString { "query_short_channel_ids" }

    public var chainHash: BlockHash = BlockHash.blank
    /// A byte for the encoding and the ids, which ``ShortChannelIDList`` reads.
    public var encodedShortIDs: [UInt8] = []
    public var tlvs: QueryShortChannelIDsTLVs = QueryShortChannelIDsTLVs()

    public init() {}

    /// A message of these fields.
    public init(
        chainHash: BlockHash,
        encodedShortIDs: [UInt8],
        tlvs: QueryShortChannelIDsTLVs = QueryShortChannelIDsTLVs()
    ) {
        self.chainHash = chainHash
        self.encodedShortIDs = encodedShortIDs
        self.tlvs = tlvs
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("chain_hash", &chainHash)
        try coder.bytes("encoded_short_ids", length: "len", &encodedShortIDs)
        try coder.stream(&tlvs)
    }
}

/// The records of ``QueryShortChannelIDs``.
public struct QueryShortChannelIDsTLVs: TLVStream {
    public static var name: StaticString { "query_short_channel_ids_tlvs" }

    /// What of each channel is wanted.
    public var queryFlags: QueryFlags?
    public var unknownRecords: [TLVRecord] = []

    public init() {}

    /// A stream of these records.
    public init(
        queryFlags: QueryFlags? = nil
    ) {
        self.queryFlags = queryFlags
    }

    public mutating func code<C: TLVCoder>(_ coder: inout C) throws(WireError) {
        try coder.record(1, "query_flags", structure: &queryFlags)
    }
}

/// What of each channel is wanted: one BigSize for each.
public struct QueryFlags: TLVStructure {
    /// 0 for uncompressed, the only one that may be sent.
    public var encodingType: UInt8 = 0
    public var encodedFlags: [UInt8] = []

    public init() {}

    /// A value of these fields.
    public init(
        encodingType: UInt8,
        encodedFlags: [UInt8]
    ) {
        self.encodingType = encodingType
        self.encodedFlags = encodedFlags
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("encoding_type", &encodingType)
        try coder.remainingBytes("encoded_query_flags", &encodedFlags)
    }
}

/// Ends the answer to ``QueryShortChannelIDs`` (BOLT 7).
public struct ReplyShortChannelIDsEnd: LightningMessage {
    public static var type: UInt16 { 262 }
    public static var name: StaticString { "reply_short_channel_ids_end" }

    public var chainHash: BlockHash = BlockHash.blank
    /// 0 where the sender does not keep the chain's channels up to date.
    public var fullInformation: UInt8 = 0
    public var tlvs: EmptyTLVs = EmptyTLVs()

    public init() {}

    /// A message of these fields.
    public init(
        chainHash: BlockHash,
        fullInformation: UInt8,
        tlvs: EmptyTLVs = EmptyTLVs()
    ) {
        self.chainHash = chainHash
        self.fullInformation = fullInformation
        self.tlvs = tlvs
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("chain_hash", &chainHash)
        try coder.field("full_information", &fullInformation)
        try coder.stream(&tlvs)
    }
}

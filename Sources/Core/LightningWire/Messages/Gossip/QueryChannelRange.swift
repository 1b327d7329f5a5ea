import Bitcoin

/// Asks which channels were opened in a range of blocks (BOLT 7).
public struct QueryChannelRange: LightningMessage {
    public static var type: UInt16 { 263 }
    public static var name: StaticString { "query_channel_range" }

    public var chainHash: BlockHash = BlockHash.blank
    public var firstBlock: BlockHeight = BlockHeight.blank
    public var numberOfBlocks: UInt32 = 0
    public var tlvs: QueryChannelRangeTLVs = QueryChannelRangeTLVs()

    public init() {}

    /// A message of these fields.
    public init(
        chainHash: BlockHash,
        firstBlock: BlockHeight,
        numberOfBlocks: UInt32,
        tlvs: QueryChannelRangeTLVs = QueryChannelRangeTLVs()
    ) {
        self.chainHash = chainHash
        self.firstBlock = firstBlock
        self.numberOfBlocks = numberOfBlocks
        self.tlvs = tlvs
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("chain_hash", &chainHash)
        try coder.field("first_blocknum", &firstBlock)
        try coder.field("number_of_blocks", &numberOfBlocks)
        try coder.stream(&tlvs)
    }
}

/// The records of ``QueryChannelRange``.
public struct QueryChannelRangeTLVs: TLVStream {
    public static var name: StaticString { "query_channel_range_tlvs" }

    /// Bit 0 asks for timestamps, bit 1 for checksums.
    public var queryOptionFlags: UInt64?
    public var unknownRecords: [TLVRecord] = []

    public init() {}

    /// A stream of these records.
    public init(
        queryOptionFlags: UInt64? = nil
    ) {
        self.queryOptionFlags = queryOptionFlags
    }

    public mutating func code<C: TLVCoder>(_ coder: inout C) throws(WireError) {
        try coder.record(1, "query_option", bigSize: "query_option_flags", &queryOptionFlags)
    }
}

/// Answers ``QueryChannelRange``, perhaps in several parts (BOLT 7).
public struct ReplyChannelRange: LightningMessage {
    public static var type: UInt16 { 264 }
    public static var name: StaticString { "reply_channel_range" }

    public var chainHash: BlockHash = BlockHash.blank
    public var firstBlock: BlockHeight = BlockHeight.blank
    public var numberOfBlocks: UInt32 = 0
    public var syncComplete: UInt8 = 0
    /// A byte for the encoding and the ids, which ``ShortChannelIDList`` reads.
    public var encodedShortIDs: [UInt8] = []
    public var tlvs: ReplyChannelRangeTLVs = ReplyChannelRangeTLVs()

    public init() {}

    /// A message of these fields.
    public init(
        chainHash: BlockHash,
        firstBlock: BlockHeight,
        numberOfBlocks: UInt32,
        syncComplete: UInt8,
        encodedShortIDs: [UInt8],
        tlvs: ReplyChannelRangeTLVs = ReplyChannelRangeTLVs()
    ) {
        self.chainHash = chainHash
        self.firstBlock = firstBlock
        self.numberOfBlocks = numberOfBlocks
        self.syncComplete = syncComplete
        self.encodedShortIDs = encodedShortIDs
        self.tlvs = tlvs
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("chain_hash", &chainHash)
        try coder.field("first_blocknum", &firstBlock)
        try coder.field("number_of_blocks", &numberOfBlocks)
        try coder.field("sync_complete", &syncComplete)
        try coder.bytes("encoded_short_ids", length: "len", &encodedShortIDs)
        try coder.stream(&tlvs)
    }
}

/// The records of ``ReplyChannelRange``.
public struct ReplyChannelRangeTLVs: TLVStream {
    public static var name: StaticString { "reply_channel_range_tlvs" }

    /// The times of each channel's two updates.
    public var timestamps: EncodedTimestamps?
    /// The checksums of each channel's two updates.
    public var checksums: [ChannelUpdateChecksums]?
    public var unknownRecords: [TLVRecord] = []

    public init() {}

    /// A stream of these records.
    public init(
        timestamps: EncodedTimestamps? = nil,
        checksums: [ChannelUpdateChecksums]? = nil
    ) {
        self.timestamps = timestamps
        self.checksums = checksums
    }

    public mutating func code<C: TLVCoder>(_ coder: inout C) throws(WireError) {
        try coder.record(1, "timestamps_tlv", structure: &timestamps)
        try coder.record(3, "checksums_tlv", list: "checksums", &checksums)
    }
}

/// The times of channel updates.
public struct EncodedTimestamps: TLVStructure {
    /// 0 for uncompressed, the only one that may be sent.
    public var encodingType: UInt8 = 0
    public var encodedTimestamps: [UInt8] = []

    public init() {}

    /// A value of these fields.
    public init(
        encodingType: UInt8,
        encodedTimestamps: [UInt8]
    ) {
        self.encodingType = encodingType
        self.encodedTimestamps = encodedTimestamps
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("encoding_type", &encodingType)
        try coder.remainingBytes("encoded_timestamps", &encodedTimestamps)
    }
}

/// Asks for gossip whose timestamp is in a range (BOLT 7).
public struct GossipTimestampFilter: LightningMessage {
    public static var type: UInt16 { 265 }
    public static var name: StaticString { "gossip_timestamp_filter" }

    public var chainHash: BlockHash = BlockHash.blank
    /// Seconds since 1970.
    public var firstTimestamp: UInt32 = 0
    /// In seconds.
    public var timestampRange: UInt32 = 0
    public var tlvs: EmptyTLVs = EmptyTLVs()

    public init() {}

    /// A message of these fields.
    public init(
        chainHash: BlockHash,
        firstTimestamp: UInt32,
        timestampRange: UInt32,
        tlvs: EmptyTLVs = EmptyTLVs()
    ) {
        self.chainHash = chainHash
        self.firstTimestamp = firstTimestamp
        self.timestampRange = timestampRange
        self.tlvs = tlvs
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("chain_hash", &chainHash)
        try coder.field("first_timestamp", &firstTimestamp)
        try coder.field("timestamp_range", &timestampRange)
        try coder.stream(&tlvs)
    }
}

import Bitcoin

/// Says that the next messages belong together (BOLT 2).
public struct StartBatch: LightningMessage {
    public static var type: UInt16 { 127 }
    public static var name: StaticString { "start_batch" }

    public var channelID: ChannelID = ChannelID.blank
    public var batchSize: UInt16 = 0
    public var tlvs: StartBatchTLVs = StartBatchTLVs()

    public init() {}

    /// A message of these fields.
    public init(
        channelID: ChannelID,
        batchSize: UInt16,
        tlvs: StartBatchTLVs = StartBatchTLVs()
    ) {
        self.channelID = channelID
        self.batchSize = batchSize
        self.tlvs = tlvs
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("channel_id", &channelID)
        try coder.field("batch_size", &batchSize)
        try coder.stream(&tlvs)
    }
}

/// The records of ``StartBatch``.
public struct StartBatchTLVs: TLVStream {
    public static var name: StaticString { "start_batch_tlvs" }

    /// The type of the messages in the batch.
    public var messageType: UInt16?
    public var unknownRecords: [TLVRecord] = []

    public init() {}

    /// A stream of these records.
    public init(
        messageType: UInt16? = nil
    ) {
        self.messageType = messageType
    }

    public mutating func code<C: TLVCoder>(_ coder: inout C) throws(WireError) {
        try coder.record(1, "message_type", field: "message_type", &messageType)
    }
}

/// Signs the receiver's next commitment transaction and its HTLC transactions (BOLT 2).
public struct CommitmentSigned: LightningMessage {
    public static var type: UInt16 { 132 }
    public static var name: StaticString { "commitment_signed" }

    public var channelID: ChannelID = ChannelID.blank
    public var signature: WireSignature = WireSignature.blank
    /// One for each HTLC output, in the order of the outputs.
    public var htlcSignatures: [WireSignature] = []
    public var tlvs: CommitmentSignedTLVs = CommitmentSignedTLVs()

    public init() {}

    /// A message of these fields.
    public init(
        channelID: ChannelID,
        signature: WireSignature,
        htlcSignatures: [WireSignature],
        tlvs: CommitmentSignedTLVs = CommitmentSignedTLVs()
    ) {
        self.channelID = channelID
        self.signature = signature
        self.htlcSignatures = htlcSignatures
        self.tlvs = tlvs
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("channel_id", &channelID)
        try coder.field("signature", &signature)
        try coder.list("htlc_signature", count: "num_htlcs", &htlcSignatures)
        try coder.stream(&tlvs)
    }
}

/// The records of ``CommitmentSigned``.
public struct CommitmentSignedTLVs: TLVStream {
    public static var name: StaticString { "commitment_signed_tlvs" }

    /// The funding transaction that the commitment spends, where there are several.
    public var fundingTransactionID: TransactionID?
    public var unknownRecords: [TLVRecord] = []

    public init() {}

    /// A stream of these records.
    public init(
        fundingTransactionID: TransactionID? = nil
    ) {
        self.fundingTransactionID = fundingTransactionID
    }

    public mutating func code<C: TLVCoder>(_ coder: inout C) throws(WireError) {
        try coder.record(1, "funding_txid", field: "funding_txid", &fundingTransactionID)
    }
}

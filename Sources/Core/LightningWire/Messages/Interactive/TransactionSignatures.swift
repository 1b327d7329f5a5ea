import Bitcoin

/// Signs the sender's inputs (BOLT 2).
public struct TxSignatures: LightningMessage {
    public static var type: UInt16 { 71 }
    public static var name: StaticString { "tx_signatures" }

    public var channelID: ChannelID = ChannelID.blank
    public var transactionID: TransactionID = TransactionID.blank
    /// One for each of the sender's inputs, in the order of the transaction.
    public var witnesses: [WitnessData] = []
    public var tlvs: TxSignaturesTLVs = TxSignaturesTLVs()

    public init() {}

    /// A message of these fields.
    public init(
        channelID: ChannelID,
        transactionID: TransactionID,
        witnesses: [WitnessData],
        tlvs: TxSignaturesTLVs = TxSignaturesTLVs()
    ) {
        self.channelID = channelID
        self.transactionID = transactionID
        self.witnesses = witnesses
        self.tlvs = tlvs
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("channel_id", &channelID)
        try coder.field("txid", &transactionID)
        try coder.list("witnesses", count: "num_witnesses", &witnesses)
        try coder.stream(&tlvs)
    }
}

/// The records of ``TxSignatures``.
public struct TxSignaturesTLVs: TLVStream {
    public static var name: StaticString { "tx_signatures_tlvs" }

    /// The sender's signature for the shared input of a splice.
    public var sharedInputSignature: WireSignature?
    public var unknownRecords: [TLVRecord] = []

    public init() {}

    /// A stream of these records.
    public init(
        sharedInputSignature: WireSignature? = nil
    ) {
        self.sharedInputSignature = sharedInputSignature
    }

    public mutating func code<C: TLVCoder>(_ coder: inout C) throws(WireError) {
        try coder.record(0, "shared_input_signature", field: "signature", &sharedInputSignature)
    }
}

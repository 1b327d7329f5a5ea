import Bitcoin

/// Adds an input to the transaction under construction (BOLT 2).
public struct TxAddInput: LightningMessage {
    public static var type: UInt16 { 66 }
    public static var name: StaticString { "tx_add_input" }

    public var channelID: ChannelID = ChannelID.blank
    /// Even from the initiator, odd from the other side.
    public var serialID: UInt64 = 0
    /// The transaction with the output that is spent, so that its amount can be checked; empty
    /// for the shared input of a splice.
    public var previousTransaction: [UInt8] = []
    public var previousOutputIndex: UInt32 = 0
    public var sequence: InputSequence = InputSequence.blank
    public var tlvs: TxAddInputTLVs = TxAddInputTLVs()

    public init() {}

    /// A message of these fields.
    public init(
        channelID: ChannelID,
        serialID: UInt64,
        previousTransaction: [UInt8],
        previousOutputIndex: UInt32,
        sequence: InputSequence,
        tlvs: TxAddInputTLVs = TxAddInputTLVs()
    ) {
        self.channelID = channelID
        self.serialID = serialID
        self.previousTransaction = previousTransaction
        self.previousOutputIndex = previousOutputIndex
        self.sequence = sequence
        self.tlvs = tlvs
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("channel_id", &channelID)
        try coder.field("serial_id", &serialID)
        try coder.bytes("prevtx", length: "prevtx_len", &previousTransaction)
        try coder.field("prevtx_vout", &previousOutputIndex)
        try coder.field("sequence", &sequence)
        try coder.stream(&tlvs)
    }
}

/// The records of ``TxAddInput``.
public struct TxAddInputTLVs: TLVStream {
    public static var name: StaticString { "tx_add_input_tlvs" }

    /// The funding transaction whose output is spent by a splice.
    public var sharedInputTransactionID: TransactionID?
    public var unknownRecords: [TLVRecord] = []

    public init() {}

    /// A stream of these records.
    public init(
        sharedInputTransactionID: TransactionID? = nil
    ) {
        self.sharedInputTransactionID = sharedInputTransactionID
    }

    public mutating func code<C: TLVCoder>(_ coder: inout C) throws(WireError) {
        try coder.record(0, "shared_input_txid", field: "funding_txid", &sharedInputTransactionID)
    }
}

/// Takes an input of the sender's back (BOLT 2).
public struct TxRemoveInput: LightningMessage {
    public static var type: UInt16 { 68 }
    public static var name: StaticString { "tx_remove_input" }

    public var channelID: ChannelID = ChannelID.blank
    public var serialID: UInt64 = 0
    public var tlvs: EmptyTLVs = EmptyTLVs()

    public init() {}

    /// A message of these fields.
    public init(
        channelID: ChannelID,
        serialID: UInt64,
        tlvs: EmptyTLVs = EmptyTLVs()
    ) {
        self.channelID = channelID
        self.serialID = serialID
        self.tlvs = tlvs
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("channel_id", &channelID)
        try coder.field("serial_id", &serialID)
        try coder.stream(&tlvs)
    }
}

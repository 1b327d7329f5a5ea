import Bitcoin

/// Proposes a closing transaction that the sender pays for (BOLT 2).
public struct ClosingComplete: LightningMessage {
    public static var type: UInt16 { 40 }
    public static var name: StaticString { "closing_complete" }

    public var channelID: ChannelID = ChannelID.blank
    public var closerScript: Script = Script()
    public var closeeScript: Script = Script()
    /// Paid by the closer.
    public var fee: Satoshi = Satoshi.blank
    public var lockTime: LockTime = LockTime.blank
    public var tlvs: ClosingTLVs = ClosingTLVs()

    public init() {}

    /// A message of these fields.
    public init(
        channelID: ChannelID,
        closerScript: Script,
        closeeScript: Script,
        fee: Satoshi,
        lockTime: LockTime,
        tlvs: ClosingTLVs = ClosingTLVs()
    ) {
        self.channelID = channelID
        self.closerScript = closerScript
        self.closeeScript = closeeScript
        self.fee = fee
        self.lockTime = lockTime
        self.tlvs = tlvs
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("channel_id", &channelID)
        try coder.bytes(
            "closer_scriptpubkey", length: "closer_scriptpubkey_len", &closerScript.bytes)
        try coder.bytes(
            "closee_scriptpubkey", length: "closee_scriptpubkey_len", &closeeScript.bytes)
        try coder.field("fee_satoshis", &fee)
        try coder.field("locktime", &lockTime)
        try coder.stream(&tlvs)
    }
}

/// Signs the transaction of ``ClosingComplete`` (BOLT 2).
public struct ClosingSig: LightningMessage {
    public static var type: UInt16 { 41 }
    public static var name: StaticString { "closing_sig" }

    public var channelID: ChannelID = ChannelID.blank
    public var closerScript: Script = Script()
    public var closeeScript: Script = Script()
    /// Paid by the closer.
    public var fee: Satoshi = Satoshi.blank
    public var lockTime: LockTime = LockTime.blank
    public var tlvs: ClosingTLVs = ClosingTLVs()

    public init() {}

    /// A message of these fields.
    public init(
        channelID: ChannelID,
        closerScript: Script,
        closeeScript: Script,
        fee: Satoshi,
        lockTime: LockTime,
        tlvs: ClosingTLVs = ClosingTLVs()
    ) {
        self.channelID = channelID
        self.closerScript = closerScript
        self.closeeScript = closeeScript
        self.fee = fee
        self.lockTime = lockTime
        self.tlvs = tlvs
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("channel_id", &channelID)
        try coder.bytes(
            "closer_scriptpubkey", length: "closer_scriptpubkey_len", &closerScript.bytes)
        try coder.bytes(
            "closee_scriptpubkey", length: "closee_scriptpubkey_len", &closeeScript.bytes)
        try coder.field("fee_satoshis", &fee)
        try coder.field("locktime", &lockTime)
        try coder.stream(&tlvs)
    }
}

/// The signatures of ``ClosingComplete`` and ``ClosingSig``, one for each set of outputs.
public struct ClosingTLVs: TLVStream {
    public static var name: StaticString { "closing_tlvs" }

    /// Of a transaction with the closer's output alone.
    public var closerOutputOnly: WireSignature?
    /// Of a transaction with the closee's output alone.
    public var closeeOutputOnly: WireSignature?
    /// Of a transaction with both outputs.
    public var closerAndCloseeOutputs: WireSignature?
    public var unknownRecords: [TLVRecord] = []

    public init() {}

    /// A stream of these records.
    public init(
        closerOutputOnly: WireSignature? = nil,
        closeeOutputOnly: WireSignature? = nil,
        closerAndCloseeOutputs: WireSignature? = nil
    ) {
        self.closerOutputOnly = closerOutputOnly
        self.closeeOutputOnly = closeeOutputOnly
        self.closerAndCloseeOutputs = closerAndCloseeOutputs
    }

    public mutating func code<C: TLVCoder>(_ coder: inout C) throws(WireError) {
        try coder.record(1, "closer_output_only", field: "sig", &closerOutputOnly)
        try coder.record(2, "closee_output_only", field: "sig", &closeeOutputOnly)
        try coder.record(3, "closer_and_closee_outputs", field: "sig", &closerAndCloseeOutputs)
    }
}

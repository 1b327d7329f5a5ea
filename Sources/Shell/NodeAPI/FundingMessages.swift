/// The place of a key in lnd's wallet.
public struct KeyLocator: APIMessage {
    /// The branch.
    public var keyFamily: Int32 = 0
    /// The position in it.
    public var keyIndex: Int32 = 0

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("key_family", &keyFamily)
        try fields.field("key_index", &keyIndex)
    }
}

/// A key in lnd's wallet.
public struct KeyDescriptor: APIMessage {
    /// The key.
    public var rawKeyBytes: [UInt8] = []
    /// Its place.
    public var keyLoc: KeyLocator?

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("raw_key_bytes", &rawKeyBytes)
        try fields.field("key_loc", &keyLoc)
    }
}

/// A funding output that others have agreed upon already.
public struct ChanPointShim: APIMessage {
    /// What it holds, in satoshis.
    public var amt: Int64 = 0
    /// The output.
    public var chanPoint: ChannelPoint?
    /// This side's key in it.
    public var localKey: KeyDescriptor?
    /// The peer's key in it.
    public var remoteKey: [UInt8] = []
    /// The temporary identifier of the channel.
    public var pendingChanId: [UInt8] = []
    /// Until when it may not be closed in agreement.
    public var thawHeight: UInt32 = 0
    /// Whether the keys are put together into one.
    public var musig2: Bool = false

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("amt", &amt)
        try fields.field("chan_point", &chanPoint)
        try fields.field("local_key", &localKey)
        try fields.field("remote_key", &remoteKey)
        try fields.field("pending_chan_id", &pendingChanId)
        try fields.field("thaw_height", &thawHeight)
        try fields.field("musig2", &musig2)
    }
}

/// A channel that others' coins fund.
public struct PsbtShim: APIMessage {
    /// The temporary identifier by which the steps name the channel, 32 bytes of the caller's choice.
    public var pendingChanId: [UInt8] = []
    /// A transaction that the output is added to; empty for a new one.
    public var basePsbt: [UInt8] = []
    /// Whether the transaction is not to be published with this channel, because more channels follow.
    public var noPublish: Bool = false

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("pending_chan_id", &pendingChanId)
        try fields.field("base_psbt", &basePsbt)
        try fields.field("no_publish", &noPublish)
    }
}

/// Who funds a channel.
public struct FundingShim: APIMessage {
    /// An output that is there already.
    public var chanPointShim: ChanPointShim?
    /// Others' coins.
    public var psbtShim: PsbtShim?

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.choice("chan_point_shim", &chanPointShim)
        try fields.choice("psbt_shim", &psbtShim)
    }
}

/// Gives up a funding by others' coins.
public struct FundingShimCancel: APIMessage {
    /// The temporary identifier of the channel.
    public var pendingChanId: [UInt8] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("pending_chan_id", &pendingChanId)
    }
}

/// Shows the transaction that funds channels, so that their peers sign.
public struct FundingPsbtVerify: APIMessage {
    /// The transaction, with all its inputs and outputs; its identifier must be final.
    public var fundedPsbt: [UInt8] = []
    /// The temporary identifier of the channel.
    public var pendingChanId: [UInt8] = []
    /// Whether the signed transaction is published by the caller instead of being shown.
    public var skipFinalize: Bool = false

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("funded_psbt", &fundedPsbt)
        try fields.field("pending_chan_id", &pendingChanId)
        try fields.field("skip_finalize", &skipFinalize)
    }
}

/// Shows the signed transaction that funds channels, to be published.
public struct FundingPsbtFinalize: APIMessage {
    /// The transaction with all signatures.
    public var signedPsbt: [UInt8] = []
    /// The temporary identifier of the channel.
    public var pendingChanId: [UInt8] = []
    /// The finished transaction, instead of the other form.
    public var finalRawTx: [UInt8] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("signed_psbt", &signedPsbt)
        try fields.field("pending_chan_id", &pendingChanId)
        try fields.field("final_raw_tx", &finalRawTx)
    }
}

/// A step of funding by others' coins.
public struct FundingTransitionMsg: APIMessage {
    /// Registers how a channel that a peer opens is funded.
    public var shimRegister: FundingShim?
    /// Gives it up.
    public var shimCancel: FundingShimCancel?
    /// Shows the transaction.
    public var psbtVerify: FundingPsbtVerify?
    /// Shows the signed transaction.
    public var psbtFinalize: FundingPsbtFinalize?

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.choice("shim_register", &shimRegister)
        try fields.choice("shim_cancel", &shimCancel)
        try fields.choice("psbt_verify", &psbtVerify)
        try fields.choice("psbt_finalize", &psbtFinalize)
    }
}

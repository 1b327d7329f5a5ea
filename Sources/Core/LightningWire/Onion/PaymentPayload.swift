import Bitcoin

/// What a hop of a payment finds in its layer of the onion (BOLT 4, `payload`).
///
/// Even records from ``firstCustomType`` on are kept too: they mean what applications at both ends have agreed on, and
/// whether the receiver knows them is for it to say.
public struct PaymentPayload: TLVStream {
    public static var name: StaticString { "payload" }
    /// The types from here on belong to applications (BOLT 1).
    public static let firstCustomType: UInt64 = 65536

    /// What the next hop gets, or the receiver.
    public var amountToForward: MilliSatoshi?
    /// The expiry of the next HTLC, or what the receiver's must have at least.
    public var outgoingCltvValue: BlockHeight?
    /// The channel to forward on; absent for the receiver and inside blinded paths.
    public var shortChannelID: ShortChannelID?
    public var paymentData: PaymentData?
    /// What the receiver tells this hop of a blinded path, encrypted.
    public var encryptedRecipientData: [UInt8]?
    /// The key with which the introduction node of a blinded path reads its data.
    public var currentPathKey: Point?
    /// What the invoice asked to be sent back.
    public var paymentMetadata: [UInt8]?
    /// The whole payment, where it arrives through a blinded path.
    public var totalAmount: MilliSatoshi?
    public var unknownRecords: [TLVRecord] = []

    public init() {}

    /// A payload of these records.
    public init(
        amountToForward: MilliSatoshi? = nil, outgoingCltvValue: BlockHeight? = nil,
        shortChannelID: ShortChannelID? = nil, paymentData: PaymentData? = nil,
        encryptedRecipientData: [UInt8]? = nil, currentPathKey: Point? = nil,
        paymentMetadata: [UInt8]? = nil, totalAmount: MilliSatoshi? = nil,
        customRecords: [TLVRecord] = []
    ) {
        self.amountToForward = amountToForward
        self.outgoingCltvValue = outgoingCltvValue
        self.shortChannelID = shortChannelID
        self.paymentData = paymentData
        self.encryptedRecipientData = encryptedRecipientData
        self.currentPathKey = currentPathKey
        self.paymentMetadata = paymentMetadata
        self.totalAmount = totalAmount
        unknownRecords = customRecords
    }

    /// Whether a record is an application's or may be passed over.
    public static func keepsUnknown(_ type: UInt64) -> Bool {
        type % 2 == 1 || type >= firstCustomType
    }

    /// The records of applications, keysend's preimage among them, in ascending order of their types.
    public var customRecords: [TLVRecord] {
        unknownRecords.filter { $0.type >= Self.firstCustomType }
    }

    public mutating func code<C: TLVCoder>(_ coder: inout C) throws(WireError) {
        try coder.record(2, "amt_to_forward", truncated: "amt_to_forward", &amountToForward)
        try coder.record(
            4, "outgoing_cltv_value", truncated: "outgoing_cltv_value", &outgoingCltvValue)
        try coder.record(6, "short_channel_id", field: "short_channel_id", &shortChannelID)
        try coder.record(8, "payment_data", structure: &paymentData)
        try coder.record(
            10, "encrypted_recipient_data", bytes: "encrypted_recipient_data",
            &encryptedRecipientData)
        try coder.record(12, "current_path_key", field: "path_key", &currentPathKey)
        try coder.record(16, "payment_metadata", bytes: "payment_metadata", &paymentMetadata)
        try coder.record(18, "total_amount_msat", truncated: "total_msat", &totalAmount)
    }
}

/// The proof that the sender has the invoice, and the whole payment of which this may be a part (BOLT 4).
public struct PaymentData: TLVStructure {
    /// The invoice's payment secret.
    public var paymentSecret = Hash256.zero
    public var total = MilliSatoshi.zero

    public init() {}

    /// A value of these fields.
    public init(paymentSecret: Hash256, total: MilliSatoshi) {
        self.paymentSecret = paymentSecret
        self.total = total
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("payment_secret", &paymentSecret)
        try coder.truncated("total_msat", &total)
    }
}

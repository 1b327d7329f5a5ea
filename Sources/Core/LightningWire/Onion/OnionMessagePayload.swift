import Bitcoin

/// What a hop of an onion message finds in its layer (BOLT 4, `onionmsg_tlv`).
public struct OnionMessagePayload: TLVStream {
    public static var name: StaticString { "onionmsg_tlv" }

    /// The way for an answer.
    public var replyPath: BlindedPath?
    /// What the creator of the path tells this hop, encrypted.
    public var encryptedRecipientData: [UInt8]?
    /// A stream of BOLT 12 that asks for an invoice.
    public var invoiceRequest: [UInt8]?
    /// A stream of BOLT 12 that is an invoice.
    public var invoice: [UInt8]?
    /// A stream of BOLT 12 that says why there is no invoice, or no payment of it.
    public var invoiceError: [UInt8]?
    public var unknownRecords: [TLVRecord] = []

    public init() {}

    /// A payload of these records.
    public init(
        replyPath: BlindedPath? = nil, encryptedRecipientData: [UInt8]? = nil,
        invoiceRequest: [UInt8]? = nil, invoice: [UInt8]? = nil, invoiceError: [UInt8]? = nil
    ) {
        self.replyPath = replyPath
        self.encryptedRecipientData = encryptedRecipientData
        self.invoiceRequest = invoiceRequest
        self.invoice = invoice
        self.invoiceError = invoiceError
    }

    public mutating func code<C: TLVCoder>(_ coder: inout C) throws(WireError) {
        try coder.record(2, "reply_path", field: "path", &replyPath)
        try coder.record(
            4, "encrypted_recipient_data", bytes: "encrypted_recipient_data",
            &encryptedRecipientData)
        try coder.record(64, "invoice_request", bytes: "invreq", &invoiceRequest)
        try coder.record(66, "invoice", bytes: "inv", &invoice)
        try coder.record(68, "invoice_error", bytes: "inverr", &invoiceError)
    }
}

/// A new invoice.
public struct AddInvoiceResponse: APIMessage {
    /// The payment hash, 32 bytes.
    public var rHash: [UInt8] = []
    /// The invoice in the form that payers read (BOLT 11).
    public var paymentRequest: String = ""
    /// Its number among the invoices of the node, from 1.
    public var addIndex: UInt64 = 0
    /// The payment secret, 32 bytes.
    public var paymentAddr: [UInt8] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("r_hash", &rHash)
        try fields.field("payment_request", &paymentRequest)
        try fields.field("add_index", &addIndex)
        try fields.field("payment_addr", &paymentAddr)
    }
}

/// Asks for an invoice whose preimage comes later.
public struct AddHoldInvoiceRequest: APIMessage {
    /// What it is for.
    public var memo: String = ""
    /// The payment hash, 32 bytes.
    public var hash: [UInt8] = []
    /// The amount in satoshis; 0 leaves it to the payer.
    public var value: Int64 = 0
    /// The amount in millisatoshis; 0 leaves it to the payer.
    public var valueMsat: Int64 = 0
    /// The SHA-256 of a description that is elsewhere.
    public var descriptionHash: [UInt8] = []
    /// For how many seconds it can be paid; 0 for the usual time.
    public var expiry: Int64 = 0
    /// The address to pay on the chain instead.
    public var fallbackAddr: String = ""
    /// The blocks that payments must have left when they arrive; 0 for the usual number.
    public var cltvExpiry: UInt64 = 0
    /// Ways to this node over channels that are not public.
    public var routeHints: [RouteHintMessage] = []
    /// Whether ways over this node's own channels that are not public are put into it.
    public var isPrivate: Bool = false

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("memo", &memo)
        try fields.field("hash", &hash)
        try fields.field("value", &value)
        try fields.field("value_msat", &valueMsat)
        try fields.field("description_hash", &descriptionHash)
        try fields.field("expiry", &expiry)
        try fields.field("fallback_addr", &fallbackAddr)
        try fields.field("cltv_expiry", &cltvExpiry)
        try fields.field("route_hints", &routeHints)
        try fields.field("private", &isPrivate)
    }
}

/// A new invoice whose preimage comes later.
public struct AddHoldInvoiceResponse: APIMessage {
    /// The invoice in the form that payers read (BOLT 11).
    public var paymentRequest: String = ""
    /// Its number among the invoices of the node, from 1.
    public var addIndex: UInt64 = 0
    /// The payment secret, 32 bytes.
    public var paymentAddr: [UInt8] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("payment_request", &paymentRequest)
        try fields.field("add_index", &addIndex)
        try fields.field("payment_addr", &paymentAddr)
    }
}

/// Names an invoice by its payment hash.
public struct PaymentHashMessage: APIMessage {
    /// The hash in hexadecimal.
    public var rHashStr: String = ""
    /// The hash, 32 bytes.
    public var rHash: [UInt8] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("r_hash_str", &rHashStr)
        try fields.field("r_hash", &rHash)
    }
}

/// Names an invoice.
public struct LookupInvoiceRequest: APIMessage {
    /// Its payment hash, 32 bytes.
    public var paymentHash: [UInt8]?
    /// Its payment secret, 32 bytes.
    public var paymentAddr: [UInt8]?
    /// A set of an atomic multi-path payment.
    public var setId: [UInt8]?
    /// Which HTLCs the answer has.
    public var lookupModifier: LookupModifier = .standard

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.choice("payment_hash", &paymentHash)
        try fields.choice("payment_addr", &paymentAddr)
        try fields.choice("set_id", &setId)
        try fields.field("lookup_modifier", &lookupModifier)
    }
}

/// Asks for invoices.
public struct ListInvoiceRequest: APIMessage {
    /// Whether only those are wanted that are open or held.
    public var pendingOnly: Bool = false
    /// The number that the page begins after, or ends before where it is reversed; 0 for the first or the last.
    public var indexOffset: UInt64 = 0
    /// The most that are wanted; 0 for the usual 100.
    public var numMaxInvoices: UInt64 = 0
    /// Whether the page goes back from the offset.
    public var reversed: Bool = false
    /// The earliest time of making, in seconds since 1970; 0 for all.
    public var creationDateStart: UInt64 = 0
    /// The latest time of making, in seconds since 1970; 0 for all.
    public var creationDateEnd: UInt64 = 0

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("pending_only", &pendingOnly)
        try fields.field("index_offset", &indexOffset)
        try fields.field("num_max_invoices", &numMaxInvoices)
        try fields.field("reversed", &reversed)
        try fields.field("creation_date_start", &creationDateStart)
        try fields.field("creation_date_end", &creationDateEnd)
    }
}

/// A page of invoices.
public struct ListInvoiceResponse: APIMessage {
    /// The invoices, the oldest first.
    public var invoices: [InvoiceMessage] = []
    /// The number of the last one.
    public var lastIndexOffset: UInt64 = 0
    /// The number of the first one.
    public var firstIndexOffset: UInt64 = 0

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("invoices", &invoices)
        try fields.field("last_index_offset", &lastIndexOffset)
        try fields.field("first_index_offset", &firstIndexOffset)
    }
}

/// Asks to be told of new and of settled invoices.
public struct InvoiceSubscription: APIMessage {
    /// The number after which invoices are told again; 0 for none of those that there are.
    public var addIndex: UInt64 = 0
    /// The number of a settlement after which settled invoices are told again; 0 for none of those that there are.
    public var settleIndex: UInt64 = 0

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("add_index", &addIndex)
        try fields.field("settle_index", &settleIndex)
    }
}

/// Asks to be told what becomes of an invoice.
public struct SubscribeSingleInvoiceRequest: APIMessage {
    /// Its payment hash, 32 bytes.
    public var rHash: [UInt8] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("r_hash", &rHash)
    }
}

/// Takes what is held for an invoice.
public struct SettleInvoiceRequest: APIMessage {
    /// The preimage, 32 bytes.
    public var preimage: [UInt8] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("preimage", &preimage)
    }
}

/// Gives up an invoice and gives back what is held for it.
public struct CancelInvoiceRequest: APIMessage {
    /// Its payment hash, 32 bytes.
    public var paymentHash: [UInt8] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("payment_hash", &paymentHash)
    }
}

/// Forgets a cancelled invoice.
public struct DeleteCanceledInvoiceRequest: APIMessage {
    /// Its payment hash in hexadecimal.
    public var invoiceHash: String = ""

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("invoice_hash", &invoiceHash)
    }
}

/// The share of an atomic multi-path payment that an HTLC brought.
public struct AMPMessage: APIMessage {
    /// The share of the root seed.
    public var rootShare: [UInt8] = []
    /// The set that the HTLC belongs to.
    public var setId: [UInt8] = []
    /// The number of the HTLC.
    public var childIndex: UInt32 = 0
    /// Its payment hash.
    public var hash: [UInt8] = []
    /// Its preimage.
    public var preimage: [UInt8] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("root_share", &rootShare)
        try fields.field("set_id", &setId)
        try fields.field("child_index", &childIndex)
        try fields.field("hash", &hash)
        try fields.field("preimage", &preimage)
    }
}

/// An HTLC that pays an invoice.
public struct InvoiceHTLCMessage: APIMessage {
    /// The channel that it came over.
    public var chanId: UInt64 = 0
    /// Its number in the channel.
    public var htlcIndex: UInt64 = 0
    /// What it holds, in millisatoshis.
    public var amtMsat: UInt64 = 0
    /// The height when it was accepted.
    public var acceptHeight: Int32 = 0
    /// When it was accepted, in seconds since 1970.
    public var acceptTime: Int64 = 0
    /// When it was settled or given back, in seconds since 1970; 0 while it is held.
    public var resolveTime: Int64 = 0
    /// The height at which it expires.
    public var expiryHeight: Int32 = 0
    /// Whether it is held, taken or given back.
    public var state: InvoiceHTLCState = .accepted
    /// What the payer put into it for applications, by type.
    public var customRecords: [UInt64: [UInt8]] = [:]
    /// What the payer said that all parts bring, in millisatoshis.
    public var mppTotalAmtMsat: UInt64 = 0
    /// The share of an atomic multi-path payment.
    public var amp: AMPMessage?
    /// Nothing: lnd's custom channels have data here.
    public var customChannelData: [UInt8] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("chan_id", &chanId)
        try fields.field("htlc_index", &htlcIndex)
        try fields.field("amt_msat", &amtMsat)
        try fields.field("accept_height", &acceptHeight)
        try fields.field("accept_time", &acceptTime)
        try fields.field("resolve_time", &resolveTime)
        try fields.field("expiry_height", &expiryHeight)
        try fields.field("state", &state)
        try fields.field("custom_records", &customRecords)
        try fields.field("mpp_total_amt_msat", &mppTotalAmtMsat)
        try fields.field("amp", &amp)
        try fields.field("custom_channel_data", &customChannelData)
    }
}

/// One payment of an invoice that atomic multi-path payments can pay again.
public struct AMPInvoiceStateMessage: APIMessage {
    /// Whether it is held, taken or given back.
    public var state: InvoiceHTLCState = .accepted
    /// Its number among the settled invoices.
    public var settleIndex: UInt64 = 0
    /// When it was settled, in seconds since 1970.
    public var settleTime: Int64 = 0
    /// What it brought, in millisatoshis.
    public var amtPaidMsat: Int64 = 0

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("state", &state)
        try fields.field("settle_index", &settleIndex)
        try fields.field("settle_time", &settleTime)
        try fields.field("amt_paid_msat", &amtPaidMsat)
    }
}

/// How the blinded paths of an invoice are to be made.
public struct BlindedPathConfigMessage: APIMessage {
    /// The fewest real hops.
    public var minNumRealHops: UInt32?
    /// The hops, dummies included.
    public var numHops: UInt32?
    /// The most paths.
    public var maxNumPaths: UInt32?
    /// Nodes that are in no path.
    public var nodeOmissionList: [[UInt8]] = []
    /// The channels that paths end with.
    public var incomingChannelList: [UInt64] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.choice("min_num_real_hops", &minNumRealHops)
        try fields.choice("num_hops", &numHops)
        try fields.choice("max_num_paths", &maxNumPaths)
        try fields.field("node_omission_list", &nodeOmissionList)
        try fields.field("incoming_channel_list", &incomingChannelList)
    }
}

/// An invoice of this node, or what a new one is to ask for.
public struct InvoiceMessage: APIMessage {
    /// What it is for.
    public var memo: String = ""
    /// The preimage, 32 bytes; in a request empty for one of the node's own, in an answer empty where it is not known.
    public var rPreimage: [UInt8] = []
    /// The payment hash, 32 bytes.
    public var rHash: [UInt8] = []
    /// The amount in satoshis; 0 leaves it to the payer.
    public var value: Int64 = 0
    /// The amount in millisatoshis; 0 leaves it to the payer.
    public var valueMsat: Int64 = 0
    /// Whether it is paid.
    public var settled: Bool = false
    /// When it was made, in seconds since 1970.
    public var creationDate: Int64 = 0
    /// When it was paid, in seconds since 1970; 0 where it is not.
    public var settleDate: Int64 = 0
    /// The invoice in the form that payers read (BOLT 11).
    public var paymentRequest: String = ""
    /// The SHA-256 of a description that is elsewhere.
    public var descriptionHash: [UInt8] = []
    /// For how many seconds it can be paid; 0 in a request for the usual time.
    public var expiry: Int64 = 0
    /// The address to pay on the chain instead.
    public var fallbackAddr: String = ""
    /// The blocks that payments must have left when they arrive; 0 in a request for the usual number.
    public var cltvExpiry: UInt64 = 0
    /// Ways to this node over channels that are not public.
    public var routeHints: [RouteHintMessage] = []
    /// Whether ways over this node's own channels that are not public are in it.
    public var isPrivate: Bool = false
    /// Its number among the invoices of the node, from 1.
    public var addIndex: UInt64 = 0
    /// Its number among the settled invoices, from 1; 0 where it is not.
    public var settleIndex: UInt64 = 0
    /// What it brought, in millisatoshis: the older name of `amt_paid_msat`.
    public var amtPaid: Int64 = 0
    /// What it brought, in satoshis.
    public var amtPaidSat: Int64 = 0
    /// What it brought, in millisatoshis.
    public var amtPaidMsat: Int64 = 0
    /// What became of it.
    public var state: InvoiceState = .open
    /// The HTLCs that pay it.
    public var htlcs: [InvoiceHTLCMessage] = []
    /// The features of the invoice, by number.
    public var features: [String: FeatureMessage] = [:]
    /// Whether nobody had asked for the payment.
    public var isKeysend: Bool = false
    /// The payment secret, 32 bytes.
    public var paymentAddr: [UInt8] = []
    /// Whether it is paid by atomic multi-path payments.
    public var isAmp: Bool = false
    /// The payments of such an invoice.
    public var ampInvoiceState: [String: AMPInvoiceStateMessage] = [:]
    /// Whether the ways to this node are blinded.
    public var isBlinded: Bool = false
    /// How those ways are to be made.
    public var blindedPathConfig: BlindedPathConfigMessage?

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("memo", &memo)
        try fields.field("r_preimage", &rPreimage)
        try fields.field("r_hash", &rHash)
        try fields.field("value", &value)
        try fields.field("value_msat", &valueMsat)
        try fields.field("settled", &settled)
        try fields.field("creation_date", &creationDate)
        try fields.field("settle_date", &settleDate)
        try fields.field("payment_request", &paymentRequest)
        try fields.field("description_hash", &descriptionHash)
        try fields.field("expiry", &expiry)
        try fields.field("fallback_addr", &fallbackAddr)
        try fields.field("cltv_expiry", &cltvExpiry)
        try fields.field("route_hints", &routeHints)
        try fields.field("private", &isPrivate)
        try fields.field("add_index", &addIndex)
        try fields.field("settle_index", &settleIndex)
        try fields.field("amt_paid", &amtPaid)
        try fields.field("amt_paid_sat", &amtPaidSat)
        try fields.field("amt_paid_msat", &amtPaidMsat)
        try fields.field("state", &state)
        try fields.field("htlcs", &htlcs)
        try fields.field("features", &features)
        try fields.field("is_keysend", &isKeysend)
        try fields.field("payment_addr", &paymentAddr)
        try fields.field("is_amp", &isAmp)
        try fields.field("amp_invoice_state", &ampInvoiceState)
        try fields.field("is_blinded", &isBlinded)
        try fields.field("blinded_path_config", &blindedPathConfig)
    }
}

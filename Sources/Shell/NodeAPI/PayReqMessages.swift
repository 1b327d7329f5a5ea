/// An invoice to be read.
public struct PayReqString: APIMessage {
    /// The invoice (BOLT 11).
    public var payReq: String = ""

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("pay_req", &payReq)
    }
}

/// A hop of a blinded path.
public struct BlindedHopMessage: APIMessage {
    /// The node's blinded key.
    public var blindedNode: [UInt8] = []
    /// What the node is told by the payee.
    public var encryptedData: [UInt8] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("blinded_node", &blindedNode)
        try fields.field("encrypted_data", &encryptedData)
    }
}

/// A path whose nodes the payer does not learn.
public struct BlindedPathMessage: APIMessage {
    /// The node where it begins.
    public var introductionNode: [UInt8] = []
    /// The first path key.
    public var blindingPoint: [UInt8] = []
    /// The hops.
    public var blindedHops: [BlindedHopMessage] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("introduction_node", &introductionNode)
        try fields.field("blinding_point", &blindingPoint)
        try fields.field("blinded_hops", &blindedHops)
    }
}

/// A blinded path and what it costs.
public struct BlindedPaymentPathMessage: APIMessage {
    /// The path.
    public var blindedPath: BlindedPathMessage?
    /// The fixed part of the fee in millisatoshis.
    public var baseFeeMsat: UInt64 = 0
    /// The proportional part of the fee, in millionths.
    public var proportionalFeeRate: UInt32 = 0
    /// The blocks that all hops want together.
    public var totalCltvDelta: UInt32 = 0
    /// The least that it forwards, in millisatoshis.
    public var htlcMinMsat: UInt64 = 0
    /// The most that it forwards at once, in millisatoshis.
    public var htlcMaxMsat: UInt64 = 0
    /// The features that a payer must know.
    public var features: [FeatureBit] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("blinded_path", &blindedPath)
        try fields.field("base_fee_msat", &baseFeeMsat)
        try fields.field("proportional_fee_rate", &proportionalFeeRate)
        try fields.field("total_cltv_delta", &totalCltvDelta)
        try fields.field("htlc_min_msat", &htlcMinMsat)
        try fields.field("htlc_max_msat", &htlcMaxMsat)
        try fields.field("features", &features)
    }
}

/// What an invoice says.
public struct PayReq: APIMessage {
    /// The payee, in hexadecimal.
    public var destination: String = ""
    /// The payment hash, in hexadecimal.
    public var paymentHash: String = ""
    /// The amount in satoshis; 0 leaves it to the payer.
    public var numSatoshis: Int64 = 0
    /// When it was made, in seconds since 1970.
    public var timestamp: Int64 = 0
    /// For how many seconds it can be paid.
    public var expiry: Int64 = 0
    /// What it is for.
    public var description: String = ""
    /// The SHA-256 of a description that is elsewhere, in hexadecimal.
    public var descriptionHash: String = ""
    /// The address to pay on the chain instead.
    public var fallbackAddr: String = ""
    /// The blocks that payments must have left when they arrive.
    public var cltvExpiry: Int64 = 0
    /// Ways to the payee over channels that are not public.
    public var routeHints: [RouteHintMessage] = []
    /// The payment secret, 32 bytes.
    public var paymentAddr: [UInt8] = []
    /// The amount in millisatoshis; 0 leaves it to the payer.
    public var numMsat: Int64 = 0
    /// The features of the invoice, by number.
    public var features: [String: FeatureMessage] = [:]
    /// Blinded ways to the payee.
    public var blindedPaths: [BlindedPaymentPathMessage] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("destination", &destination)
        try fields.field("payment_hash", &paymentHash)
        try fields.field("num_satoshis", &numSatoshis)
        try fields.field("timestamp", &timestamp)
        try fields.field("expiry", &expiry)
        try fields.field("description", &description)
        try fields.field("description_hash", &descriptionHash)
        try fields.field("fallback_addr", &fallbackAddr)
        try fields.field("cltv_expiry", &cltvExpiry)
        try fields.field("route_hints", &routeHints)
        try fields.field("payment_addr", &paymentAddr)
        try fields.field("num_msat", &numMsat)
        try fields.field("features", &features)
        try fields.field("blinded_paths", &blindedPaths)
    }
}

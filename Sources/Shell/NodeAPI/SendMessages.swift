/// Asks for a payment.
public struct SendPaymentRequest: APIMessage {
    /// The payee, 33 bytes, where there is no invoice.
    public var dest: [UInt8] = []
    /// The amount in satoshis, where no invoice says it.
    public var amt: Int64 = 0
    /// The amount in millisatoshis, where no invoice says it.
    public var amtMsat: Int64 = 0
    /// The payment hash, 32 bytes, where there is no invoice.
    public var paymentHash: [UInt8] = []
    /// The blocks that the payment must have left when it arrives, where no invoice says it; 0 for the usual number.
    public var finalCltvDelta: Int32 = 0
    /// The invoice to pay (BOLT 11).
    public var paymentRequest: String = ""
    /// For how many seconds the payment is tried; lnd insists on it.
    public var timeoutSeconds: Int32 = 0
    /// The most that routing may cost, in satoshis; without either limit it may cost nothing.
    public var feeLimitSat: Int64 = 0
    /// The most that routing may cost, in millisatoshis.
    public var feeLimitMsat: Int64 = 0
    /// The only channel that the payment may leave over; 0 for any. The older form of the list.
    public var outgoingChanId: UInt64 = 0
    /// The only channels that the payment may leave over; none for any.
    public var outgoingChanIds: [UInt64] = []
    /// The only node that may be the last before the payee, 33 bytes; empty for any.
    public var lastHopPubkey: [UInt8] = []
    /// The most blocks that a payment may be locked for; 0 for the usual limit.
    public var cltvLimit: Int32 = 0
    /// Ways to the payee over channels that are not public.
    public var routeHints: [RouteHintMessage] = []
    /// Further records for the payee, by type from 65536 on; a keysend's preimage under 5482373484.
    public var destCustomRecords: [UInt64: [UInt8]] = [:]
    /// Whether this node may pay itself.
    public var allowSelfPayment: Bool = false
    /// The features that the payee has, where no invoice says them.
    public var destFeatures: [FeatureBit] = []
    /// The most parts in flight at once; 0 for the usual number.
    public var maxParts: UInt32 = 0
    /// Whether only the outcome is told.
    public var noInflightUpdates: Bool = false
    /// The payment secret, 32 bytes, where no invoice says it.
    public var paymentAddr: [UInt8] = []
    /// The most that one part may hold, in millisatoshis; 0 for no limit.
    public var maxShardSizeMsat: UInt64 = 0
    /// Whether it is an atomic multi-path payment.
    public var amp: Bool = false
    /// From -1 (cheap) to 1 (fast and sure).
    public var timePref: Double = 0
    /// Whether the payment is given up when the caller goes away.
    public var cancelable: Bool = false
    /// Further records for the first peer, by type.
    public var firstHopCustomRecords: [UInt64: [UInt8]] = [:]

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("dest", &dest)
        try fields.field("amt", &amt)
        try fields.field("amt_msat", &amtMsat)
        try fields.field("payment_hash", &paymentHash)
        try fields.field("final_cltv_delta", &finalCltvDelta)
        try fields.field("payment_request", &paymentRequest)
        try fields.field("timeout_seconds", &timeoutSeconds)
        try fields.field("fee_limit_sat", &feeLimitSat)
        try fields.field("fee_limit_msat", &feeLimitMsat)
        try fields.field("outgoing_chan_id", &outgoingChanId)
        try fields.field("outgoing_chan_ids", &outgoingChanIds)
        try fields.field("last_hop_pubkey", &lastHopPubkey)
        try fields.field("cltv_limit", &cltvLimit)
        try fields.field("route_hints", &routeHints)
        try fields.field("dest_custom_records", &destCustomRecords)
        try fields.field("allow_self_payment", &allowSelfPayment)
        try fields.field("dest_features", &destFeatures)
        try fields.field("max_parts", &maxParts)
        try fields.field("no_inflight_updates", &noInflightUpdates)
        try fields.field("payment_addr", &paymentAddr)
        try fields.field("max_shard_size_msat", &maxShardSizeMsat)
        try fields.field("amp", &amp)
        try fields.field("time_pref", &timePref)
        try fields.field("cancelable", &cancelable)
        try fields.field("first_hop_custom_records", &firstHopCustomRecords)
    }
}

/// The most that routing may cost.
public struct FeeLimitMessage: APIMessage {
    /// In satoshis.
    public var fixed: UInt64?
    /// In millisatoshis.
    public var fixedMsat: UInt64?
    /// In hundredths of the amount.
    public var percent: UInt64?

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.choice("fixed", &fixed)
        try fields.choice("fixed_msat", &fixedMsat)
        try fields.choice("percent", &percent)
    }
}

/// Asks for a payment, in lnd's older form.
public struct SendRequest: APIMessage {
    /// The payee, 33 bytes, where there is no invoice.
    public var dest: [UInt8] = []
    /// The payee in hexadecimal, where there is no invoice.
    public var destString: String = ""
    /// The amount in satoshis, where no invoice says it.
    public var amt: Int64 = 0
    /// The amount in millisatoshis, where no invoice says it.
    public var amtMsat: Int64 = 0
    /// The payment hash, 32 bytes, where there is no invoice.
    public var paymentHash: [UInt8] = []
    /// The payment hash in hexadecimal, where there is no invoice.
    public var paymentHashString: String = ""
    /// The invoice to pay (BOLT 11).
    public var paymentRequest: String = ""
    /// The blocks that the payment must have left when it arrives, where no invoice says it; 0 for the usual number.
    public var finalCltvDelta: Int32 = 0
    /// The most that routing may cost; as much as the amount where it is not said.
    public var feeLimit: FeeLimitMessage?
    /// The only channel that the payment may leave over; 0 for any.
    public var outgoingChanId: UInt64 = 0
    /// The only node that may be the last before the payee, 33 bytes; empty for any.
    public var lastHopPubkey: [UInt8] = []
    /// The most blocks that a payment may be locked for; 0 for the usual limit.
    public var cltvLimit: UInt32 = 0
    /// Further records for the payee, by type from 65536 on.
    public var destCustomRecords: [UInt64: [UInt8]] = [:]
    /// Whether this node may pay itself.
    public var allowSelfPayment: Bool = false
    /// The features that the payee has, where no invoice says them.
    public var destFeatures: [FeatureBit] = []
    /// The payment secret, 32 bytes, where no invoice says it.
    public var paymentAddr: [UInt8] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("dest", &dest)
        try fields.field("dest_string", &destString)
        try fields.field("amt", &amt)
        try fields.field("amt_msat", &amtMsat)
        try fields.field("payment_hash", &paymentHash)
        try fields.field("payment_hash_string", &paymentHashString)
        try fields.field("payment_request", &paymentRequest)
        try fields.field("final_cltv_delta", &finalCltvDelta)
        try fields.field("fee_limit", &feeLimit)
        try fields.field("outgoing_chan_id", &outgoingChanId)
        try fields.field("last_hop_pubkey", &lastHopPubkey)
        try fields.field("cltv_limit", &cltvLimit)
        try fields.field("dest_custom_records", &destCustomRecords)
        try fields.field("allow_self_payment", &allowSelfPayment)
        try fields.field("dest_features", &destFeatures)
        try fields.field("payment_addr", &paymentAddr)
    }
}

/// The outcome of a payment, in lnd's older form.
public struct SendResponse: APIMessage {
    /// Why it failed; empty where it did not.
    public var paymentError: String = ""
    /// The preimage.
    public var paymentPreimage: [UInt8] = []
    /// The route of its first part.
    public var paymentRoute: RouteMessage?
    /// The payment hash.
    public var paymentHash: [UInt8] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("payment_error", &paymentError)
        try fields.field("payment_preimage", &paymentPreimage)
        try fields.field("payment_route", &paymentRoute)
        try fields.field("payment_hash", &paymentHash)
    }
}

/// Asks for a payment over one route.
public struct SendToRouteRequest: APIMessage {
    /// The payment hash, 32 bytes.
    public var paymentHash: [UInt8] = []
    /// The route.
    public var route: RouteMessage?
    /// Whether a failure that may pass leaves the payment open for another attempt.
    public var skipTempErr: Bool = false
    /// Further records for the first peer, by type.
    public var firstHopCustomRecords: [UInt64: [UInt8]] = [:]

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("payment_hash", &paymentHash)
        try fields.field("route", &route)
        try fields.field("skip_temp_err", &skipTempErr)
        try fields.field("first_hop_custom_records", &firstHopCustomRecords)
    }
}

/// Asks what a payment would cost.
public struct RouteFeeRequest: APIMessage {
    /// The payee, 33 bytes, where there is no invoice.
    public var dest: [UInt8] = []
    /// The amount in satoshis, where there is no invoice.
    public var amtSat: Int64 = 0
    /// The invoice (BOLT 11).
    public var paymentRequest: String = ""
    /// For how many seconds is tried.
    public var timeout: UInt32 = 0
    /// The only channels that the payment may leave over; none for any.
    public var outgoingChanIds: [UInt64] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("dest", &dest)
        try fields.field("amt_sat", &amtSat)
        try fields.field("payment_request", &paymentRequest)
        try fields.field("timeout", &timeout)
        try fields.field("outgoing_chan_ids", &outgoingChanIds)
    }
}

/// What a payment would cost.
public struct RouteFeeResponse: APIMessage {
    /// The fee in millisatoshis.
    public var routingFeeMsat: Int64 = 0
    /// The height at which its first HTLC would expire.
    public var timeLockDelay: Int64 = 0
    /// Why there is no answer.
    public var failureReason: PaymentFailureReason = .none

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("routing_fee_msat", &routingFeeMsat)
        try fields.field("time_lock_delay", &timeLockDelay)
        try fields.field("failure_reason", &failureReason)
    }
}

/// A part of a payment, and what became of it.
public struct HTLCAttemptMessage: APIMessage {
    /// Its number.
    public var attemptId: UInt64 = 0
    /// What became of it.
    public var status: HTLCAttemptStatus = .inFlight
    /// Its route.
    public var route: RouteMessage?
    /// When it was sent, in nanoseconds since 1970.
    public var attemptTimeNs: Int64 = 0
    /// When it ended, in nanoseconds since 1970; 0 while it is under way.
    public var resolveTimeNs: Int64 = 0
    /// Why it failed.
    public var failure: FailureMessage?
    /// The preimage that it brought back.
    public var preimage: [UInt8] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("attempt_id", &attemptId)
        try fields.field("status", &status)
        try fields.field("route", &route)
        try fields.field("attempt_time_ns", &attemptTimeNs)
        try fields.field("resolve_time_ns", &resolveTimeNs)
        try fields.field("failure", &failure)
        try fields.field("preimage", &preimage)
    }
}

/// A payment and how far it has come.
public struct PaymentMessage: APIMessage {
    /// The payment hash, in hexadecimal.
    public var paymentHash: String = ""
    /// The amount in satoshis: the older name of `value_sat`.
    public var value: Int64 = 0
    /// When it began, in seconds since 1970.
    public var creationDate: Int64 = 0
    /// What routing cost, in satoshis: the older name of `fee_sat`.
    public var fee: Int64 = 0
    /// The preimage in hexadecimal; zeros where it is not known.
    public var paymentPreimage: String = ""
    /// The amount in satoshis.
    public var valueSat: Int64 = 0
    /// The amount in millisatoshis.
    public var valueMsat: Int64 = 0
    /// The invoice that was paid; empty where there was none.
    public var paymentRequest: String = ""
    /// How far it has come.
    public var status: PaymentStatus = .unknown
    /// What routing cost, in satoshis.
    public var feeSat: Int64 = 0
    /// What routing cost, in millisatoshis.
    public var feeMsat: Int64 = 0
    /// When it began, in nanoseconds since 1970.
    public var creationTimeNs: Int64 = 0
    /// Its parts.
    public var htlcs: [HTLCAttemptMessage] = []
    /// Its number among the payments of the node, from 1.
    public var paymentIndex: UInt64 = 0
    /// Why it failed, where it did.
    public var failureReason: PaymentFailureReason = .none
    /// Further records for the first peer, by type.
    public var firstHopCustomRecords: [UInt64: [UInt8]] = [:]

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("payment_hash", &paymentHash)
        try fields.field("value", &value)
        try fields.field("creation_date", &creationDate)
        try fields.field("fee", &fee)
        try fields.field("payment_preimage", &paymentPreimage)
        try fields.field("value_sat", &valueSat)
        try fields.field("value_msat", &valueMsat)
        try fields.field("payment_request", &paymentRequest)
        try fields.field("status", &status)
        try fields.field("fee_sat", &feeSat)
        try fields.field("fee_msat", &feeMsat)
        try fields.field("creation_time_ns", &creationTimeNs)
        try fields.field("htlcs", &htlcs)
        try fields.field("payment_index", &paymentIndex)
        try fields.field("failure_reason", &failureReason)
        try fields.field("first_hop_custom_records", &firstHopCustomRecords)
    }
}

/// Asks to be told what becomes of a payment.
public struct TrackPaymentRequest: APIMessage {
    /// Its payment hash, 32 bytes.
    public var paymentHash: [UInt8] = []
    /// Whether only the outcome is told.
    public var noInflightUpdates: Bool = false

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("payment_hash", &paymentHash)
        try fields.field("no_inflight_updates", &noInflightUpdates)
    }
}

/// Asks to be told what becomes of all payments.
public struct TrackPaymentsRequest: APIMessage {
    /// Whether only outcomes are told.
    public var noInflightUpdates: Bool = false

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("no_inflight_updates", &noInflightUpdates)
    }
}

/// Asks for payments.
public struct ListPaymentsRequest: APIMessage {
    /// Whether those are wanted, too, that failed or are under way.
    public var includeIncomplete: Bool = false
    /// The number that the page begins after, or ends before where it is reversed; 0 for the first or the last.
    public var indexOffset: UInt64 = 0
    /// The most that are wanted; 0 for all.
    public var maxPayments: UInt64 = 0
    /// Whether the page goes back from the offset.
    public var reversed: Bool = false
    /// Whether all payments are counted.
    public var countTotalPayments: Bool = false
    /// The earliest beginning, in seconds since 1970; 0 for all.
    public var creationDateStart: UInt64 = 0
    /// The latest beginning, in seconds since 1970; 0 for all.
    public var creationDateEnd: UInt64 = 0
    /// Whether routes are left out.
    public var omitHops: Bool = false

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("include_incomplete", &includeIncomplete)
        try fields.field("index_offset", &indexOffset)
        try fields.field("max_payments", &maxPayments)
        try fields.field("reversed", &reversed)
        try fields.field("count_total_payments", &countTotalPayments)
        try fields.field("creation_date_start", &creationDateStart)
        try fields.field("creation_date_end", &creationDateEnd)
        try fields.field("omit_hops", &omitHops)
    }
}

/// A page of payments.
public struct ListPaymentsResponse: APIMessage {
    /// The payments, the oldest first.
    public var payments: [PaymentMessage] = []
    /// The number of the first one.
    public var firstIndexOffset: UInt64 = 0
    /// The number of the last one.
    public var lastIndexOffset: UInt64 = 0
    /// How many there are, where that was asked for.
    public var totalNumPayments: UInt64 = 0

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("payments", &payments)
        try fields.field("first_index_offset", &firstIndexOffset)
        try fields.field("last_index_offset", &lastIndexOffset)
        try fields.field("total_num_payments", &totalNumPayments)
    }
}

/// Forgets a payment that is over.
public struct DeletePaymentRequest: APIMessage {
    /// Its payment hash, 32 bytes.
    public var paymentHash: [UInt8] = []
    /// Whether only its failed parts are forgotten.
    public var failedHtlcsOnly: Bool = false

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("payment_hash", &paymentHash)
        try fields.field("failed_htlcs_only", &failedHtlcsOnly)
    }
}

/// Forgets payments that are over.
public struct DeleteAllPaymentsRequest: APIMessage {
    /// Whether only failed payments are forgotten.
    public var failedPaymentsOnly: Bool = false
    /// Whether only failed parts of successful payments are forgotten.
    public var failedHtlcsOnly: Bool = false
    /// Whether all of them are meant: a safeguard against an empty request.
    public var allPayments: Bool = false

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("failed_payments_only", &failedPaymentsOnly)
        try fields.field("failed_htlcs_only", &failedHtlcsOnly)
        try fields.field("all_payments", &allPayments)
    }
}

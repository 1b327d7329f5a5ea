/// What became of an invoice.
public enum InvoiceState: String, APIEnum {
    /// It can be paid.
    case open = "OPEN"
    /// It is paid.
    case settled = "SETTLED"
    /// It was given up, or nobody paid it in time.
    case canceled = "CANCELED"
    /// All of it is held until it is settled or cancelled.
    case accepted = "ACCEPTED"
}

/// What became of an HTLC that pays an invoice.
public enum InvoiceHTLCState: String, APIEnum {
    /// It is held.
    case accepted = "ACCEPTED"
    /// It was taken.
    case settled = "SETTLED"
    /// It was given back.
    case canceled = "CANCELED"
}

/// Which HTLCs of an invoice an answer has.
public enum LookupModifier: String, APIEnum {
    /// All of them.
    case standard = "DEFAULT"
    /// Those of the set that was asked for.
    case setOnly = "HTLC_SET_ONLY"
    /// None.
    case setBlank = "HTLC_SET_BLANK"
}

/// How far a payment has come.
public enum PaymentStatus: String, APIEnum {
    case unknown = "UNKNOWN"
    /// Parts of it are under way.
    case inFlight = "IN_FLIGHT"
    /// It arrived.
    case succeeded = "SUCCEEDED"
    /// It is given up, and nothing of it is under way.
    case failed = "FAILED"
    /// It has begun, and nothing was sent yet.
    case initiated = "INITIATED"
}

/// What became of a part of a payment.
public enum HTLCAttemptStatus: String, APIEnum {
    case inFlight = "IN_FLIGHT"
    case succeeded = "SUCCEEDED"
    case failed = "FAILED"
}

/// Why a payment failed.
public enum PaymentFailureReason: String, APIEnum {
    /// It did not.
    case none = "FAILURE_REASON_NONE"
    /// The time for it was over.
    case timeout = "FAILURE_REASON_TIMEOUT"
    /// There is no way to the payee, or none within the limits.
    case noRoute = "FAILURE_REASON_NO_ROUTE"
    /// Something else.
    case error = "FAILURE_REASON_ERROR"
    /// The payee does not know the payment hash, or wanted another amount or more time.
    case incorrectPaymentDetails = "FAILURE_REASON_INCORRECT_PAYMENT_DETAILS"
    /// The node's own channels cannot send so much.
    case insufficientBalance = "FAILURE_REASON_INSUFFICIENT_BALANCE"
    /// The caller gave it up.
    case canceled = "FAILURE_REASON_CANCELED"
}

/// The kind of a failure (BOLT 4), numbered as lnd does.
public enum FailureCode: String, APIEnum {
    case reserved = "RESERVED"
    case incorrectOrUnknownPaymentDetails = "INCORRECT_OR_UNKNOWN_PAYMENT_DETAILS"
    case incorrectPaymentAmount = "INCORRECT_PAYMENT_AMOUNT"
    case finalIncorrectCLTVExpiry = "FINAL_INCORRECT_CLTV_EXPIRY"
    case finalIncorrectHTLCAmount = "FINAL_INCORRECT_HTLC_AMOUNT"
    case finalExpiryTooSoon = "FINAL_EXPIRY_TOO_SOON"
    case invalidRealm = "INVALID_REALM"
    case expiryTooSoon = "EXPIRY_TOO_SOON"
    case invalidOnionVersion = "INVALID_ONION_VERSION"
    case invalidOnionHMAC = "INVALID_ONION_HMAC"
    case invalidOnionKey = "INVALID_ONION_KEY"
    case amountBelowMinimum = "AMOUNT_BELOW_MINIMUM"
    case feeInsufficient = "FEE_INSUFFICIENT"
    case incorrectCLTVExpiry = "INCORRECT_CLTV_EXPIRY"
    case channelDisabled = "CHANNEL_DISABLED"
    case temporaryChannelFailure = "TEMPORARY_CHANNEL_FAILURE"
    case requiredNodeFeatureMissing = "REQUIRED_NODE_FEATURE_MISSING"
    case requiredChannelFeatureMissing = "REQUIRED_CHANNEL_FEATURE_MISSING"
    case unknownNextPeer = "UNKNOWN_NEXT_PEER"
    case temporaryNodeFailure = "TEMPORARY_NODE_FAILURE"
    case permanentNodeFailure = "PERMANENT_NODE_FAILURE"
    case permanentChannelFailure = "PERMANENT_CHANNEL_FAILURE"
    case expiryTooFar = "EXPIRY_TOO_FAR"
    case mppTimeout = "MPP_TIMEOUT"
    case invalidOnionPayload = "INVALID_ONION_PAYLOAD"
    case invalidOnionBlinding = "INVALID_ONION_BLINDING"
    case internalFailure = "INTERNAL_FAILURE"
    case unknownFailure = "UNKNOWN_FAILURE"
    case unreadableFailure = "UNREADABLE_FAILURE"

    public var number: Int32 {
        let position = Int32(Self.allCases.prefix { $0 != self }.count)
        // BOLT 4's own end with 25; the node's begin at 997.
        return position < 26 ? position : position + 971
    }
}

/// A feature bit by lnd's name.
public enum FeatureBit: String, APIEnum {
    case dataLossProtectRequired = "DATALOSS_PROTECT_REQ"
    case dataLossProtect = "DATALOSS_PROTECT_OPT"
    case initialRoutingSync = "INITIAL_ROUING_SYNC"
    case upfrontShutdownScriptRequired = "UPFRONT_SHUTDOWN_SCRIPT_REQ"
    case upfrontShutdownScript = "UPFRONT_SHUTDOWN_SCRIPT_OPT"
    case gossipQueriesRequired = "GOSSIP_QUERIES_REQ"
    case gossipQueries = "GOSSIP_QUERIES_OPT"
    case variableLengthOnionRequired = "TLV_ONION_REQ"
    case variableLengthOnion = "TLV_ONION_OPT"
    case extendedGossipQueriesRequired = "EXT_GOSSIP_QUERIES_REQ"
    case extendedGossipQueries = "EXT_GOSSIP_QUERIES_OPT"
    case staticRemoteKeyRequired = "STATIC_REMOTE_KEY_REQ"
    case staticRemoteKey = "STATIC_REMOTE_KEY_OPT"
    case paymentSecretRequired = "PAYMENT_ADDR_REQ"
    case paymentSecret = "PAYMENT_ADDR_OPT"
    case multiPartPaymentRequired = "MPP_REQ"
    case multiPartPayment = "MPP_OPT"
    case largeChannelsRequired = "WUMBO_CHANNELS_REQ"
    case largeChannels = "WUMBO_CHANNELS_OPT"
    case anchorsRequired = "ANCHORS_REQ"
    case anchors = "ANCHORS_OPT"
    case anchorsZeroFeeRequired = "ANCHORS_ZERO_FEE_HTLC_REQ"
    case anchorsZeroFee = "ANCHORS_ZERO_FEE_HTLC_OPT"
    case routeBlindingRequired = "ROUTE_BLINDING_REQUIRED"
    case routeBlinding = "ROUTE_BLINDING_OPTIONAL"
    case atomicMultiPathRequired = "AMP_REQ"
    case atomicMultiPath = "AMP_OPT"

    public var number: Int32 {
        let position = Int32(Self.allCases.prefix { $0 != self }.count)
        // There is no bit 2, and none from 26 to 29.
        return position < 2 ? position : position < 25 ? position + 1 : position + 5
    }
}

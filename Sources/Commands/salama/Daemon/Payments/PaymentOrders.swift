import Bitcoin
import LightningCrypto
import LightningInvoice
import LightningPayment
import LightningWire
import NodeAPI

/// What is to be paid and how, as a client asks for it.
struct PaymentAsked {
    var order: PaymentOrder
    var options: SendOptions

    /// Reads a request at `now`, in seconds since 1970.
    init(_ request: SendPaymentRequest, _ network: Network, now: UInt64) throws(APIError) {
        guard !request.amp else {
            throw APIError(
                .unimplemented, "this node makes no AMP payments; nothing was sent")
        }
        guard request.firstHopCustomRecords.isEmpty else {
            throw APIError(
                .unimplemented, "first_hop_custom_records are not sent; nothing was sent")
        }
        order =
            try request.paymentRequest.isEmpty
            ? Self.spontaneous(request) : Self.ofInvoice(request, network, now: now)
        order.hints += try request.routeHints.map { (hint) throws(APIError) in try hint.hops() }
        options = try Self.options(request)
        try order.addRecords(request.destCustomRecords)
        try limitParts(request)
    }

    // MARK: - What

    private static func ofInvoice(
        _ request: SendPaymentRequest, _ network: Network, now: UInt64
    ) throws(APIError) -> PaymentOrder {
        let rivals = [
            ("dest", !request.dest.isEmpty), ("payment_hash", !request.paymentHash.isEmpty),
            ("final_cltv_delta", request.finalCltvDelta != 0),
        ]
        if let (name, _) = rivals.first(where: { $0.1 }) {
            throw APIError(
                .invalidArgument, "\(name) and payment_request cannot appear together")
        }
        let invoice = try Invoice(interface: request.paymentRequest, network)
        guard !invoice.isExpired(at: now) else {
            let end = invoice.content.timestamp.addingReportingOverflow(invoice.content.expiry)
            throw .expired(end.partialValue)
        }
        let asked = try MilliSatoshi(interface: request.amt, request.amtMsat, "amt")
        guard invoice.content.amount != nil || asked != nil else {
            throw APIError(
                .invalidArgument, "amount must be specified when paying a zero amount invoice")
        }
        guard invoice.content.amount == nil || asked == nil,
            let order = PaymentOrder(invoice, amount: asked)
        else {
            throw APIError(
                .invalidArgument,
                "amount must not be specified when paying a non-zero amount invoice")
        }
        return order
    }

    private static func spontaneous(
        _ request: SendPaymentRequest
    ) throws(APIError) -> PaymentOrder {
        guard !request.dest.isEmpty else {
            throw APIError(
                .invalidArgument, "payment_request, or dest and payment_hash, must be specified")
        }
        let payee = try NodeID(interface: request.dest, "dest")
        guard let amount = try MilliSatoshi(interface: request.amt, request.amtMsat, "amt") else {
            throw APIError(.invalidArgument, "amount must be specified")
        }
        let hash = PaymentHash(try Hash256(interface: request.paymentHash, "payment_hash"))
        guard let delta = UInt16(exactly: request.finalCltvDelta) else {
            throw APIError(
                .invalidArgument,
                "a final_cltv_delta of \(request.finalCltvDelta) blocks cannot be")
        }
        let secret =
            request.paymentAddr.isEmpty
            ? nil : try Hash256(interface: request.paymentAddr, "payment_addr")
        return PaymentOrder(
            paymentHash: hash, amount: amount, paymentSecret: secret, payee: payee,
            finalCLTVDelta: delta == 0 ? PaymentOrder.usualFinalCLTVDelta : UInt32(delta),
            takesParts: secret != nil
                && request.destFeatures.contains { $0 == .multiPartPayment })
    }

    // MARK: - How

    /// The most parts of a payment: each costs a search for a route.
    private static let mostParts = 128

    private static func options(_ request: SendPaymentRequest) throws(APIError) -> SendOptions {
        guard request.timeoutSeconds >= 0 else {
            throw APIError(.invalidArgument, "timeout_seconds must not be negative")
        }
        // lnd: without a limit only ways that cost nothing are taken.
        let feeLimit =
            try MilliSatoshi(interface: request.feeLimitSat, request.feeLimitMsat, "fee_limit")
        var options = SendOptions(feeLimit: feeLimit ?? .zero)
        if request.timeoutSeconds > 0 { options.timeout = UInt64(request.timeoutSeconds) }
        if request.maxParts > 0 {
            options.maximumParts = min(Int(request.maxParts), Self.mostParts)
        }
        let channels = request.outgoingChanIds + [request.outgoingChanId].filter { $0 != 0 }
        options.outgoingChannels = Set(channels.map { ShortChannelID($0) })
        if !request.lastHopPubkey.isEmpty {
            options.lastHop = try NodeID(interface: request.lastHopPubkey, "last_hop_pubkey")
        }
        if request.cltvLimit != 0 {
            guard let limit = UInt16(exactly: request.cltvLimit),
                limit <= SendOptions.usualCLTVLimit
            else {
                throw APIError(
                    .invalidArgument,
                    "cltv limit \(request.cltvLimit) should be from 1 to"
                        + " \(SendOptions.usualCLTVLimit)")
            }
            options.cltvLimit = limit
        }
        options.allowsSelf = request.allowSelfPayment
        options.successWeight = try successWeight(request.timePref)
        return options
    }

    /// lnd's preference, from -1 for the least fee to 1 for the surest way, in hundredths.
    static func successWeight(_ preference: Double) throws(APIError) -> Int8 {
        guard (-1...1).contains(preference) else {
            throw APIError(.invalidArgument, "time preference out of range")
        }
        return Int8((preference * 100).rounded())
    }

    private mutating func limitParts(_ request: SendPaymentRequest) throws(APIError) {
        guard request.maxShardSizeMsat > 0 else { return }
        guard order.keysendPreimage == nil else {
            throw APIError(
                .invalidArgument,
                "keysend payments cannot specify a max shard amount - MPP not supported with"
                    + " keysend payments")
        }
        let largest = MilliSatoshi(request.maxShardSizeMsat)
        let (most, overflow) = largest.value.multipliedReportingOverflow(
            by: UInt64(options.maximumParts))
        guard overflow || order.amount.value <= most else {
            throw APIError(
                .invalidArgument,
                "payment amount \(order.amount) exceeds maximum possible amount \(most) msat with"
                    + " max_parts=\(options.maximumParts) and max_shard_size_msat=\(largest.value)")
        }
        options.largestPart = largest
    }
}

extension PaymentOrder {
    /// Adds records of applications, of which one may be the preimage of a payment that nobody asked for.
    mutating func addRecords(_ given: [UInt64: [UInt8]]) throws(APIError) {
        var records = given
        if let preimage = records.removeValue(forKey: SendPaymentRequest.keysendType) {
            let preimage = PaymentPreimage(
                try Hash256(interface: preimage, "the preimage of a keysend payment"))
            guard preimage.paymentHash == paymentHash else {
                throw APIError(
                    .invalidArgument,
                    "payment_hash is not the SHA-256 of the preimage in dest_custom_records")
            }
            keysendPreimage = preimage
        }
        if let (type, _) = records.first(where: { $0.key < PaymentPayload.firstCustomType }) {
            throw APIError(
                .invalidArgument,
                "no custom records with types below \(PaymentPayload.firstCustomType) allowed, got"
                    + " \(type)")
        }
        customRecords = records.sorted { $0.key < $1.key }
            .map { TLVRecord(type: $0.key, value: $0.value) }
    }
}

extension APIError {
    /// lnd: the invoice cannot be paid any more, since `end` in seconds since 1970.
    static func expired(_ end: UInt64) -> APIError {
        APIError(
            .invalidArgument,
            "invoice expired. Valid until \(dateText(Int64(clamping: end))) UTC; nothing was sent")
    }

    /// Why a payment is not made, in the words that clients of lnd look for.
    init(_ refusal: OrderRefusal) {
        switch refusal {
        case .amountOutOfRange(let amount):
            self.init(.invalidArgument, "\(amount) cannot be paid")
        case .expired(let end): self = .expired(end)
        case .wrongPreimage:
            self.init(.invalidArgument, "payment_hash is not the SHA-256 of the preimage")
        case .invalidRecord(let type):
            self.init(.invalidArgument, "a custom record cannot have type \(type)")
        case .alreadyPaid(let hash):
            self.init(.alreadyExists, "invoice is already paid: \(hash); nothing more was sent")
        case .inProgress(let hash):
            self.init(
                .alreadyExists,
                "payment is in transition: \(hash) is being paid, and is not paid twice; follow it"
                    + " with `salama trackpayment` or /v2/router/track")
        case .unknownPayment: self = .unknownPayment
        case .noRoute: self.init(.invalidArgument, "unable to send, no routes provided")
        case .selfPayment:
            self.init(.invalidArgument, "self-payments not allowed: this node is the payee")
        case .noPayee: self.init(.invalidArgument, "nobody is named who is to be paid")
        case .cltvLimitTooLow(let needed, let limit):
            self.init(
                .invalidArgument,
                "cltv limit \(limit) should be greater than \(needed), which the payee asks for")
        case .route(let problem):
            self.init(.invalidArgument, "the route cannot be used: \(problem); nothing was sent")
        case .needsPaymentSecret:
            self.init(
                .invalidArgument,
                "without a payment_addr a payment cannot have several parts; nothing was sent")
        case .tooMuch(let needed, let offered):
            self.init(
                .invalidArgument,
                "\(offered) are more than the \(needed) that are still to be paid; nothing was sent"
            )
        }
    }

    /// lnd: the node has never tried to make such a payment.
    static let unknownPayment = APIError(.notFound, "payment isn't initiated")
}

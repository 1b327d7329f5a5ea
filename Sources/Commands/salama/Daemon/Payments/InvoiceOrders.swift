import Bitcoin
import LightningPayment
import LightningWire
import NodeAPI

extension InvoiceOrder {
    /// What a new invoice is to ask for.
    init(_ request: InvoiceMessage, _ network: Network) throws(APIError) {
        guard !request.isAmp else {
            throw APIError(.unimplemented, "this node makes no AMP invoices; leave is_amp out")
        }
        guard !request.isBlinded, request.blindedPathConfig == nil else {
            throw APIError(
                .unimplemented,
                "this node makes no invoices with blinded paths; leave is_blinded out, or set private"
                    + " for route hints")
        }
        self.init(
            amount: try MilliSatoshi(interface: request.value, request.valueMsat, "value"),
            description: .text(request.memo))
        lock = try Self.lock(request)
        privateHints = request.isPrivate ? Self.mostRouteHints : 0
        try describe(request.memo, request.descriptionHash)
        try limit(expiry: request.expiry, cltvExpiry: request.cltvExpiry)
        try lead(request.fallbackAddr, request.routeHints, network)
    }

    /// What a new invoice is to ask for whose preimage comes later.
    init(_ request: AddHoldInvoiceRequest, _ network: Network) throws(APIError) {
        self.init(
            amount: try MilliSatoshi(interface: request.value, request.valueMsat, "value"),
            description: .text(request.memo))
        lock = .hold(PaymentHash(try Hash256(interface: request.hash, "the hash")))
        privateHints = request.isPrivate ? Self.mostRouteHints : 0
        try describe(request.memo, request.descriptionHash)
        try limit(expiry: request.expiry, cltvExpiry: request.cltvExpiry)
        try lead(request.fallbackAddr, request.routeHints, network)
    }

    /// The preimage that the user gave, or one of the node's own.
    private static func lock(_ request: InvoiceMessage) throws(APIError) -> Lock {
        guard !request.rPreimage.isEmpty else {
            guard request.rHash.isEmpty else {
                throw APIError(
                    .invalidArgument,
                    "r_hash without r_preimage: this node could not take the payment; for a preimage"
                        + " that comes later use /v2/invoices/hodl")
            }
            return .derived
        }
        let preimage = PaymentPreimage(
            try Hash256(interface: request.rPreimage, "the preimage"))
        guard request.rHash.isEmpty || request.rHash == preimage.paymentHash.hash.bytes else {
            throw APIError(
                .invalidArgument, "r_hash is not the SHA-256 of r_preimage; leave r_hash out")
        }
        return .preimage(preimage)
    }

    private mutating func describe(_ memo: String, _ hash: [UInt8]) throws(APIError) {
        guard !hash.isEmpty else { return }
        description = .hash(try Hash256(interface: hash, "the description hash"))
        note = memo
    }

    private mutating func limit(expiry: Int64, cltvExpiry: UInt64) throws(APIError) {
        guard expiry >= 0 else {
            throw APIError(
                .invalidArgument, "an expiry of \(expiry) s is before the invoice's time")
        }
        if expiry > 0 { self.expiry = UInt64(expiry) }
        guard cltvExpiry <= UInt64(UInt32.max) else {
            throw APIError(.invalidArgument, "CLTV delta of \(cltvExpiry) is too large")
        }
        if cltvExpiry > 0 { minFinalCLTVExpiryDelta = UInt32(cltvExpiry) }
    }

    private mutating func lead(
        _ fallback: String, _ hints: [RouteHintMessage], _ network: Network
    ) throws(APIError) {
        if !fallback.isEmpty {
            do {
                fallbacks = [try Address(fallback, network: network).script]
            } catch {
                throw APIError(
                    .invalidArgument,
                    "invalid fallback address for \(network.rawValue): `\(fallback)`: \(error)")
            }
        }
        guard hints.count <= Self.mostRouteHints else {
            throw APIError(
                .invalidArgument,
                "number of routing hints must not exceed maximum of \(Self.mostRouteHints)")
        }
        routeHints = try hints.map { (hint) throws(APIError) in try hint.hops() }
    }

    /// As many as lnd takes.
    private static let mostRouteHints = 20
}

extension APIError {
    /// Why an invoice cannot be made, settled or cancelled, in the words that clients of lnd look for.
    init(_ refusal: InvoiceRefusal) {
        switch refusal {
        case .amountOutOfRange(let amount):
            self.init(.invalidArgument, "invoice amount \(amount) is too large or zero")
        case .descriptionTooLong(let maximum, let actual):
            self.init(
                .invalidArgument, "memo too large: \(actual) bytes (maxsize=\(maximum))")
        case .expiryOutOfRange(let maximum, let actual):
            self.init(
                .invalidArgument,
                "expiry of \(actual) seconds greater than max expiry of \(maximum) seconds")
        case .cltvExpiryDeltaOutOfRange(let range, let actual):
            self.init(
                .invalidArgument,
                "CLTV delta of \(actual) must be from \(range.lowerBound) to \(range.upperBound)")
        case .routeHintTooLong(let maximum, let actual):
            self.init(
                .invalidArgument, "a route hint has 1 to \(maximum) channels, not \(actual)")
        case .duplicateHash(let hash):
            self.init(
                .alreadyExists,
                "invoice with payment hash already exists: \(hash); nothing was made")
        case .unknownInvoice(let hash): self = .unknownInvoice(hash)
        case .notHeld(let hash):
            self.init(
                .failedPrecondition,
                "invoice \(hash) is no hold invoice: it settles by itself when it is paid")
        case .notPaid(let hash):
            self.init(
                .failedPrecondition,
                "invoice still open: \(hash) is not paid, or not all of it; nothing was taken")
        case .notCancelled(let hash):
            self.init(
                .failedPrecondition,
                "invoice not canceled: \(hash) can be paid or was paid, and is kept")
        case .tooLate(let hash):
            self.init(
                .failedPrecondition,
                "what is held for invoice \(hash) expires too soon to be taken safely, and is given"
                    + " back")
        }
    }

    /// lnd: the node has no such invoice.
    static func unknownInvoice(_ hash: PaymentHash) -> APIError {
        APIError(.notFound, "unable to locate invoice \(hash)")
    }
}

import Bitcoin
import LightningWire

/// The fields that an invoice request adds to an offer's (BOLT 12).
public struct InvoiceRequestFields: Hashable, Sendable {
    /// Bytes that nobody can guess, the first record of the stream.
    public var metadata: [UInt8]?
    /// The chain to pay on; nil for bitcoin's.
    public var chain: BlockHash?
    /// What the payer wants to pay.
    public var amount: UInt64?
    public var features: Features?
    public var quantity: UInt64?
    /// A key of the payer's for this request alone, which proves who asked.
    public var payerID: NodeID?
    /// Written by the payer: not to be shown unescaped.
    public var payerNote: String?
    /// Ways to the payer, where the request was published without an offer.
    public var paths: [BlindedPath]?
    /// The name by which the payer found the offer (BIP 353).
    public var bip353Name: Bip353Name?

    /// No fields.
    public init() {}

    mutating func codeRequest<C: TLVCoder>(_ coder: inout C) throws(WireError) {
        try coder.record(80, "invreq_chain", field: "chain", &chain)
        try coder.record(82, "invreq_amount", truncated: "msat", &amount)
        try coder.record(84, "invreq_features", bytesOf: "features", &features)
        try coder.record(86, "invreq_quantity", truncated: "quantity", &quantity)
        try coder.record(88, "invreq_payer_id", field: "key", &payerID)
        try coder.record(89, "invreq_payer_note", text: "note", &payerNote)
        try coder.record(90, "invreq_paths", list: "paths", &paths)
        try coder.record(91, "invreq_bip_353_name", field: "name", &bip353Name)
    }

    mutating func codeMetadata<C: TLVCoder>(_ coder: inout C) throws(WireError) {
        try coder.record(0, "invreq_metadata", bytes: "blob", &metadata)
    }

    func checkValues() throws(Bolt12Error) {
        try Bolt12Checks.features(features)
        try Bolt12Checks.paths(paths, "invreq_paths")
        try Bolt12Checks.point(payerID?.point, "invreq_payer_id")
        if let bip353Name, !bip353Name.isValid { throw .invalidField("invreq_bip_353_name") }
    }
}

/// A name of the form `₿user@domain` (BIP 353).
public struct Bip353Name: WireValue {
    public static var wireName: StaticString { "bip_353_name" }
    public static var blank: Bip353Name { Bip353Name(name: [], domain: []) }
    /// At most 255 bytes.
    public var name: [UInt8]
    /// At most 255 bytes.
    public var domain: [UInt8]

    /// A name at a domain.
    public init(name: [UInt8], domain: [UInt8]) {
        self.name = name
        self.domain = domain
    }

    /// Whether all bytes are of those that BOLT 12 allows.
    var isValid: Bool {
        let allowed = Set("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_.".utf8)
        return (name + domain).allSatisfy { allowed.contains($0) }
    }

    public init(fromWire reader: inout ByteReader) throws(DecodeError) {
        name = try reader.readBytes(Int(reader.readByte()))
        domain = try reader.readBytes(Int(reader.readByte()))
    }

    public func write(toWire writer: inout ByteWriter) {
        for part in [name, domain] {
            writer.writeByte(UInt8(truncatingIfNeeded: part.count))
            writer.write(part)
        }
    }
}

/// A request for an invoice: in answer to an offer, or published by someone who wants to pay (BOLT 12).
public struct InvoiceRequest: Hashable, Sendable {
    public let offer: OfferFields
    public let request: InvoiceRequestFields
    /// All records, those of odd types that are not known and the signature included.
    public let records: [TLVRecord]

    static let prefix = "lnr"
    static let message = "invoice_request"

    /// Makes a request and signs it with the key of `invreq_payer_id`, which is set from `payerKey`.
    ///
    /// `offer` is what is answered; nil publishes a request without one, whose description and amount stand in `fields`
    /// and `extra`. Throws ``Bolt12Error`` where a reader would refuse it.
    public init(
        to offer: Offer?, _ request: InvoiceRequestFields, published: OfferFields = OfferFields(),
        payerKey: PrivateKey
    ) throws(Bolt12Error) {
        var stream = InvoiceRequestStream()
        stream.offer = offer?.fields ?? published
        stream.request = request
        stream.request.payerID = NodeID(payerKey.publicKey)
        // BOLT 12: "MUST copy all fields from the offer (including unknown fields)."
        stream.unknownRecords = offer?.unknownRecords ?? []
        let records = try Bolt12Checks.records(stream.encoded, Self.message)
        let hash = Bolt12Signature.hash(records, message: Self.message)
        stream.signature = WireSchnorrSignature(payerKey.signSchnorr(hash))
        try self.init(decoding: stream.encoded)
    }

    /// Reads a request's text.
    public init(_ text: some StringProtocol) throws(Bolt12Error) {
        try self.init(decoding: Bolt12Text.decode(text, prefix: InvoiceRequest.prefix))
    }

    /// Reads a request's bytes and checks its signature and fields.
    public init(decoding bytes: [UInt8]) throws(Bolt12Error) {
        records = try Bolt12Checks.records(bytes, Self.message)
        try Bolt12Checks.types(
            records, in: 0...159, Bolt12Signature.types, 1_000_000_000...2_999_999_999)
        let stream: InvoiceRequestStream
        do {
            stream = try InvoiceRequestStream(decoding: bytes)
        } catch {
            throw .stream(error)
        }
        (offer, request) = (stream.offer, stream.request)
        guard request.metadata != nil else { throw .missingField("invreq_metadata") }
        guard let payerID = request.payerID else { throw .missingField("invreq_payer_id") }
        try offer.checkValues()
        try request.checkValues()
        if let signature = stream.signature {
            try Bolt12Checks.verify(
                signature, records, message: Self.message, key: payerID.point)
        } else if offer.isFromOffer {
            throw .missingField("signature")
        }
        try checkConsistency()
    }

    /// The request as text, in lower case.
    public var text: String {
        Bolt12Text.encode(OfferStream(records: records), prefix: InvoiceRequest.prefix)
    }

    private func checkConsistency() throws(Bolt12Error) {
        guard offer.isFromOffer else {
            if offer.chains != nil { throw .unexpectedField("offer_chains") }
            if offer.features != nil { throw .unexpectedField("offer_features") }
            if offer.quantityMax != nil { throw .unexpectedField("offer_quantity_max") }
            if request.amount == nil { throw .missingField("invreq_amount") }
            return
        }
        switch (offer.quantityMax, request.quantity) {
        case (nil, nil): break
        case (nil, .some): throw .unexpectedField("invreq_quantity")
        case (.some, nil): throw .missingField("invreq_quantity")
        case (.some(let limit), .some(let quantity)):
            guard quantity > 0, limit == 0 || quantity <= limit else {
                throw .invalidField("invreq_quantity")
            }
        }
        if let expected = try expectedAmount() {
            if let amount = request.amount, amount < expected {
                throw .invalidField("invreq_amount")
            }
        } else if offer.amount == nil, request.amount == nil {
            throw .missingField("invreq_amount")
        }
    }

    /// The price of all items in millisatoshi; nil where the offer has none or has it in another currency.
    public func expectedAmount() throws(Bolt12Error) -> UInt64? {
        guard let amount = offer.amount, offer.currency == nil else { return nil }
        let (product, overflow) = amount.multipliedReportingOverflow(by: request.quantity ?? 1)
        guard !overflow else { throw .invalidField("invreq_quantity") }
        return product
    }

    /// Throws where the request is not one to `offer`, or cannot be answered on `chain`.
    public func check(answers offer: Offer, chain: BlockHash) throws(Bolt12Error) {
        let range: ClosedRange<UInt64> = 1...79
        let experimental: ClosedRange<UInt64> = 1_000_000_000...1_999_999_999
        let own = records.filter { range.contains($0.type) || experimental.contains($0.type) }
        try Bolt12Checks.compare(own, offer.records)
        guard (request.chain ?? Network.mainnet.genesisHash) == chain else {
            throw .unsupportedChain
        }
    }
}

extension Offer {
    /// The records of odd types that this release does not know.
    var unknownRecords: [TLVRecord] {
        records.filter { $0.type % 2 == 1 }
    }
}

extension Bolt12Checks {
    /// Throws at the first type that only one of two lists has, or that has different values.
    static func compare(_ records: [TLVRecord], _ expected: [TLVRecord]) throws(Bolt12Error) {
        for (one, other) in zip(records, expected) where one != other {
            throw .mismatch(type: min(one.type, other.type))
        }
        let longer = records.count > expected.count ? records : expected
        if records.count != expected.count {
            throw .mismatch(type: longer[min(records.count, expected.count)].type)
        }
    }
}

/// The stream of an invoice request.
struct InvoiceRequestStream: TLVStream {
    static var name: StaticString { "invoice_request" }
    var offer = OfferFields()
    var request = InvoiceRequestFields()
    var signature: WireSchnorrSignature?
    var unknownRecords: [TLVRecord] = []

    mutating func code<C: TLVCoder>(_ coder: inout C) throws(WireError) {
        try request.codeMetadata(&coder)
        try offer.code(&coder)
        try request.codeRequest(&coder)
        try coder.record(240, "signature", field: "sig", &signature)
    }
}

import Bitcoin
import LightningWire

/// What a payee publishes so that invoices can be asked for over the network, as often as one likes (BOLT 12).
public struct Offer: Hashable, Sendable {
    public let fields: OfferFields
    /// All records, those of odd types that are not known included.
    public let records: [TLVRecord]

    private static let prefix = "lno"

    /// Makes an offer.
    ///
    /// Throws ``Bolt12Error`` where a reader would refuse it.
    public init(_ fields: OfferFields) throws(Bolt12Error) {
        try self.init(decoding: OfferStream(fields: fields).encoded)
    }

    /// Reads an offer's text.
    public init(_ text: some StringProtocol) throws(Bolt12Error) {
        try self.init(decoding: Bolt12Text.decode(text, prefix: Offer.prefix))
    }

    /// Reads an offer's bytes.
    public init(decoding bytes: [UInt8]) throws(Bolt12Error) {
        records = try Bolt12Checks.records(bytes, "offer")
        // BOLT 12: "MUST NOT set any TLV fields outside the inclusive ranges: 1 to 79 and 1000000000 to 1999999999."
        try Bolt12Checks.types(records, in: 1...79, 1_000_000_000...1_999_999_999)
        do {
            fields = try OfferStream(decoding: bytes).fields
        } catch {
            throw .stream(error)
        }
        try fields.checkValues()
        if let amount = fields.amount {
            guard fields.description != nil else { throw .missingField("offer_description") }
            guard amount > 0 else { throw .invalidField("offer_amount") }
        } else if fields.currency != nil {
            throw .missingField("offer_amount")
        }
        guard fields.isFromOffer else { throw .missingField("offer_issuer_id or offer_paths") }
    }

    /// The offer as text, in lower case.
    public var text: String {
        Bolt12Text.encode(OfferStream(records: records), prefix: Offer.prefix)
    }

    /// Throws where the offer cannot be answered on `chain` at `time`, in seconds since 1970.
    public func check(chain: BlockHash, time: UInt64) throws(Bolt12Error) {
        let chains = fields.chains ?? [Network.mainnet.genesisHash]
        guard chains.contains(chain) else { throw .unsupportedChain }
        if let expiry = fields.absoluteExpiry, time > expiry { throw .expired(at: expiry) }
    }
}

/// The stream of an offer.
struct OfferStream: TLVStream {
    static var name: StaticString { "offer" }
    var fields = OfferFields()
    var unknownRecords: [TLVRecord] = []

    init() {}

    init(fields: OfferFields) { self.fields = fields }

    mutating func code<C: TLVCoder>(_ coder: inout C) throws(WireError) {
        try fields.code(&coder)
    }
}

extension OfferStream {
    /// The bytes of `records`, which came from a stream.
    init(records: [TLVRecord]) {
        self.init()
        unknownRecords = records
    }
}

extension Bolt12Text {
    static func encode(_ stream: some TLVStream, prefix: String) -> String {
        encode(stream.encoded, prefix: prefix)
    }
}

import Bitcoin
import LightningWire

/// The fields of an offer, which invoice requests and invoices repeat (BOLT 12).
public struct OfferFields: Hashable, Sendable {
    /// The chains on which the offer can be paid; nil for bitcoin's.
    public var chains: [BlockHash]?
    /// For the issuer's own use.
    public var metadata: [UInt8]?
    /// The ISO 4217 code of the currency of ``amount``; nil for millisatoshi.
    public var currency: String?
    /// The price of one item, in millisatoshi or the currency's smallest unit.
    public var amount: UInt64?
    /// Written by the issuer: not to be shown unescaped.
    public var description: String?
    public var features: Features?
    /// In seconds since 1970.
    public var absoluteExpiry: UInt64?
    /// Ways to the issuer.
    public var paths: [BlindedPath]?
    /// Who the issuer claims to be: not to be shown unescaped.
    public var issuer: String?
    /// The most items of one invoice; 0 where there is no known limit, nil where there is only one item.
    public var quantityMax: UInt64?
    /// The key that will sign invoices.
    public var issuerID: NodeID?

    /// No fields.
    public init() {}

    mutating func code<C: TLVCoder>(_ coder: inout C) throws(WireError) {
        try coder.record(2, "offer_chains", list: "chains", &chains)
        try coder.record(4, "offer_metadata", bytes: "data", &metadata)
        try coder.record(6, "offer_currency", text: "iso4217", &currency)
        try coder.record(8, "offer_amount", truncated: "amount", &amount)
        try coder.record(10, "offer_description", text: "description", &description)
        try coder.record(12, "offer_features", bytesOf: "features", &features)
        try coder.record(
            14, "offer_absolute_expiry", truncated: "seconds_from_epoch", &absoluteExpiry)
        try coder.record(16, "offer_paths", list: "paths", &paths)
        try coder.record(18, "offer_issuer", text: "issuer", &issuer)
        try coder.record(20, "offer_quantity_max", truncated: "max", &quantityMax)
        try coder.record(22, "offer_issuer_id", field: "id", &issuerID)
    }

    /// Whether the fields answer an offer, instead of standing in a request that was published without one.
    var isFromOffer: Bool { issuerID != nil || paths != nil }

    /// Throws where the values of single fields are not what the specification allows.
    func checkValues() throws(Bolt12Error) {
        if let chains, chains.isEmpty { throw .invalidField("offer_chains") }
        try Bolt12Checks.features(features)
        if let currency {
            guard currency.utf8.count == 3, currency.allSatisfy({ $0.isASCII && $0.isUppercase })
            else { throw .invalidField("offer_currency") }
        }
        try Bolt12Checks.paths(paths, "offer_paths")
        try Bolt12Checks.point(issuerID?.point, "offer_issuer_id")
    }
}

/// Checks that several kinds of things share.
enum Bolt12Checks {
    /// Throws where a bit demands a feature. This release has none of BOLT 12's own.
    static func features(_ features: Features?, known: Features = Features()) throws(Bolt12Error) {
        for bit in features?.bits ?? [] where bit % 2 == 0 {
            guard known.contains(bit: bit) || known.contains(bit: bit + 1) else {
                throw .unknownRequiredFeature(bit: bit)
            }
        }
    }

    /// Throws where a path is there without paths in it, or with keys that are no points of the curve.
    static func paths(_ paths: [BlindedPath]?, _ name: String) throws(Bolt12Error) {
        guard let paths else { return }
        guard !paths.isEmpty else { throw .invalidField(name) }
        for path in paths {
            if case .nodeID(let id) = path.firstNode { try point(id.point, name) }
            try point(path.firstPathKey, name)
            for hop in path.hops { try point(hop.blindedNodeID, name) }
        }
    }

    static func point(_ point: Point?, _ name: String) throws(Bolt12Error) {
        guard let point else { return }
        guard (try? point.publicKey()) != nil else { throw .invalidField(name) }
    }

    /// Throws where a record's type lies outside of `ranges`.
    static func types(
        _ records: [TLVRecord], in ranges: ClosedRange<UInt64>...
    ) throws(Bolt12Error) {
        for record in records where !ranges.contains(where: { $0.contains(record.type) }) {
            throw .fieldOutOfRange(type: record.type)
        }
    }

    static func records(_ bytes: [UInt8], _ stream: String) throws(Bolt12Error) -> [TLVRecord] {
        do {
            return try TLVDecoder.split(bytes)
        } catch {
            throw .stream(.malformedStream(stream: stream, reason: error))
        }
    }

    /// Whether `signature` over `records` is that of `key`.
    static func verify(
        _ signature: WireSchnorrSignature, _ records: [TLVRecord], message: String, key: Point
    ) throws(Bolt12Error) {
        let hash = Bolt12Signature.hash(records, message: message)
        guard let key = try? XOnlyPublicKey(key.x), key.verify(signature.bytes, hash) else {
            throw .invalidSignature
        }
    }
}

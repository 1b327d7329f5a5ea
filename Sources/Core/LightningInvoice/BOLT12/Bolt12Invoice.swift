import Bitcoin
import LightningWire

/// The fields that an invoice adds to a request's (BOLT 12).
public struct Bolt12InvoiceFields: Hashable, Sendable {
    /// Ways to the payee, the preferred first.
    public var paths: [BlindedPath]?
    /// What each of ``paths`` costs, in its order.
    public var payInfos: [BlindedPayInfo]?
    /// In seconds since 1970.
    public var createdAt: UInt64?
    /// In seconds from ``createdAt``; nil for 7,200.
    public var relativeExpiry: UInt32?
    public var paymentHash: PaymentHash?
    /// The least that is accepted, in millisatoshi.
    public var amount: UInt64?
    /// Addresses to pay on the chain instead, the preferred first.
    public var fallbacks: [FallbackAddress]?
    public var features: Features?
    /// The key that signs the invoice.
    public var nodeID: NodeID?

    /// No fields.
    public init() {}

    mutating func code<C: TLVCoder>(_ coder: inout C) throws(WireError) {
        try coder.record(160, "invoice_paths", list: "paths", &paths)
        try coder.record(162, "invoice_blindedpay", list: "payinfo", &payInfos)
        try coder.record(164, "invoice_created_at", truncated: "timestamp", &createdAt)
        try coder.record(
            166, "invoice_relative_expiry", truncated: "seconds_from_creation", &relativeExpiry)
        try coder.record(168, "invoice_payment_hash", field: "payment_hash", &paymentHash)
        try coder.record(170, "invoice_amount", truncated: "msat", &amount)
        try coder.record(172, "invoice_fallbacks", list: "fallbacks", &fallbacks)
        try coder.record(174, "invoice_features", bytesOf: "features", &features)
        try coder.record(176, "invoice_node_id", field: "node_id", &nodeID)
    }
}

/// What it costs to pay along a blinded path (BOLT 12).
public struct BlindedPayInfo: WireValue {
    public static var wireName: StaticString { "blinded_payinfo" }
    public static var blank: BlindedPayInfo { BlindedPayInfo() }
    /// In millisatoshi.
    public var feeBase: UInt32 = 0
    public var feeProportionalMillionths: UInt32 = 0
    public var cltvExpiryDelta: UInt16 = 0
    public var htlcMinimum = MilliSatoshi.zero
    public var htlcMaximum = MilliSatoshi.zero
    public var features = Features()

    /// No cost, no limits.
    public init() {}

    public init(fromWire reader: inout ByteReader) throws(DecodeError) {
        feeBase = try reader.readBigEndian()
        feeProportionalMillionths = try reader.readBigEndian()
        cltvExpiryDelta = try reader.readBigEndian()
        htlcMinimum = try MilliSatoshi(fromWire: &reader)
        htlcMaximum = try MilliSatoshi(fromWire: &reader)
        features = Features(try reader.readBytes(Int(reader.readBigEndian(UInt16.self))))
    }

    public func write(toWire writer: inout ByteWriter) {
        writer.writeBigEndian(feeBase)
        writer.writeBigEndian(feeProportionalMillionths)
        writer.writeBigEndian(cltvExpiryDelta)
        htlcMinimum.write(toWire: &writer)
        htlcMaximum.write(toWire: &writer)
        writer.writeBigEndian(UInt16(truncatingIfNeeded: features.bytes.count))
        writer.write(features.bytes)
    }
}

/// An address on the chain (BOLT 12).
public struct FallbackAddress: WireValue {
    public static var wireName: StaticString { "fallback_address" }
    public static var blank: FallbackAddress { FallbackAddress(version: 0, program: []) }
    /// The witness version.
    public var version: UInt8
    public var program: [UInt8]

    /// An address of a witness version and program.
    public init(version: UInt8, program: [UInt8]) {
        self.version = version
        self.program = program
    }

    /// The script to pay; nil where the address must be ignored.
    ///
    /// BOLT 12: "MUST ignore any `fallback_address` for which `version` is greater than 16", or whose address has less than 2
    /// or more than 40 bytes or does not meet what its version demands.
    public var script: Script? {
        guard version <= 16, (2...40).contains(program.count),
            version != 0 || program.count == 20 || program.count == 32,
            version != 1 || program.count == 32
        else { return nil }
        return ScriptBuilder().push(Int64(version)).push(program).script
    }

    public init(fromWire reader: inout ByteReader) throws(DecodeError) {
        version = try reader.readByte()
        program = try reader.readBytes(Int(reader.readBigEndian(UInt16.self)))
    }

    public func write(toWire writer: inout ByteWriter) {
        writer.writeByte(version)
        writer.writeBigEndian(UInt16(truncatingIfNeeded: program.count))
        writer.write(program)
    }
}

/// An invoice that answers a request (BOLT 12). A value of this type is complete and its signature was checked or made.
public struct Bolt12Invoice: Hashable, Sendable {
    public let offer: OfferFields
    public let request: InvoiceRequestFields
    public let invoice: Bolt12InvoiceFields
    /// All records, those of odd types that are not known and the signature included.
    public let records: [TLVRecord]
    public let paymentHash: PaymentHash
    public let amount: MilliSatoshi
    /// The node that signed.
    public let nodeID: NodeID
    /// Ways to the payee with what they cost, the preferred first; those that demand a feature left out.
    public let usablePaths: [(path: BlindedPath, payInfo: BlindedPayInfo)]

    static let prefix = "lni"
    static let message = "invoice"
    private static let defaultExpiry: UInt64 = 7200
    /// BOLT 12's feature 16: payments in several parts.
    private static let knownFeatures = Features(bits: [17])

    /// Makes the invoice that answers `request` and signs it with the key of `invoice_node_id`, which is set from `key`.
    ///
    /// Throws ``Bolt12Error`` where a reader would refuse it.
    public init(
        answering request: InvoiceRequest, _ fields: Bolt12InvoiceFields, key: PrivateKey
    ) throws(Bolt12Error) {
        if request.request.amount == nil, let due = try request.expectedAmount(),
            fields.amount != due
        {
            throw .invalidField("invoice_amount")
        }
        var stream = Bolt12InvoiceStream()
        (stream.offer, stream.request, stream.invoice) = (request.offer, request.request, fields)
        stream.invoice.nodeID = NodeID(key.publicKey)
        stream.unknownRecords = request.unknownRecords
        let records = try Bolt12Checks.records(stream.encoded, Self.message)
        let hash = Bolt12Signature.hash(records, message: Self.message)
        stream.signature = WireSchnorrSignature(key.signSchnorr(hash))
        try self.init(decoding: stream.encoded)
    }

    /// Reads an invoice's text.
    public init(_ text: some StringProtocol) throws(Bolt12Error) {
        try self.init(decoding: Bolt12Text.decode(text, prefix: Bolt12Invoice.prefix))
    }

    /// Reads an invoice's bytes and checks its signature and fields.
    public init(decoding bytes: [UInt8]) throws(Bolt12Error) {
        records = try Bolt12Checks.records(bytes, Self.message)
        let stream: Bolt12InvoiceStream
        do {
            stream = try Bolt12InvoiceStream(decoding: bytes)
        } catch {
            throw .stream(error)
        }
        (offer, request, invoice) = (stream.offer, stream.request, stream.invoice)
        guard let amount = invoice.amount else { throw .missingField("invoice_amount") }
        guard invoice.createdAt != nil else { throw .missingField("invoice_created_at") }
        guard let hash = invoice.paymentHash else { throw .missingField("invoice_payment_hash") }
        guard let node = invoice.nodeID else { throw .missingField("invoice_node_id") }
        (self.amount, paymentHash, nodeID) = (MilliSatoshi(amount), hash, node)
        guard self.amount.isValid else { throw .invalidField("invoice_amount") }
        if let requested = request.amount, requested != amount {
            throw .invalidField("invoice_amount")
        }
        try Bolt12Checks.features(invoice.features, known: Self.knownFeatures)
        usablePaths = try Self.usablePaths(invoice)
        guard let signature = stream.signature else { throw .missingField("signature") }
        try Bolt12Checks.verify(signature, records, message: Self.message, key: node.point)
    }

    private static func usablePaths(
        _ invoice: Bolt12InvoiceFields
    ) throws(Bolt12Error) -> [(path: BlindedPath, payInfo: BlindedPayInfo)] {
        guard let paths = invoice.paths else { throw .missingField("invoice_paths") }
        try Bolt12Checks.paths(paths, "invoice_paths")
        guard let payInfos = invoice.payInfos else { throw .missingField("invoice_blindedpay") }
        guard payInfos.count == paths.count else { throw .invalidField("invoice_blindedpay") }
        let usable = zip(paths, payInfos).filter { _, payInfo in
            payInfo.features.bits.allSatisfy { $0 % 2 == 1 }
        }
        guard !usable.isEmpty else { throw .invalidField("invoice_blindedpay") }
        return usable.map { (path: $0, payInfo: $1) }
    }

    /// The invoice as text, in lower case.
    public var text: String {
        Bolt12Text.encode(OfferStream(records: records), prefix: Bolt12Invoice.prefix)
    }

    /// Whether it may be paid in several parts.
    public var allowsMultiPart: Bool {
        invoice.features.map { $0.contains(bit: 16) || $0.contains(bit: 17) } ?? false
    }

    /// The scripts to pay on the chain instead, the preferred first.
    public var fallbackScripts: [Script] { invoice.fallbacks?.compactMap(\.script) ?? [] }

    /// Throws where the invoice does not answer `request` exactly, or cannot be paid on `chain` at `time`, in seconds since
    /// 1970.
    public func check(
        answers asked: InvoiceRequest, chain: BlockHash, time: UInt64
    ) throws(Bolt12Error) {
        try Bolt12Checks.compare(Self.mirrored(records), Self.mirrored(asked.records))
        if let issuer = offer.issuerID, issuer != nodeID { throw .mismatch(type: 176) }
        guard (request.chain ?? Network.mainnet.genesisHash) == chain else {
            throw .unsupportedChain
        }
        let lifetime = invoice.relativeExpiry.map(UInt64.init) ?? Self.defaultExpiry
        let (end, overflow) = (invoice.createdAt ?? 0).addingReportingOverflow(lifetime)
        if !overflow, time > end { throw .expired(at: end) }
    }

    /// The records that an invoice repeats from its request.
    private static func mirrored(_ records: [TLVRecord]) -> [TLVRecord] {
        records.filter { $0.type <= 159 || (1_000_000_000...2_999_999_999).contains($0.type) }
    }

    public static func == (left: Bolt12Invoice, right: Bolt12Invoice) -> Bool {
        left.records == right.records
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(records) }
}

extension InvoiceRequest {
    /// The records of odd types that this release does not know.
    var unknownRecords: [TLVRecord] {
        let known: Set<UInt64> = [89, 91]
        return records.filter {
            $0.type % 2 == 1 && !known.contains($0.type)
                && !Bolt12Signature.types.contains($0.type)
        }
    }
}

/// The stream of an invoice.
struct Bolt12InvoiceStream: TLVStream {
    static var name: StaticString { "invoice" }
    var offer = OfferFields()
    var request = InvoiceRequestFields()
    var invoice = Bolt12InvoiceFields()
    var signature: WireSchnorrSignature?
    var unknownRecords: [TLVRecord] = []

    mutating func code<C: TLVCoder>(_ coder: inout C) throws(WireError) {
        try request.codeMetadata(&coder)
        try offer.code(&coder)
        try request.codeRequest(&coder)
        try invoice.code(&coder)
        try coder.record(240, "signature", field: "sig", &signature)
    }
}

/// Why a request or an invoice was refused, as one node tells the other (BOLT 12, `invoice_error`).
public struct InvoiceErrorTLVs: TLVStream {
    public static var name: StaticString { "invoice_error" }
    /// The type of the field that was wrong.
    public var erroneousField: UInt64?
    /// A value for that field which would be accepted.
    public var suggestedValue: [UInt8]?
    /// Written by the other side: not to be shown unescaped.
    public var error: String?
    public var unknownRecords: [TLVRecord] = []

    /// No reason.
    public init() {}

    public mutating func code<C: TLVCoder>(_ coder: inout C) throws(WireError) {
        try coder.record(1, "erroneous_field", truncated: "tlv_fieldnum", &erroneousField)
        try coder.record(3, "suggested_value", bytes: "value", &suggestedValue)
        try coder.record(5, "error", text: "msg", &error)
    }
}

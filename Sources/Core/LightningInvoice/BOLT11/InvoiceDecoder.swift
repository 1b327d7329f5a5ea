import Bitcoin
import LightningWire

extension Invoice {
    /// Parses an invoice, checks its signature and that it demands nothing which `known` does not support.
    ///
    /// Upper case and a `lightning:` before the invoice are accepted.
    public init(
        decoding text: some StringProtocol, known: Features = .invoiceFeatures
    ) throws(InvoiceError) {
        let invoice = Invoice.withoutScheme(String(text))
        var decoder = try InvoiceDecoder(invoice)
        try decoder.readFields()
        let content = try decoder.content()
        do {
            try content.features.check(known: known)
        } catch {
            throw .features(error)
        }
        let (payee, signature) = try decoder.verify()
        self.init(content, payee: payee, signature: signature, text: invoice.lowercased())
    }

    private static func withoutScheme(_ text: String) -> String {
        let scheme = "lightning:"
        guard text.prefix(scheme.count).lowercased() == scheme else { return text }
        return String(text.dropFirst(scheme.count).drop { $0 == "/" })
    }
}

extension Features {
    /// The features of invoices that this release can pay (BOLT 9's context `9`).
    public static let invoiceFeatures = Features(
        bits: [
            Feature.variableLengthOnion, .paymentSecret, .basicMultiPartPayment,
            .paymentMetadata, .attributionData,
        ].map { $0.evenBit + 1 })
}

/// Reads an invoice (BOLT 11).
struct InvoiceDecoder {
    private let prefix: String
    /// The data without checksum and signature.
    private let values: [UInt8]
    private let signatureValues: [UInt8]
    /// The position in the text of the first group of data.
    private let dataStart: Int
    private let network: Network
    private let amount: MilliSatoshi?

    private var paymentHash: PaymentHash?
    private var paymentSecret: Hash256?
    private var description: Invoice.Description?
    private var payee: NodeID?
    private var expiry: UInt64?
    private var minFinalCLTVExpiryDelta: UInt64?
    private var fallbacks: [Script] = []
    private var routeHints: [[RouteHintHop]] = []
    private var features: Features?
    private var metadata: [UInt8]?

    private static let timestampCount = 7
    private static let signatureCount = 104

    init(_ text: String) throws(InvoiceError) {
        let bech32: Bech32
        do {
            bech32 = try Bech32(decoding: text, limit: nil)
        } catch {
            throw .bech32(error)
        }
        guard bech32.variant == .bech32 else { throw .wrongChecksum }
        prefix = bech32.prefix
        dataStart = prefix.utf8.count + 1
        (network, amount) = try InvoiceDecoder.readPrefix(prefix)
        let minimum = Self.timestampCount + Self.signatureCount
        guard bech32.values.count >= minimum else {
            throw .tooShort(count: bech32.values.count, minimum: minimum)
        }
        values = Array(bech32.values.dropLast(Self.signatureCount))
        signatureValues = Array(bech32.values.suffix(Self.signatureCount))
    }

    /// The network whose prefix is the longest that fits, and the amount behind it.
    private static func readPrefix(
        _ prefix: String
    ) throws(InvoiceError) -> (Network, MilliSatoshi?) {
        // `lntb` and `lntbs` both begin an invoice: a digit or the end of the prefix decides.
        for network in [Network.regtest, .mainnet, .signet, .testnet3] {
            guard prefix.hasPrefix(network.invoicePrefix) else { continue }
            let rest = prefix.dropFirst(network.invoicePrefix.count)
            guard let first = rest.first else { return (network, nil) }
            guard first.isASCII, first.isNumber else { continue }
            return (
                network,
                try InvoiceAmount.decode(rest, offset: network.invoicePrefix.utf8.count)
            )
        }
        throw .unknownPrefix(prefix)
    }

    mutating func readFields() throws(InvoiceError) {
        var position = Self.timestampCount
        while position < values.count {
            guard values.count - position >= 3 else {
                throw .truncatedField(
                    letter(values[position]), position: dataStart + position, length: 3,
                    available: values.count - position)
            }
            let number = values[position]
            let length = Int(values[position + 1]) << 5 | Int(values[position + 2])
            let start = position + 3
            guard values.count - start >= length else {
                throw .truncatedField(
                    letter(number), position: dataStart + position, length: length,
                    available: values.count - start)
            }
            if let tag = InvoiceTag(rawValue: number) {
                try read(tag, values[start..<start + length], position: dataStart + position)
            }
            position = start + length
        }
    }

    private func letter(_ number: UInt8) -> Character {
        Bech32.encodeWithoutChecksum(prefix: "", values: [number]).last ?? "?"
    }

    private mutating func read(
        _ tag: InvoiceTag, _ field: ArraySlice<UInt8>, position: Int
    ) throws(InvoiceError) {
        switch tag {
        case .paymentHash:
            if let hash = hash(field), paymentHash == nil { paymentHash = PaymentHash(hash) }
        case .paymentSecret:
            if let hash = hash(field), paymentSecret == nil { paymentSecret = hash }
        case .descriptionHash:
            guard let hash = hash(field) else { return }
            guard description == nil else { throw .twoDescriptions(position: position) }
            description = .hash(hash)
        case .description:
            guard description == nil else { throw .twoDescriptions(position: position) }
            description = .text(try utf8(field, tag, position))
        case .payee:
            // Like the hashes, a key of a wrong length says nothing.
            guard field.count == 53, payee == nil else { return }
            guard let point = try? Point(bytes(field, tag, position)) else {
                throw .malformedField(tag.letter, position: position, expected: "a public key")
            }
            payee = NodeID(point)
        case .expiry:
            expiry = try number(field, tag, position)
        case .minFinalCLTVExpiryDelta:
            minFinalCLTVExpiryDelta = try number(field, tag, position)
        case .fallback:
            if let script = fallback(field) { fallbacks.append(script) }
        case .routeHint:
            routeHints.append(try route(field, position))
        case .features:
            guard field.first != 0 else {
                throw .malformedField(
                    tag.letter, position: position, expected: "bits without leading zeros")
            }
            features = FiveBitNumber.features(field)
        case .metadata:
            metadata = try bytes(field, tag, position)
        }
    }

    func content() throws(InvoiceError) -> InvoiceContent {
        guard let paymentHash else { throw .missingField("p", name: "payment hash") }
        guard let paymentSecret else { throw .missingField("s", name: "payment secret") }
        guard let description else { throw .missingField("d", name: "description") }
        return InvoiceContent(
            network: network, amount: amount,
            timestamp: FiveBitNumber.decode(values.prefix(Self.timestampCount)) ?? 0,
            paymentHash: paymentHash, paymentSecret: paymentSecret, description: description,
            expiry: expiry ?? InvoiceContent.defaultExpiry,
            minFinalCLTVExpiryDelta: minFinalCLTVExpiryDelta
                ?? InvoiceContent.defaultMinFinalCLTVExpiryDelta,
            fallbacks: fallbacks, routeHints: routeHints, features: features ?? Features(),
            metadata: metadata, includesPayee: payee != nil)
    }

    /// The node whose key made the signature.
    ///
    /// BOLT 11: "MUST use the `n` field to validate the signature instead of performing public-key recovery", and then
    /// "If the signature is not compliant with the low-S standard rule: MUST fail the payment".
    func verify() throws(InvoiceError) -> (NodeID, RecoverableSignature) {
        let hash = InvoiceEncoder.signatureHash(prefix: prefix, values: values)
        guard let bytes = try? Bech32.bytes(of: signatureValues), bytes.count == 65,
            let signature = try? RecoverableSignature(
                compact: Array(bytes[..<64]), recoveryID: bytes[64])
        else { throw .invalidSignature }
        if let payee {
            guard let key = try? payee.point.publicKey(),
                let plain = try? ECDSASignature(compact: signature.compact)
            else { throw .invalidSignature }
            guard plain.isLowS else { throw .highS }
            guard key.verify(plain, hash) else { throw .invalidSignature }
            return (payee, signature)
        }
        guard let key = try? signature.recover(hash) else { throw .invalidSignature }
        return (NodeID(key), signature)
    }
}

// MARK: - The forms of fields

extension InvoiceDecoder {
    /// 32 bytes; nil where the length is another one, which readers pass over.
    private func hash(_ field: ArraySlice<UInt8>) -> Hash256? {
        guard field.count == 52, let bytes = try? Bech32.bytes(of: field) else { return nil }
        return try? Hash256(bytes)
    }

    private func bytes(
        _ field: ArraySlice<UInt8>, _ tag: InvoiceTag, _ position: Int
    ) throws(InvoiceError) -> [UInt8] {
        do {
            return try Bech32.bytes(of: field)
        } catch {
            throw .malformedField(
                tag.letter, position: position, expected: "whole bytes, padded with zero bits")
        }
    }

    private func utf8(
        _ field: ArraySlice<UInt8>, _ tag: InvoiceTag, _ position: Int
    ) throws(InvoiceError) -> String {
        guard let text = String(validating: try bytes(field, tag, position), as: UTF8.self) else {
            throw .malformedField(tag.letter, position: position, expected: "UTF-8")
        }
        return text
    }

    private func number(
        _ field: ArraySlice<UInt8>, _ tag: InvoiceTag, _ position: Int
    ) throws(InvoiceError) -> UInt64 {
        guard field.first != 0, let number = FiveBitNumber.decode(field) else {
            throw .malformedField(
                tag.letter, position: position,
                expected: "a number below 2^64 without leading zeros")
        }
        return number
    }

    /// The script of a fallback; nil for a version that is not known. BOLT 11: "MUST skip over `f` fields that use an
    /// unknown `version`."
    private func fallback(_ field: ArraySlice<UInt8>) -> Script? {
        guard let version = field.first, let program = try? Bech32.bytes(of: field.dropFirst())
        else { return nil }
        switch version {
        case 0...16:
            let isValid =
                version == 0
                ? program.count == 20 || program.count == 32 : (2...40).contains(program.count)
            return isValid
                ? ScriptBuilder().push(Int64(version)).push(program).script : nil
        case 17: return (try? Hash160(program)).map { .payToPublicKeyHash($0) }
        case 18: return (try? Hash160(program)).map { .payToScriptHash($0) }
        default: return nil
        }
    }

    private func route(
        _ field: ArraySlice<UInt8>, _ position: Int
    ) throws(InvoiceError) -> [RouteHintHop] {
        let bytes = try bytes(field, .routeHint, position)
        do {
            var reader = ByteReader(bytes.span.bytes)
            var hops: [RouteHintHop] = []
            repeat {
                hops.append(
                    RouteHintHop(
                        nodeID: try NodeID(fromWire: &reader),
                        shortChannelID: try ShortChannelID(fromWire: &reader),
                        feeBase: try reader.readBigEndian(),
                        feeProportionalMillionths: try reader.readBigEndian(),
                        cltvExpiryDelta: try reader.readBigEndian()))
            } while !reader.isAtEnd
            return hops
        } catch {
            throw .malformedField(
                "r", position: position, expected: "one or more hops of 51 bytes")
        }
    }
}

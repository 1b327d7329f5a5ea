import Bitcoin
import LightningWire

/// Writes an invoice (BOLT 11).
struct InvoiceEncoder {
    private let prefix: String
    private let values: [UInt8]

    init(_ content: InvoiceContent, payee: NodeID) {
        prefix =
            content.network.invoicePrefix + (content.amount.map(InvoiceAmount.encode) ?? "")
        var fields = FieldWriter()
        fields.values += FiveBitNumber.encode(content.timestamp, count: 7)
        fields.append(.paymentHash, Bech32.values(of: content.paymentHash.hash.bytes))
        fields.append(.paymentSecret, Bech32.values(of: content.paymentSecret.bytes))
        switch content.description {
        case .text(let text): fields.append(.description, Bech32.values(of: Array(text.utf8)))
        case .hash(let hash): fields.append(.descriptionHash, Bech32.values(of: hash.bytes))
        }
        if let metadata = content.metadata {
            fields.append(.metadata, Bech32.values(of: metadata))
        }
        if content.includesPayee {
            fields.append(.payee, Bech32.values(of: payee.point.bytes))
        }
        if content.expiry != InvoiceContent.defaultExpiry {
            fields.append(.expiry, FiveBitNumber.encode(content.expiry))
        }
        if content.minFinalCLTVExpiryDelta != InvoiceContent.defaultMinFinalCLTVExpiryDelta {
            fields.append(
                .minFinalCLTVExpiryDelta,
                FiveBitNumber.encode(content.minFinalCLTVExpiryDelta))
        }
        for script in content.fallbacks {
            if let values = InvoiceEncoder.fallback(script) { fields.append(.fallback, values) }
        }
        for route in content.routeHints {
            fields.append(.routeHint, Bech32.values(of: InvoiceEncoder.bytes(of: route)))
        }
        // BOLT 11: "MUST omit the `9` field altogether" where no bit is set.
        let features = FiveBitNumber.encode(content.features)
        if !features.isEmpty { fields.append(.features, features) }
        values = fields.values
    }

    /// BOLT 11: "the human-readable part (as UTF-8 bytes) concatenated with the data part (excluding the signature), with 0
    /// bits appended to pad to a byte boundary."
    static func signatureHash(prefix: String, values: [UInt8]) -> Hash256 {
        var bytes = Array(prefix.utf8)
        var (buffer, bits): (UInt32, Int) = (0, 0)
        for value in values {
            buffer = buffer << 5 | UInt32(value)
            bits += 5
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(buffer >> bits & 0xff))
                buffer &= (1 << bits) - 1
            }
        }
        if bits > 0 { bytes.append(UInt8(buffer << (8 - bits) & 0xff)) }
        return SHA256.hash(bytes)
    }

    var signatureHash: Hash256 {
        InvoiceEncoder.signatureHash(prefix: prefix, values: values)
    }

    func text(_ signature: RecoverableSignature) -> String {
        Bech32.encode(
            prefix: prefix,
            values: values + Bech32.values(of: signature.compact + [signature.recoveryID]),
            variant: .bech32)
    }

    /// The version and the program or hash of a script; nil for one that has no address.
    private static func fallback(_ script: Script) -> [UInt8]? {
        if let (version, program) = script.witnessProgram {
            return [version] + Bech32.values(of: program)
        }
        switch script.template {
        case .payToPublicKeyHash(let hash): return [17] + Bech32.values(of: hash.bytes)
        case .payToScriptHash(let hash): return [18] + Bech32.values(of: hash.bytes)
        default: return nil
        }
    }

    private static func bytes(of route: [RouteHintHop]) -> [UInt8] {
        var writer = ByteWriter(capacity: route.count * 51)
        for hop in route {
            writer.write(hop.nodeID.point.bytes)
            writer.writeBigEndian(hop.shortChannelID.value)
            writer.writeBigEndian(hop.feeBase)
            writer.writeBigEndian(hop.feeProportionalMillionths)
            writer.writeBigEndian(hop.cltvExpiryDelta)
        }
        return writer.bytes
    }
}

/// Fields with their letter and length.
private struct FieldWriter {
    var values: [UInt8] = []

    mutating func append(_ tag: InvoiceTag, _ field: [UInt8]) {
        precondition(field.count < 1024, "a field of an invoice has at most 1,023 groups")
        values += [tag.rawValue, UInt8(field.count >> 5), UInt8(field.count & 31)] + field
    }
}

import Bitcoin
import LightningWire

/// The signature over a stream, of which single fields can be shown without the others (BOLT 12, "Signature
/// Calculation").
public enum Bolt12Signature {
    /// Signatures are records of these types, which no signature covers.
    static let types: ClosedRange<UInt64> = 240...1000

    /// The root of the tree over `records`, signatures left out. At least one record is no signature.
    public static func merkleRoot(_ records: [TLVRecord]) -> Hash256 {
        let covered = records.filter { !types.contains($0.type) }
        guard let first = covered.first else { return .zero }
        let nonceTag = SHA256.hash(Array("LnNonce".utf8) + encode(first))
        var row = covered.map { record in
            var type = ByteWriter()
            type.writeBigSize(record.type)
            let leaf = SHA256.taggedHash("LnLeaf", encode(record))
            let nonce = tagged(nonceTag, type.bytes)
            return branch(leaf, nonce)
        }
        while row.count > 1 {
            var next: [Hash256] = []
            for index in stride(from: 0, to: row.count, by: 2) {
                next.append(
                    index + 1 < row.count ? branch(row[index], row[index + 1]) : row[index])
            }
            row = next
        }
        return row[0]
    }

    /// What the key signs: the root under a tag that names the stream and the field.
    public static func hash(
        _ records: [TLVRecord], message: String, field: String = "signature"
    ) -> Hash256 {
        SHA256.taggedHash("lightning" + message + field, merkleRoot(records).bytes)
    }

    private static func branch(_ one: Hash256, _ other: Hash256) -> Hash256 {
        SHA256.taggedHash(
            "LnBranch", min(one, other).bytes + max(one, other).bytes)
    }

    private static func tagged(_ tag: Hash256, _ bytes: [UInt8]) -> Hash256 {
        var hasher = SHA256()
        hasher.update(tag)
        hasher.update(tag)
        hasher.update(bytes)
        return hasher.finalize()
    }

    private static func encode(_ record: TLVRecord) -> [UInt8] {
        var writer = ByteWriter()
        writer.writeBigSize(record.type)
        writer.writeBigSize(UInt64(record.value.count))
        writer.write(record.value)
        return writer.bytes
    }
}

/// A signature of BIP 340 as it stands in a message.
public struct WireSchnorrSignature: WireValue {
    public static var wireName: StaticString { "bip340sig" }
    public static var blank: WireSchnorrSignature {
        WireSchnorrSignature([UInt8](repeating: 0, count: 64))
    }
    /// The 64 bytes.
    public let bytes: [UInt8]

    /// Takes 64 bytes.
    init(_ bytes: [UInt8]) { self.bytes = bytes }

    public init(fromWire reader: inout ByteReader) throws(DecodeError) {
        bytes = try reader.readBytes(64)
    }

    public func write(toWire writer: inout ByteWriter) { writer.write(bytes) }
}

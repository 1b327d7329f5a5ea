/// The first four bytes of the hash of a public key, by which paths name the key that they start from (BIP 32).
public struct KeyFingerprint: Hashable, Sendable {
    /// The four bytes, the first one as the most significant.
    public let value: UInt32

    /// A fingerprint of these four bytes as a number.
    public init(value: UInt32) { self.value = value }

    /// The fingerprint of `key`.
    public init(_ key: PublicKey) {
        value = Hash160(hashing: key.compressed).bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// The parent of a master key: none.
    public static let none = KeyFingerprint(value: 0)
}

extension KeyFingerprint: BinaryCodable {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        value = try reader.readBigEndian()
    }

    public func write(to writer: inout ByteWriter) {
        writer.writeBigEndian(value)
    }
}

extension KeyFingerprint: CustomStringConvertible {
    /// Eight lower-case hexadecimal digits.
    public var description: String { Hex.encode(encoded) }
}

/// Twenty bytes: the RIPEMD-160 of a SHA-256, which old addresses and segwit key hashes hold.
public struct Hash160: Hashable, Sendable {
    /// The 20 bytes in their order on the wire.
    public let bytes: [UInt8]

    /// Takes exactly 20 bytes.
    ///
    /// Throws ``DecodeError/truncated(needed:available:)`` or ``DecodeError/trailingBytes(count:)``.
    public init(_ bytes: some Collection<UInt8>) throws(DecodeError) {
        guard bytes.count >= 20 else { throw .truncated(needed: 20, available: bytes.count) }
        guard bytes.count == 20 else { throw .trailingBytes(count: bytes.count - 20) }
        self.bytes = Array(bytes)
    }

    /// The RIPEMD-160 of the SHA-256 of `data`.
    public init(hashing data: [UInt8]) {
        bytes = RIPEMD160.hash(SHA256.hash(data).bytes)
    }
}

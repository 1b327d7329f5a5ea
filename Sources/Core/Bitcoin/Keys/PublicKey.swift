import CSecp256k1

/// A point of secp256k1 other than infinity, parsed and on the curve.
public struct PublicKey: Sendable {
    var raw: secp256k1_pubkey

    init(_ raw: secp256k1_pubkey) { self.raw = raw }

    /// Parses 33 compressed or 65 uncompressed (or hybrid) bytes, as consensus accepts them.
    ///
    /// Throws ``KeyError/invalidPublicKey``.
    public init(_ bytes: [UInt8]) throws(KeyError) {
        var key = secp256k1_pubkey()
        guard
            secp256k1_ec_pubkey_parse(Secp256k1.context, &key, bytes, bytes.count) == 1
        else { throw .invalidPublicKey }
        raw = key
    }

    /// Parses 33 compressed bytes, the only form that segwit and Lightning allow.
    ///
    /// Throws ``KeyError/invalidPublicKey``.
    public init(compressed bytes: [UInt8]) throws(KeyError) {
        guard bytes.count == 33 else { throw .invalidPublicKey }
        try self.init(bytes)
    }

    /// The 33 bytes of the compressed form.
    public var compressed: [UInt8] {
        serialized(count: 33, flags: UInt32(SECP256K1_EC_COMPRESSED))
    }

    /// The 65 bytes of the uncompressed form.
    public var uncompressed: [UInt8] {
        serialized(count: 65, flags: UInt32(SECP256K1_EC_UNCOMPRESSED))
    }

    /// The point plus `tweak` times the generator.
    public func adding(_ tweak: Hash256) throws(KeyError) -> PublicKey {
        var key = raw
        let done = tweak.withScalar { scalar in
            secp256k1_ec_pubkey_tweak_add(Secp256k1.context, &key, scalar)
        }
        guard done == 1 else { throw .degenerateResult }
        return PublicKey(key)
    }

    /// The point times `tweak`.
    public func multiplying(by tweak: Hash256) throws(KeyError) -> PublicKey {
        var key = raw
        let done = tweak.withScalar { scalar in
            secp256k1_ec_pubkey_tweak_mul(Secp256k1.context, &key, scalar)
        }
        guard done == 1 else { throw .degenerateResult }
        return PublicKey(key)
    }

    /// The point times a private key.
    public func multiplying(by key: PrivateKey) throws(KeyError) -> PublicKey {
        var point = raw
        let done = key.secret.withScalar { scalar in
            secp256k1_ec_pubkey_tweak_mul(Secp256k1.context, &point, scalar)
        }
        guard done == 1 else { throw .degenerateResult }
        return PublicKey(point)
    }

    /// The sum of two points.
    public func adding(_ other: PublicKey) throws(KeyError) -> PublicKey {
        var (first, second, sum) = (raw, other.raw, secp256k1_pubkey())
        let done = withUnsafePointer(to: &first) { first in
            withUnsafePointer(to: &second) { second in
                var pointers: [UnsafePointer<secp256k1_pubkey>?] = [first, second]
                return secp256k1_ec_pubkey_combine(Secp256k1.context, &sum, &pointers, 2)
            }
        }
        guard done == 1 else { throw .degenerateResult }
        return PublicKey(sum)
    }

    /// The point mirrored at the axis: the negative of the key.
    public var negated: PublicKey {
        var key = raw
        _ = secp256k1_ec_pubkey_negate(Secp256k1.context, &key)
        return PublicKey(key)
    }

    private func serialized(count: Int, flags: UInt32) -> [UInt8] {
        var key = raw
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, written in
            written = count
            if let base = buffer.baseAddress {
                _ = secp256k1_ec_pubkey_serialize(
                    Secp256k1.context, base, &written, &key, flags)
            }
        }
    }
}

extension PublicKey: Hashable {
    public static func == (left: PublicKey, right: PublicKey) -> Bool {
        withUnsafeBytes(of: left.raw) { left in
            withUnsafeBytes(of: right.raw) { right in
                // Words at a time: keys are compared more often than anything else is done with them.
                var difference: UInt64 = 0
                for offset in stride(from: 0, to: left.count, by: 8) {
                    difference |=
                        left.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                        ^ right.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                }
                return difference == 0
            }
        }
    }

    public func hash(into hasher: inout Hasher) {
        withUnsafeBytes(of: raw) { hasher.combine(bytes: $0) }
    }
}

extension PublicKey: CustomStringConvertible {
    /// The compressed form in hexadecimal digits.
    public var description: String { Hex.encode(compressed) }
}

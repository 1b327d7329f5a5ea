import CSecp256k1

/// An ECDSA signature: two numbers below the group's order.
public struct ECDSASignature: Hashable, Sendable {
    /// The first number, most significant byte first.
    public let r: Hash256
    /// The second number, most significant byte first.
    public let s: Hash256

    /// Parses the 64 bytes of r and s, as Lightning's messages hold them.
    ///
    /// Throws ``KeyError/invalidSignature`` where a number is not below the order.
    public init(compact bytes: [UInt8]) throws(KeyError) {
        var raw = secp256k1_ecdsa_signature()
        guard bytes.count == 64,
            secp256k1_ecdsa_signature_parse_compact(Secp256k1.context, &raw, bytes) == 1
        else { throw .invalidSignature }
        self.init(raw)
    }

    /// Parses strict DER (BIP 66) without a hash type.
    ///
    /// Throws ``KeyError/invalidSignature``.
    public init(der bytes: [UInt8]) throws(KeyError) {
        var raw = secp256k1_ecdsa_signature()
        guard
            secp256k1_ecdsa_signature_parse_der(
                Secp256k1.context, &raw, bytes, bytes.count) == 1
        else { throw .invalidSignature }
        self.init(raw)
    }

    init(_ raw: secp256k1_ecdsa_signature) {
        var raw = raw
        var bytes = [UInt8](repeating: 0, count: 64)
        _ = secp256k1_ecdsa_signature_serialize_compact(Secp256k1.context, &bytes, &raw)
        r = Hash256(unsafeFilling: { $0.copyBytes(from: bytes[..<32]) })
        s = Hash256(unsafeFilling: { $0.copyBytes(from: bytes[32...]) })
    }

    /// The 64 bytes of r and s.
    public var compact: [UInt8] { r.bytes + s.bytes }

    /// The DER form (BIP 66), up to 72 bytes, without a hash type.
    public var der: [UInt8] {
        var raw = raw
        return [UInt8](unsafeUninitializedCapacity: 72) { buffer, count in
            count = 72
            if let base = buffer.baseAddress {
                _ = secp256k1_ecdsa_signature_serialize_der(
                    Secp256k1.context, base, &count, &raw)
            }
        }
    }

    /// The same signature with s in the lower half, as policy and Lightning demand.
    public var normalized: ECDSASignature {
        var (source, target) = (raw, secp256k1_ecdsa_signature())
        _ = secp256k1_ecdsa_signature_normalize(Secp256k1.context, &target, &source)
        return ECDSASignature(target)
    }

    /// Whether s is in the lower half.
    public var isLowS: Bool {
        var source = raw
        return secp256k1_ecdsa_signature_normalize(Secp256k1.context, nil, &source) == 0
    }

    var raw: secp256k1_ecdsa_signature {
        var raw = secp256k1_ecdsa_signature()
        _ = secp256k1_ecdsa_signature_parse_compact(Secp256k1.context, &raw, compact)
        return raw
    }
}

extension PrivateKey {
    /// Signs `hash` with the deterministic nonce of RFC 6979; s is in the lower half.
    ///
    /// `grindLowR` tries counters until r has no leading bit, which makes every DER form 70 or 71 bytes, as bitcoind
    /// does, so that weights are known before signing.
    public func sign(_ hash: Hash256, grindLowR: Bool = true) -> ECDSASignature {
        var counter: UInt32 = 0
        while true {
            let signature = sign(hash, counter: counter)
            let firstByte = signature.r.withUnsafeBytes { $0[0] }
            if !grindLowR || firstByte < 0x80 { return signature }
            counter += 1
        }
    }

    private func sign(_ hash: Hash256, counter: UInt32) -> ECDSASignature {
        var signature = secp256k1_ecdsa_signature()
        var extra = [UInt8](repeating: 0, count: 32)
        withUnsafeBytes(of: counter.littleEndian) {
            extra.replaceSubrange(0..<4, with: $0)
        }
        _ = secret.withScalar { key in
            hash.withScalar { hash in
                extra.withUnsafeBytes { extra in
                    secp256k1_ecdsa_sign(
                        Secp256k1.context, &signature, hash, key, nil,
                        counter == 0 ? nil : extra.baseAddress)
                }
            }
        }
        return ECDSASignature(signature)
    }
}

extension PublicKey {
    /// Whether `signature` over `hash` was made with the private key of this point; s must be in the lower half.
    public func verify(_ signature: ECDSASignature, _ hash: Hash256) -> Bool {
        var (signature, key) = (signature.raw, raw)
        return hash.withScalar { hash in
            secp256k1_ecdsa_verify(Secp256k1.context, &signature, hash, &key) == 1
        }
    }
}

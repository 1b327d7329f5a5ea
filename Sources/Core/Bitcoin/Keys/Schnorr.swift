import CSecp256k1

/// A public key of BIP 340: the x coordinate of a point whose y is even.
public struct XOnlyPublicKey: Sendable {
    /// The x coordinate, most significant byte first.
    public let x: Hash256
    var raw: secp256k1_xonly_pubkey

    /// Parses 32 bytes.
    ///
    /// Throws ``KeyError/invalidPublicKey`` where no point has that x coordinate.
    public init(_ bytes: [UInt8]) throws(KeyError) {
        guard let x = try? Hash256(bytes) else { throw .invalidPublicKey }
        try self.init(x)
    }

    /// Parses an x coordinate.
    ///
    /// Throws ``KeyError/invalidPublicKey`` where no point has it.
    public init(_ x: Hash256) throws(KeyError) {
        var key = secp256k1_xonly_pubkey()
        let done = x.withScalar { bytes in
            secp256k1_xonly_pubkey_parse(Secp256k1.context, &key, bytes)
        }
        guard done == 1 else { throw .invalidPublicKey }
        self.x = x
        raw = key
    }

    init(_ raw: secp256k1_xonly_pubkey) {
        var key = raw
        self.raw = raw
        x = Hash256(unsafeFilling: { target in
            if let base = target.baseAddress {
                _ = secp256k1_xonly_pubkey_serialize(
                    Secp256k1.context, base.assumingMemoryBound(to: UInt8.self), &key)
            }
        })
    }

    /// The 32 bytes of the x coordinate.
    public var bytes: [UInt8] { x.bytes }

    /// Whether `signature` (64 bytes) over `message` holds (BIP 340).
    public func verify(_ signature: [UInt8], _ message: [UInt8]) -> Bool {
        var key = raw
        return signature.count == 64
            && secp256k1_schnorrsig_verify(
                Secp256k1.context, signature, message, message.count, &key) == 1
    }

    /// Whether `signature` (64 bytes) over the 32 bytes of `hash` holds (BIP 340).
    public func verify(_ signature: [UInt8], _ hash: Hash256) -> Bool {
        var key = raw
        return signature.count == 64
            && hash.withScalar { message in
                secp256k1_schnorrsig_verify(
                    Secp256k1.context, signature, message, 32, &key) == 1
            }
    }

    /// The point plus `tweak` times the generator, and whether its y is odd (BIP 341).
    public func adding(_ tweak: Hash256) throws(KeyError) -> (key: XOnlyPublicKey, isOdd: Bool) {
        var (key, sum) = (raw, secp256k1_pubkey())
        let done = tweak.withScalar { scalar in
            secp256k1_xonly_pubkey_tweak_add(Secp256k1.context, &sum, &key, scalar)
        }
        guard done == 1 else { throw .degenerateResult }
        return PublicKey(sum).xOnly
    }

    /// Whether this is `internalKey` plus `tweak` times the generator with the given parity (BIP 341).
    public func isTweak(
        of internalKey: XOnlyPublicKey, by tweak: Hash256, isOdd: Bool
    ) -> Bool {
        var key = internalKey.raw
        return x.withScalar { x in
            tweak.withScalar { scalar in
                secp256k1_xonly_pubkey_tweak_add_check(
                    Secp256k1.context, x, isOdd ? 1 : 0, &key, scalar) == 1
            }
        }
    }
}

extension XOnlyPublicKey: Hashable {
    public static func == (left: XOnlyPublicKey, right: XOnlyPublicKey) -> Bool {
        left.x == right.x
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(x) }
}

extension PublicKey {
    /// The x coordinate and whether y is odd.
    public var xOnly: (key: XOnlyPublicKey, isOdd: Bool) {
        var (key, xOnly, parity) = (raw, secp256k1_xonly_pubkey(), Int32(0))
        _ = secp256k1_xonly_pubkey_from_pubkey(Secp256k1.context, &xOnly, &parity, &key)
        return (XOnlyPublicKey(xOnly), parity == 1)
    }
}

extension PrivateKey {
    /// Signs 32 bytes (BIP 340). `auxiliary` is fresh randomness, or zero where there is none.
    public func signSchnorr(_ hash: Hash256, auxiliary: Hash256 = .zero) -> [UInt8] {
        var pair = secp256k1_keypair()
        defer { pair = secp256k1_keypair() }
        _ = secret.withScalar { key in
            secp256k1_keypair_create(Secp256k1.context, &pair, key)
        }
        var signature = [UInt8](repeating: 0, count: 64)
        _ = hash.withScalar { message in
            auxiliary.withScalar { auxiliary in
                secp256k1_schnorrsig_sign32(
                    Secp256k1.context, &signature, message, &pair, auxiliary)
            }
        }
        return signature
    }

    /// The private key of the point with even y, plus `tweak` (BIP 341's key path).
    public func taprootTweaked(by tweak: Hash256) throws(KeyError) -> PrivateKey {
        let evenKey = publicKey.xOnly.isOdd ? negated : self
        return try evenKey.adding(tweak)
    }
}

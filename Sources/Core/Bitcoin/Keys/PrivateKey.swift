import CSecp256k1

/// A private key of secp256k1: a number from 1 to the group's order less one, wiped after its last use.
public struct PrivateKey: Sendable, Equatable {
    let secret: SecretBytes

    /// Takes 32 bytes, most significant first.
    ///
    /// Throws ``KeyError/invalidPrivateKey`` where they are not a number in range.
    public init(_ bytes: some Collection<UInt8>) throws(KeyError) {
        guard bytes.count == 32 else { throw .invalidPrivateKey }
        try self.init(SecretBytes(bytes))
    }

    /// Takes 32 bytes, most significant first, without copying them.
    public init(_ secret: SecretBytes) throws(KeyError) {
        guard secret.count == 32,
            secret.withScalar({ scalar in
                secp256k1_ec_seckey_verify(Secp256k1.context, scalar) == 1
            })
        else { throw .invalidPrivateKey }
        self.secret = secret
    }

    /// Takes the bytes of a hash as a number.
    public init(_ hash: Hash256) throws(KeyError) {
        try self.init(
            SecretBytes(
                count: 32,
                unsafeFilling: { target in
                    hash.withUnsafeBytes { target.copyMemory(from: $0) }
                }))
    }

    /// The point that belongs to this key.
    public var publicKey: PublicKey {
        var key = secp256k1_pubkey()
        _ = secret.withScalar { scalar in
            secp256k1_ec_pubkey_create(Secp256k1.context, &key, scalar)
        }
        return PublicKey(key)
    }

    /// The 32 bytes, most significant first, in a copy that is not wiped.
    public func exposedBytes() -> [UInt8] { secret.exposedCopy() }

    /// The key plus `tweak` modulo the group's order.
    public func adding(_ tweak: Hash256) throws(KeyError) -> PrivateKey {
        try tweaked { key in
            tweak.withScalar { scalar in
                secp256k1_ec_seckey_tweak_add(Secp256k1.context, key, scalar)
            }
        }
    }

    /// The key plus `tweak`, 32 bytes that are a secret themselves, modulo the group's order.
    func adding(_ tweak: SecretBytes) throws(KeyError) -> PrivateKey {
        try tweaked { key in
            tweak.withScalar { scalar in
                secp256k1_ec_seckey_tweak_add(Secp256k1.context, key, scalar)
            }
        }
    }

    /// The key times `tweak` modulo the group's order.
    public func multiplying(by tweak: Hash256) throws(KeyError) -> PrivateKey {
        try tweaked { key in
            tweak.withScalar { scalar in
                secp256k1_ec_seckey_tweak_mul(Secp256k1.context, key, scalar)
            }
        }
    }

    /// The sum of two keys modulo the group's order.
    public func adding(_ other: PrivateKey) throws(KeyError) -> PrivateKey {
        try tweaked { key in
            other.secret.withScalar { scalar in
                secp256k1_ec_seckey_tweak_add(Secp256k1.context, key, scalar)
            }
        }
    }

    /// The product of two keys modulo the group's order.
    public func multiplying(by other: PrivateKey) throws(KeyError) -> PrivateKey {
        try tweaked { key in
            other.secret.withScalar { scalar in
                secp256k1_ec_seckey_tweak_mul(Secp256k1.context, key, scalar)
            }
        }
    }

    /// The group's order less this key.
    public var negated: PrivateKey {
        PrivateKey(
            unchecked: SecretBytes(
                count: 32,
                unsafeFilling: { target in
                    secret.withUnsafeBytes { target.copyMemory(from: $0) }
                    if let key = target.baseAddress {
                        _ = secp256k1_ec_seckey_negate(
                            Secp256k1.context, key.assumingMemoryBound(to: UInt8.self))
                    }
                }))
    }

    /// The SHA-256 of the compressed product of `point` and this key (BOLT 8's ECDH).
    public func sharedSecret(with point: PublicKey) -> Hash256 {
        var key = point.raw
        return Hash256(unsafeFilling: { target in
            guard let output = target.baseAddress else { return }
            _ = secret.withScalar { scalar in
                secp256k1_ecdh(
                    Secp256k1.context, output.assumingMemoryBound(to: UInt8.self),
                    &key, scalar, secp256k1_ecdh_hash_function_sha256, nil)
            }
        })
    }

    init(unchecked secret: SecretBytes) { self.secret = secret }

    private func tweaked(
        _ operation: (UnsafeMutablePointer<UInt8>) -> Int32
    ) throws(KeyError) -> PrivateKey {
        var succeeded = false
        let result = SecretBytes(
            count: 32,
            unsafeFilling: { target in
                secret.withUnsafeBytes { target.copyMemory(from: $0) }
                if let key = target.baseAddress {
                    succeeded = operation(key.assumingMemoryBound(to: UInt8.self)) == 1
                }
            })
        guard succeeded else { throw .degenerateResult }
        return PrivateKey(unchecked: result)
    }
}

extension SecretBytes {
    /// Calls `body` with a pointer to the bytes as libsecp256k1 wants it. The buffer has 32 bytes.
    func withScalar<Result>(_ body: (UnsafePointer<UInt8>) -> Result) -> Result {
        withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress else {
                preconditionFailure("32 bytes have an address")
            }
            return body(base.assumingMemoryBound(to: UInt8.self))
        }
    }
}

extension Hash256 {
    /// Calls `body` with a pointer to the 32 bytes as libsecp256k1 wants it.
    func withScalar<Result>(_ body: (UnsafePointer<UInt8>) -> Result) -> Result {
        withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress else {
                preconditionFailure("32 bytes have an address")
            }
            return body(base.assumingMemoryBound(to: UInt8.self))
        }
    }
}

import CSecp256k1

/// An ECDSA signature that tells which public key made it, as invoices and signed messages hold.
public struct RecoverableSignature: Hashable, Sendable {
    /// The 64 bytes of r and s.
    public let compact: [UInt8]
    /// Which of the candidate keys: 0 to 3.
    public let recoveryID: UInt8

    /// Takes 64 bytes and a recovery id.
    ///
    /// Throws ``KeyError/invalidSignature`` where a number is not below the order or the id is above 3.
    public init(compact: [UInt8], recoveryID: UInt8) throws(KeyError) {
        self.compact = compact
        self.recoveryID = recoveryID
        guard compact.count == 64, recoveryID < 4, raw != nil else { throw .invalidSignature }
    }

    /// The public key whose private key signed `hash`.
    ///
    /// Throws ``KeyError/verificationFailed`` where there is none.
    public func recover(_ hash: Hash256) throws(KeyError) -> PublicKey {
        guard var raw else { throw .invalidSignature }
        var key = secp256k1_pubkey()
        let done = hash.withScalar { hash in
            secp256k1_ecdsa_recover(Secp256k1.context, &key, &raw, hash)
        }
        guard done == 1 else { throw .verificationFailed }
        return PublicKey(key)
    }

    private var raw: secp256k1_ecdsa_recoverable_signature? {
        var raw = secp256k1_ecdsa_recoverable_signature()
        let done = secp256k1_ecdsa_recoverable_signature_parse_compact(
            Secp256k1.context, &raw, compact, Int32(recoveryID))
        return done == 1 ? raw : nil
    }

    fileprivate init(_ raw: secp256k1_ecdsa_recoverable_signature) {
        var raw = raw
        var bytes = [UInt8](repeating: 0, count: 64)
        var id: Int32 = 0
        _ = secp256k1_ecdsa_recoverable_signature_serialize_compact(
            Secp256k1.context, &bytes, &id, &raw)
        compact = bytes
        recoveryID = UInt8(truncatingIfNeeded: id)
    }
}

extension PrivateKey {
    /// Signs `hash` with the deterministic nonce of RFC 6979, recoverably.
    public func signRecoverably(_ hash: Hash256) -> RecoverableSignature {
        var signature = secp256k1_ecdsa_recoverable_signature()
        _ = secret.withScalar { key in
            hash.withScalar { hash in
                secp256k1_ecdsa_sign_recoverable(
                    Secp256k1.context, &signature, hash, key, nil, nil)
            }
        }
        return RecoverableSignature(signature)
    }
}

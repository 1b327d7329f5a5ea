import Bitcoin

/// The key derivation of RFC 5869 with SHA-256 and empty `info`, as the protocol uses it.
enum HKDF {
    /// Two keys from a salt and a secret (BOLT 8: "`HKDF(salt,ikm)`").
    static func derive(salt: Hash256, secret: [UInt8]) -> (Hash256, Hash256) {
        let extracted = HMAC.sha256(key: salt.bytes, secret).bytes
        let first = HMAC.sha256(key: extracted, [1])
        let second = HMAC.sha256(key: extracted, first.bytes + [2])
        return (first, second)
    }
}

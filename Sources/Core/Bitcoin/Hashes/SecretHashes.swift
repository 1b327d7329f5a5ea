import COpenSSL

extension HMAC {
    /// HMAC with SHA-512 over secrets: 64 bytes that are wiped after their last use.
    public static func sha512(key: SecretBytes, _ message: SecretBytes) -> SecretBytes {
        SecretBytes(
            count: 64,
            unsafeFilling: { target in
                var length: UInt32 = 0
                key.withUnsafeBytes { key in
                    message.withUnsafeBytes { message in
                        _ = COpenSSL.HMAC(
                            EVP_sha512(), key.baseAddress, Int32(key.count),
                            message.baseAddress?.assumingMemoryBound(to: UInt8.self),
                            message.count,
                            target.baseAddress?.assumingMemoryBound(to: UInt8.self), &length)
                    }
                }
            })
    }
}

/// Keys from passwords, slow on purpose (RFC 8018).
public enum PBKDF2 {
    /// PBKDF2 with HMAC-SHA-512: 64 bytes.
    public static func sha512(
        password: SecretBytes, salt: SecretBytes, rounds: Int32
    ) -> SecretBytes {
        SecretBytes(
            count: 64,
            unsafeFilling: { target in
                password.withUnsafeBytes { password in
                    salt.withUnsafeBytes { salt in
                        _ = PKCS5_PBKDF2_HMAC(
                            password.baseAddress?.assumingMemoryBound(to: CChar.self),
                            Int32(password.count),
                            salt.baseAddress?.assumingMemoryBound(to: UInt8.self),
                            Int32(salt.count), rounds, EVP_sha512(), 64,
                            target.baseAddress?.assumingMemoryBound(to: UInt8.self))
                    }
                }
            })
    }
}

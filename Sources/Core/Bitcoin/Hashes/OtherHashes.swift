import COpenSSL

/// RIPEMD-160, used by old addresses and HTLC scripts.
public enum RIPEMD160 {
    /// The 20-byte hash of `bytes`.
    public static func hash(_ bytes: [UInt8]) -> [UInt8] {
        var context = RIPEMD160_CTX()
        RIPEMD160_Init(&context)
        RIPEMD160_Update(&context, bytes, bytes.count)
        return [UInt8](unsafeUninitializedCapacity: 20) { buffer, count in
            RIPEMD160_Final(buffer.baseAddress, &context)
            count = 20
        }
    }
}

/// SHA-1, which only the script interpreter needs.
public enum SHA1 {
    /// The 20-byte hash of `bytes`.
    public static func hash(_ bytes: [UInt8]) -> [UInt8] {
        var context = SHA_CTX()
        SHA1_Init(&context)
        SHA1_Update(&context, bytes, bytes.count)
        return [UInt8](unsafeUninitializedCapacity: 20) { buffer, count in
            SHA1_Final(buffer.baseAddress, &context)
            count = 20
        }
    }
}

/// SHA-512, used by BIP 32 and BIP 39.
public enum SHA512 {
    /// The 64-byte hash of `bytes`.
    public static func hash(_ bytes: [UInt8]) -> [UInt8] {
        var context = SHA512_CTX()
        SHA512_Init(&context)
        SHA512_Update(&context, bytes, bytes.count)
        return [UInt8](unsafeUninitializedCapacity: 64) { buffer, count in
            SHA512_Final(buffer.baseAddress, &context)
            count = 64
        }
    }
}

/// Keyed hashes (RFC 2104).
public enum HMAC {
    /// HMAC with SHA-256: 32 bytes.
    public static func sha256(key: [UInt8], _ message: [UInt8]) -> Hash256 {
        Hash256(unsafeFilling: { target in
            var length: UInt32 = 0
            _ = COpenSSL.HMAC(
                EVP_sha256(), key, Int32(key.count), message, message.count,
                target.baseAddress?.assumingMemoryBound(to: UInt8.self), &length)
        })
    }

    /// HMAC with SHA-512: 64 bytes.
    public static func sha512(key: [UInt8], _ message: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 64) { buffer, count in
            var length: UInt32 = 0
            _ = COpenSSL.HMAC(
                EVP_sha512(), key, Int32(key.count), message, message.count,
                buffer.baseAddress, &length)
            count = 64
        }
    }
}

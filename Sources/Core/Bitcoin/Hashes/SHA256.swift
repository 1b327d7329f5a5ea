import COpenSSL

/// SHA-256 over bytes that arrive in pieces.
///
/// The low-level functions of libcrypto are used because they need no allocation and no look-up of an algorithm.
public struct SHA256: Sendable {
    private var context = SHA256_CTX()

    /// Starts with no bytes.
    public init() {
        SHA256_Init(&context)
    }

    /// Adds `bytes`.
    public mutating func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { buffer in
            _ = SHA256_Update(&context, buffer.baseAddress, buffer.count)
        }
    }

    /// Adds 32 bytes.
    public mutating func update(_ hash: Hash256) {
        hash.withUnsafeBytes { buffer in
            _ = SHA256_Update(&context, buffer.baseAddress, buffer.count)
        }
    }

    /// Adds the bytes that `span` borrows.
    public mutating func update(_ span: RawSpan) {
        span.withUnsafeBytes { buffer in
            _ = SHA256_Update(&context, buffer.baseAddress, buffer.count)
        }
    }

    /// The hash of what was added.
    public consuming func finalize() -> Hash256 {
        var context = context
        return Hash256(unsafeFilling: { target in
            _ = SHA256_Final(
                target.baseAddress?.assumingMemoryBound(to: UInt8.self), &context)
        })
    }

    /// The hash of `bytes`.
    public static func hash(_ bytes: [UInt8]) -> Hash256 {
        var hasher = SHA256()
        hasher.update(bytes)
        return hasher.finalize()
    }

    /// The hash of the hash of `bytes`, as Bitcoin identifies transactions and blocks.
    public static func doubleHash(_ bytes: [UInt8]) -> Hash256 {
        hash(of: hash(bytes))
    }

    /// The hash of 32 bytes.
    public static func hash(of hash: Hash256) -> Hash256 {
        var hasher = SHA256()
        hasher.update(hash)
        return hasher.finalize()
    }

    /// The hash of `bytes` under `tag` (BIP 340).
    public static func taggedHash(_ tag: String, _ bytes: [UInt8]) -> Hash256 {
        var hasher = SHA256(tag: tag)
        hasher.update(bytes)
        return hasher.finalize()
    }

    /// Starts with the prefix of `tag` (BIP 340); keep a copy to hash often under one tag.
    public init(tag: String) {
        self.init()
        let tagHash = SHA256.hash(Array(tag.utf8))
        update(tagHash)
        update(tagHash)
    }
}

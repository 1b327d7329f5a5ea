import Bitcoin

/// Bytes that only the holder of a key can read or make (ChaCha20-Poly1305, RFC 8439).
///
/// A key may seal one content only.
public enum SealedBytes {
    /// The content, encrypted and authenticated.
    public static func seal(_ content: [UInt8], key: Hash256) -> [UInt8] {
        ChaCha20Poly1305.encrypt(content, key: key, nonce: 0)
    }

    /// The content; nil where another key has sealed it, or it was changed.
    public static func open(_ sealed: [UInt8], key: Hash256) -> [UInt8]? {
        ChaCha20Poly1305.decrypt(sealed, key: key, nonce: 0)
    }
}

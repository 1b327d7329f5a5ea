import Bitcoin
import COpenSSL

/// One direction of an encrypted connection: a key, its nonce and the chain of keys to come (BOLT 8).
///
/// Encryption is libcrypto's, which for messages of 100 bytes and more is up to three times as fast as libsodium's. The
/// context is made once and reused, so that no message costs an allocation. Not copyable: two holders of one nonce
/// would use it twice.
struct CipherState: ~Copyable, Sendable {
    static let tagLength = 16
    /// BOLT 8: "A key is to be rotated after a party encrypts or decrypts 1000 times with it".
    static let rotationInterval: UInt64 = 1000

    private let context = CipherContext()
    private let isEncrypting: Bool
    private var key: SecretBytes
    private var chainingKey: Hash256
    private var nonce: UInt64 = 0

    init(key: Hash256, chainingKey: Hash256, isEncrypting: Bool) {
        self.isEncrypting = isEncrypting
        self.key = SecretBytes(key.bytes)
        self.chainingKey = chainingKey
        setKey(EVP_chacha20_poly1305())
    }

    private func setKey(_ cipher: OpaquePointer?) {
        let done = key.withUnsafeBytes { key in
            EVP_CipherInit_ex(
                context.pointer, cipher, nil, key.baseAddress?.assumingMemoryBound(to: UInt8.self),
                nil,
                isEncrypting ? 1 : 0)
        }
        precondition(done == 1, "libcrypto has ChaCha20-Poly1305")
    }

    /// Encrypts `count` bytes in place and writes their tag behind them. The buffer has room for both.
    mutating func encrypt(_ buffer: UnsafeMutablePointer<UInt8>, count: Int) {
        var length: Int32 = 0
        setNonce()
        var done = EVP_CipherUpdate(context.pointer, buffer, &length, buffer, Int32(count))
        done &= EVP_CipherFinal_ex(context.pointer, buffer + count, &length)
        done &= EVP_CIPHER_CTX_ctrl(
            context.pointer, EVP_CTRL_AEAD_GET_TAG, Int32(Self.tagLength), buffer + count)
        precondition(done == 1, "encrypting cannot fail")
        advance()
    }

    /// Decrypts `count` bytes in place whose tag stands behind them; false where the tag is wrong, and then the bytes
    /// mean nothing.
    mutating func decrypt(_ buffer: UnsafeMutablePointer<UInt8>, count: Int) -> Bool {
        var length: Int32 = 0
        setNonce()
        var done = EVP_CIPHER_CTX_ctrl(
            context.pointer, EVP_CTRL_AEAD_SET_TAG, Int32(Self.tagLength), buffer + count)
        done &= EVP_CipherUpdate(context.pointer, buffer, &length, buffer, Int32(count))
        guard done == 1, EVP_CipherFinal_ex(context.pointer, buffer + count, &length) == 1 else {
            return false
        }
        advance()
        return true
    }

    /// BOLT 8: "The nonce `sn` is encoded as a 96-bit little-endian number. As the decoded nonce is 64 bits, the 96-bit
    /// nonce is encoded as: 32 bits of leading 0s followed by a 64-bit value."
    private func setNonce() {
        var bytes: (UInt32, UInt32, UInt32) = (
            0, UInt32(truncatingIfNeeded: nonce).littleEndian,
            UInt32(truncatingIfNeeded: nonce >> 32).littleEndian
        )
        let done = withUnsafeBytes(of: &bytes) { nonce in
            EVP_CipherInit_ex(
                context.pointer, nil, nil, nil,
                nonce.baseAddress?.assumingMemoryBound(to: UInt8.self), isEncrypting ? 1 : 0)
        }
        precondition(done == 1, "a nonce can be set")
    }

    private mutating func advance() {
        nonce += 1
        guard nonce == Self.rotationInterval else { return }
        var secret = key.exposedCopy()
        defer { secret.wipe() }
        let (chainingKey, key) = HKDF.derive(salt: chainingKey, secret: secret)
        self.chainingKey = chainingKey
        self.key = SecretBytes(key.bytes)
        nonce = 0
        setKey(nil)
    }
}

/// libcrypto's memory for a cipher.
///
/// Unchecked sendability: the pointer is used through `mutating` methods of the ``CipherState`` that alone holds this.
private final class CipherContext: @unchecked Sendable {
    let pointer: OpaquePointer

    init() {
        guard let pointer = EVP_CIPHER_CTX_new() else {
            preconditionFailure("no memory for a cipher")
        }
        self.pointer = pointer
    }

    deinit {
        // Clears the key schedule before it frees the memory.
        EVP_CIPHER_CTX_free(pointer)
    }
}

import Bitcoin
import CSodium

/// ChaCha20-Poly1305 of RFC 8439 for single values, with nonces as the Noise protocol counts them.
enum ChaCha20Poly1305 {
    static let tagLength = 16

    /// The ciphertext with its tag behind it.
    static func encrypt(
        _ plaintext: [UInt8], key: Hash256, nonce: UInt64, associated: Hash256? = nil
    ) -> [UInt8] {
        var ciphertext = [UInt8](repeating: 0, count: plaintext.count + tagLength)
        var length: UInt64 = 0
        crypto_aead_chacha20poly1305_ietf_encrypt(
            &ciphertext, &length, plaintext, UInt64(plaintext.count), associated?.bytes ?? [],
            associated == nil ? 0 : 32, nil, bytes(ofNonce: nonce), key.bytes)
        return ciphertext
    }

    /// The plaintext; nil where the tag is wrong or there is none.
    static func decrypt(
        _ ciphertext: [UInt8], key: Hash256, nonce: UInt64, associated: Hash256? = nil
    ) -> [UInt8]? {
        guard ciphertext.count >= tagLength else { return nil }
        // One byte more than needed: libsodium wants an address also where there is no plaintext.
        var plaintext = [UInt8](repeating: 0, count: ciphertext.count - tagLength + 1)
        let status = crypto_aead_chacha20poly1305_ietf_decrypt(
            &plaintext, nil, nil, ciphertext, UInt64(ciphertext.count), associated?.bytes ?? [],
            associated == nil ? 0 : 32, bytes(ofNonce: nonce), key.bytes)
        return status == 0 ? plaintext.dropLast() : nil
    }

    private static func bytes(ofNonce nonce: UInt64) -> [UInt8] {
        var writer = ByteWriter(capacity: 12)
        writer.writeLittleEndian(UInt32(0))
        writer.writeLittleEndian(nonce)
        return writer.bytes
    }
}

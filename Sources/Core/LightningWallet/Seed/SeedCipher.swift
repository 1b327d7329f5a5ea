import Bitcoin
import CSodium

/// XChaCha20-Poly1305: encryption that shows any change to the text or to the data beside it.
enum SeedCipher {
    static let nonceLength = Int(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES)
    static let tagLength = Int(crypto_aead_xchacha20poly1305_ietf_ABYTES)

    /// The encryption of `plaintext`, bound to `data`, with its tag at the end.
    static func seal(
        _ plaintext: SecretBytes, key: SecretBytes, nonce: [UInt8], data: [UInt8]
    ) -> [UInt8] {
        precondition(nonce.count == nonceLength, "XChaCha20 takes 24 bytes of nonce")
        return [UInt8](unsafeUninitializedCapacity: plaintext.count + tagLength) { buffer, count in
            var written: UInt64 = 0
            key.withUnsafeBytes { key in
                plaintext.withUnsafeBytes { plaintext in
                    guard let output = buffer.baseAddress,
                        let key = key.bindMemory(to: UInt8.self).baseAddress
                    else { preconditionFailure("neither key nor output is empty") }
                    _ = crypto_aead_xchacha20poly1305_ietf_encrypt(
                        output, &written, plaintext.bindMemory(to: UInt8.self).baseAddress,
                        UInt64(plaintext.count), data, UInt64(data.count), nil, nonce, key)
                }
            }
            count = Int(written)
        }
    }

    /// The text behind `sealed`; nil where key, nonce or data are not those that it was sealed with.
    static func open(
        _ sealed: [UInt8], key: SecretBytes, nonce: [UInt8], data: [UInt8]
    ) -> SecretBytes? {
        guard sealed.count >= tagLength, nonce.count == nonceLength else { return nil }
        var status: Int32 = -1
        let plaintext = SecretBytes(
            count: sealed.count - tagLength,
            unsafeFilling: { target in
                key.withUnsafeBytes { key in
                    guard let key = key.bindMemory(to: UInt8.self).baseAddress else { return }
                    status = crypto_aead_xchacha20poly1305_ietf_decrypt(
                        target.bindMemory(to: UInt8.self).baseAddress, nil, nil, sealed,
                        UInt64(sealed.count), data, UInt64(data.count), nonce, key)
                }
            })
        return status == 0 ? plaintext : nil
    }
}

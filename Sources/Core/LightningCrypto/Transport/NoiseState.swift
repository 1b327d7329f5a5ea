import Bitcoin

/// The running state of a handshake: what both sides have agreed on so far (BOLT 8, `Noise_XK`).
struct NoiseState {
    private(set) var hash: Hash256
    private(set) var chainingKey: Hash256
    private var temporaryKey = Hash256.zero

    /// BOLT 8: "both sides mix the responder's public key into the handshake digest".
    init(responder: PublicKey) {
        let name = SHA256.hash(Array("Noise_XK_secp256k1_ChaChaPoly_SHA256".utf8))
        chainingKey = name
        hash = name
        mix(Array("lightning".utf8))
        mix(responder.compressed)
    }

    /// Adds data that was sent or received to the digest.
    mutating func mix(_ data: [UInt8]) {
        var hasher = SHA256()
        hasher.update(hash)
        hasher.update(data)
        hash = hasher.finalize()
    }

    /// Adds a shared secret to the keys.
    mutating func mix(secret: Hash256) {
        (chainingKey, temporaryKey) = HKDF.derive(salt: chainingKey, secret: secret.bytes)
    }

    /// Encrypts with the digest as associated data, and adds the ciphertext to it.
    mutating func encrypt(_ plaintext: [UInt8], nonce: UInt64) -> [UInt8] {
        let ciphertext = ChaCha20Poly1305.encrypt(
            plaintext, key: temporaryKey, nonce: nonce, associated: hash)
        mix(ciphertext)
        return ciphertext
    }

    /// Decrypts with the digest as associated data, and adds the ciphertext to it; nil where the tag is wrong.
    mutating func decrypt(_ ciphertext: [UInt8], nonce: UInt64) -> [UInt8]? {
        let plaintext = ChaCha20Poly1305.decrypt(
            ciphertext, key: temporaryKey, nonce: nonce, associated: hash)
        mix(ciphertext)
        return plaintext
    }

    /// The keys for messages: BOLT 8: "`sk, rk = HKDF(ck, zero)`", the initiator's sending key first.
    func split() -> (initiatorToResponder: Hash256, responderToInitiator: Hash256) {
        HKDF.derive(salt: chainingKey, secret: [])
    }
}

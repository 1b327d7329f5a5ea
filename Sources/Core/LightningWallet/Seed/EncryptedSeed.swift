import Bitcoin
import LightningWire

/// A seed as it is stored: under a key that Argon2id makes of a password, encrypted with XChaCha20-Poly1305.
///
/// A hash over the record tells a record that was damaged from a password that is wrong. It gives nothing away: everything
/// it covers is in the record.
public struct EncryptedSeed: Hashable, Sendable {
    /// The least length of a password, in bytes.
    public static let shortestPassword = 8
    /// The number of random bytes that encryption takes as salt.
    public static let saltLength = 16
    /// The number of random bytes that encryption takes as nonce.
    public static let nonceLength = SeedCipher.nonceLength

    /// What opening the record costs.
    public let hashing: PasswordHashing
    let salt: [UInt8]
    let nonce: [UInt8]
    let sealed: [UInt8]

    /// Encrypts `seed` with `password`. `salt` (16 bytes) and `nonce` (24 bytes) are fresh randomness.
    ///
    /// Throws ``SeedError/passwordTooShort(_:)`` or ``SeedError/outOfMemory(_:)``.
    public init(
        _ seed: WalletSeed, password: SecretBytes, salt: [UInt8], nonce: [UInt8],
        hashing: PasswordHashing = .standard
    ) throws(SeedError) {
        guard password.count >= Self.shortestPassword else {
            throw .passwordTooShort(password.count)
        }
        let key = try hashing.key(password: password, salt: salt)
        self.hashing = hashing
        self.salt = salt
        self.nonce = nonce
        sealed = SeedCipher.seal(
            seed.content, key: key, nonce: nonce,
            data: Self.header(hashing: hashing, salt: salt, nonce: nonce).bytes)
    }

    /// Opens the seed. It takes the time and memory that ``hashing`` says.
    ///
    /// Throws ``SeedError/wrongPassword``, ``SeedError/outOfMemory(_:)`` or ``SeedError/damagedContent``.
    public func open(password: SecretBytes) throws(SeedError) -> WalletSeed {
        guard password.count >= Self.shortestPassword else { throw .wrongPassword }
        let key = try hashing.key(password: password, salt: salt)
        let data = Self.header(hashing: hashing, salt: salt, nonce: nonce).bytes
        guard let content = SeedCipher.open(sealed, key: key, nonce: nonce, data: data) else {
            throw .wrongPassword
        }
        return try WalletSeed(content: content)
    }

    /// The same seed under another password, with fresh salt and nonce. The old password has to be right.
    public func changingPassword(
        from old: SecretBytes, to new: SecretBytes, salt: [UInt8], nonce: [UInt8],
        hashing: PasswordHashing = .standard
    ) throws(SeedError) -> EncryptedSeed {
        let seed = try open(password: old)
        return try EncryptedSeed(
            seed, password: new, salt: salt, nonce: nonce, hashing: hashing)
    }
}

// MARK: - The record

extension EncryptedSeed {
    /// Argon2id and XChaCha20-Poly1305.
    private static let cipher: UInt64 = 1

    /// Reads a stored record.
    ///
    /// Throws ``SeedError/damagedRecord(_:)`` or ``SeedError/unknownCipher(_:)``.
    public init(record bytes: [UInt8]) throws(SeedError) {
        let cipher: UInt64
        do throws(RecordError) {
            var reader = try RecordReader(bytes)
            cipher = try reader.requireInteger(0)
            let passes = try reader.requireInteger(2)
            let memory = try reader.requireInteger(4)
            guard let hashing = PasswordHashing(passes: passes, memory: memory) else {
                throw RecordError.invalidField(type: 2)
            }
            self.hashing = hashing
            salt = try reader.requireBytes(6)
            nonce = try reader.requireBytes(8)
            sealed = try reader.requireBytes(10)
            guard salt.count == Self.saltLength else { throw RecordError.invalidField(type: 6) }
            guard nonce.count == Self.nonceLength else { throw RecordError.invalidField(type: 8) }
            let checksum = try reader.requireBytes(12)
            guard checksum == self.checksum.bytes else { throw RecordError.invalidField(type: 12) }
            try reader.finish()
        } catch {
            throw .damagedRecord(error)
        }
        guard cipher == Self.cipher else { throw .unknownCipher(cipher) }
    }

    /// The stored form.
    public var record: [UInt8] {
        var writer = unsummed
        writer.put(12, checksum.bytes)
        return writer.bytes
    }

    /// The write that stores the seed.
    public var write: RecordWrite { RecordWrite(.walletSeed, key: [], value: record) }

    private static func header(
        hashing: PasswordHashing, salt: [UInt8], nonce: [UInt8]
    ) -> RecordWriter {
        var writer = RecordWriter()
        writer.put(0, integer: cipher)
        writer.put(2, integer: hashing.passes)
        writer.put(4, integer: hashing.memory)
        writer.put(6, salt)
        writer.put(8, nonce)
        return writer
    }

    private var unsummed: RecordWriter {
        var writer = Self.header(hashing: hashing, salt: salt, nonce: nonce)
        writer.put(10, sealed)
        return writer
    }

    private var checksum: Hash256 { SHA256.hash(unsummed.bytes) }
}

// MARK: - What is encrypted

extension WalletSeed {
    /// The entropy of the words, its length first, and the 64 bytes of the seed.
    fileprivate var content: SecretBytes {
        let entropy = mnemonic.entropy
        return SecretBytes(
            count: 1 + entropy.count + bytes.count,
            unsafeFilling: { target in
                target[0] = UInt8(entropy.count)
                let end = 1 + entropy.count
                entropy.withUnsafeBytes {
                    UnsafeMutableRawBufferPointer(rebasing: target[1..<end]).copyMemory(from: $0)
                }
                bytes.withUnsafeBytes {
                    UnsafeMutableRawBufferPointer(rebasing: target[end...]).copyMemory(from: $0)
                }
            })
    }

    fileprivate init(content: SecretBytes) throws(SeedError) {
        let parts = content.withUnsafeBytes { bytes -> (SecretBytes, SecretBytes)? in
            guard let count = bytes.first.map(Int.init), bytes.count == 1 + count + 64 else {
                return nil
            }
            return (SecretBytes(bytes[1...count]), SecretBytes(bytes[(1 + count)...]))
        }
        guard let (entropy, seed) = parts, let mnemonic = try? Mnemonic(entropy: entropy) else {
            throw .damagedContent
        }
        self.init(mnemonic: mnemonic, bytes: seed)
    }
}

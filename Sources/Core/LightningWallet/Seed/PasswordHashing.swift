import Bitcoin
import CSodium

/// How much work a guess at the password costs: the parameters of Argon2id (RFC 9106) with one lane.
public struct PasswordHashing: Hashable, Sendable {
    /// The number of passes over the memory, from 1 to 64.
    public let passes: UInt64
    /// The memory in bytes, from 8 KiB to 4 GiB.
    public let memory: UInt64

    /// Three passes over 128 MiB: some third of a second on a small server.
    public static let standard = PasswordHashing(uncheckedPasses: 3, memory: 128 << 20)

    /// Checks the bounds; nil outside of them.
    public init?(passes: UInt64, memory: UInt64) {
        guard (1...64).contains(passes), (8 << 10...4 << 30).contains(memory) else { return nil }
        self.init(uncheckedPasses: passes, memory: memory)
    }

    private init(uncheckedPasses: UInt64, memory: UInt64) {
        passes = uncheckedPasses
        self.memory = memory
    }

    /// The 32-byte key that `password` and `salt` (16 bytes) give.
    ///
    /// Throws ``SeedError/outOfMemory(_:)`` where the machine does not have ``memory``.
    func key(password: SecretBytes, salt: [UInt8]) throws(SeedError) -> SecretBytes {
        try Sodium.start()
        precondition(salt.count == Int(crypto_pwhash_SALTBYTES), "Argon2id takes 16 bytes of salt")
        var status: Int32 = -1
        let key = SecretBytes(
            count: Int(crypto_aead_xchacha20poly1305_ietf_KEYBYTES),
            unsafeFilling: { target in
                password.withUnsafeBytes { password in
                    guard let output = target.bindMemory(to: UInt8.self).baseAddress,
                        let input = password.bindMemory(to: CChar.self).baseAddress
                    else { preconditionFailure("neither key nor password is empty") }
                    status = crypto_pwhash(
                        output, UInt64(target.count), input, UInt64(password.count), salt,
                        passes, Int(memory), crypto_pwhash_ALG_ARGON2ID13)
                }
            })
        guard status == 0 else { throw .outOfMemory(memory) }
        return key
    }
}

/// libsodium's start, which every use comes after.
enum Sodium {
    private static let status = sodium_init()

    static func start() throws(SeedError) {
        guard status >= 0 else { throw .libraryUnavailable }
    }
}

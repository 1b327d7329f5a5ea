import Bitcoin
import LightningWallet
import LightningWire
import Testing

@Suite("Seed at rest") struct EncryptedSeedTests {
    static let fast = PasswordHashing(passes: 1, memory: 64 << 10) ?? .standard
    static let password = SecretBytes(Array("correct horse".utf8))
    static let other = SecretBytes(Array("battery staple".utf8))
    static let salt = [UInt8](1...16)
    static let nonce = [UInt8](1...24)

    static func seed() throws -> WalletSeed {
        try WalletSeed(mnemonic: Mnemonic(TestWallet.words), passphrase: "TREZOR")
    }

    static func encrypted() throws -> EncryptedSeed {
        try EncryptedSeed(
            try seed(), password: password, salt: salt, nonce: nonce, hashing: fast)
    }

    @Test("a seed comes back from its record under its password, words and passphrase")
    func roundTrip() throws {
        let record = try Self.encrypted().record
        let seed = try EncryptedSeed(record: record).open(password: Self.password)
        #expect(try seed == Self.seed())
        #expect(seed.mnemonic.words.joined(separator: " ") == TestWallet.words)
        // BIP 39's own vector of these words with this passphrase.
        #expect(
            try seed.masterKey().text(.init(.mainnet))
                == "xprv9s21ZrQH143K3h3fDYiay8mocZ3afhfULfb5GX8kCBdno77K4HiA15Tg23wpbeF1pLfs1c5SPmYHrEpTuuRhxMwvKDwqdKiGJS9XFKzUsAF"
        )
    }

    @Test("the record shows neither the seed nor the words' entropy")
    func nothingShows() throws {
        let record = Hex.encode(try Self.encrypted().record)
        #expect(!record.contains(String(repeating: "00", count: 16)))
    }

    @Test("a wrong password is told as such")
    func wrongPassword() throws {
        let encrypted = try Self.encrypted()
        #expect(throws: SeedError.wrongPassword) { try encrypted.open(password: Self.other) }
        #expect(throws: SeedError.wrongPassword) { try encrypted.open(password: SecretBytes([])) }
    }

    @Test("a change of any byte of the record is told as damage, not as a wrong password")
    func damage() throws {
        let record = try Self.encrypted().record
        for position in record.indices {
            var damaged = record
            damaged[position] ^= 0x40
            #expect(throws: SeedError.self) {
                do {
                    _ = try EncryptedSeed(record: damaged)
                } catch SeedError.wrongPassword {
                    Issue.record("byte \(position) passes for a wrong password")
                }
            }
            #expect((try? EncryptedSeed(record: damaged)) == nil, "byte \(position)")
        }
        #expect(throws: SeedError.self) { try EncryptedSeed(record: Array(record.dropLast())) }
        #expect(throws: SeedError.damagedRecord(.missingField(type: 0))) {
            try EncryptedSeed(record: [])
        }
    }

    @Test("the password can be changed, by who knows the old one")
    func changePassword() throws {
        let encrypted = try Self.encrypted()
        let changed = try encrypted.changingPassword(
            from: Self.password, to: Self.other, salt: Self.salt.reversed(),
            nonce: Self.nonce.reversed(), hashing: Self.fast)
        #expect(try changed.open(password: Self.other) == Self.seed())
        #expect(throws: SeedError.wrongPassword) { try changed.open(password: Self.password) }
        #expect(throws: SeedError.wrongPassword) {
            try encrypted.changingPassword(
                from: Self.other, to: Self.password, salt: Self.salt, nonce: Self.nonce,
                hashing: Self.fast)
        }
    }

    @Test("a short password is refused")
    func shortPassword() throws {
        #expect(throws: SeedError.passwordTooShort(7)) {
            try EncryptedSeed(
                try Self.seed(), password: SecretBytes(Array("1234567".utf8)), salt: Self.salt,
                nonce: Self.nonce, hashing: Self.fast)
        }
    }

    @Test("parameters beyond reason are refused before any work is done")
    func bounds() {
        #expect(PasswordHashing(passes: 0, memory: 1 << 20) == nil)
        #expect(PasswordHashing(passes: 65, memory: 1 << 20) == nil)
        #expect(PasswordHashing(passes: 1, memory: 8191) == nil)
        #expect(PasswordHashing(passes: 1, memory: (4 << 30) + 1) == nil)
    }

    @Test("the default parameters open a seed")
    func defaults() throws {
        let encrypted = try EncryptedSeed(
            try Self.seed(), password: Self.password, salt: Self.salt, nonce: Self.nonce)
        #expect(encrypted.hashing == .standard)
        #expect(try encrypted.open(password: Self.password) == Self.seed())
    }
}

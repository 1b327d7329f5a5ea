/// Asks for a new seed.
public struct GenSeedRequest: APIMessage {
    /// The passphrase that goes with the words; empty for none.
    public var aezeedPassphrase: [UInt8] = []
    /// Entropy to use in place of fresh randomness; empty for fresh.
    public var seedEntropy: [UInt8] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("aezeed_passphrase", &aezeedPassphrase)
        try fields.field("seed_entropy", &seedEntropy)
    }
}

/// A new seed, which nothing has stored.
public struct GenSeedResponse: APIMessage {
    /// The words.
    public var cipherSeedMnemonic: [String] = []
    /// The entropy that the words stand for.
    public var encipheredSeed: [UInt8] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("cipher_seed_mnemonic", &cipherSeedMnemonic)
        try fields.field("enciphered_seed", &encipheredSeed)
    }
}

/// Makes the wallet.
public struct InitWalletRequest: APIMessage {
    /// The password that encrypts the seed at rest, at least eight bytes.
    public var walletPassword: [UInt8] = []
    /// The words of the seed.
    public var cipherSeedMnemonic: [String] = []
    /// The passphrase that goes with the words; empty for none.
    public var aezeedPassphrase: [UInt8] = []
    /// How many unused addresses to look ahead when coins of an old seed are searched; 0 for a new seed.
    public var recoveryWindow: Int32 = 0
    /// Whether macaroons are only returned, and not written to files.
    public var statelessInit: Bool = false
    /// An extended private key in place of words.
    public var extendedMasterKey: String = ""
    /// When that key was made, in seconds since 1970.
    public var extendedMasterKeyBirthdayTimestamp: UInt64 = 0
    /// The root key of macaroons, 32 bytes; empty for a fresh one.
    public var macaroonRootKey: [UInt8] = []
    /// Backups of channels, whose peers are then asked to close them.
    public var channelBackups: ChanBackupSnapshot?

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("wallet_password", &walletPassword)
        try fields.field("cipher_seed_mnemonic", &cipherSeedMnemonic)
        try fields.field("aezeed_passphrase", &aezeedPassphrase)
        try fields.field("recovery_window", &recoveryWindow)
        try fields.field("stateless_init", &statelessInit)
        try fields.field("extended_master_key", &extendedMasterKey)
        try fields.field(
            "extended_master_key_birthday_timestamp", &extendedMasterKeyBirthdayTimestamp)
        try fields.field("macaroon_root_key", &macaroonRootKey)
        try fields.field("channel_backups", &channelBackups)
    }
}

/// The wallet is made and open.
public struct InitWalletResponse: APIMessage {
    /// The macaroon that may do everything.
    public var adminMacaroon: [UInt8] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("admin_macaroon", &adminMacaroon)
    }
}

/// Opens the wallet.
public struct UnlockWalletRequest: APIMessage {
    /// The password.
    public var walletPassword: [UInt8] = []
    /// How many unused addresses to look ahead when coins are searched; 0 for no search.
    public var recoveryWindow: Int32 = 0
    /// Whether macaroons are kept out of files.
    public var statelessInit: Bool = false
    /// Backups of channels, whose peers are then asked to close them.
    public var channelBackups: ChanBackupSnapshot?

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("wallet_password", &walletPassword)
        try fields.field("recovery_window", &recoveryWindow)
        try fields.field("stateless_init", &statelessInit)
        try fields.field("channel_backups", &channelBackups)
    }
}

/// Opens the wallet and encrypts it anew.
public struct ChangePasswordRequest: APIMessage {
    /// The password until now.
    public var currentPassword: [UInt8] = []
    /// The password from now on, at least eight bytes.
    public var newPassword: [UInt8] = []
    /// Whether macaroons are kept out of files.
    public var statelessInit: Bool = false
    /// Whether all macaroons become void.
    public var newMacaroonRootKey: Bool = false

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("current_password", &currentPassword)
        try fields.field("new_password", &newPassword)
        try fields.field("stateless_init", &statelessInit)
        try fields.field("new_macaroon_root_key", &newMacaroonRootKey)
    }
}

/// The wallet is open under its new password.
public struct ChangePasswordResponse: APIMessage {
    /// The macaroon that may do everything.
    public var adminMacaroon: [UInt8] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("admin_macaroon", &adminMacaroon)
    }
}

/// How far the daemon has come.
public struct StateResponse: APIMessage {
    /// The state.
    public var state: WalletState = .nonExisting

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("state", &state)
    }
}

import Bitcoin

/// What all keys of a wallet derive from: words that a person keeps, and a passphrase that may go with them (BIP 39).
public struct WalletSeed: Sendable, Equatable {
    /// The words, without the passphrase.
    public let mnemonic: Mnemonic
    /// The 64 bytes that BIP 39 makes of words and passphrase.
    let bytes: SecretBytes

    /// The seed of these words and this passphrase.
    ///
    /// Throws ``MnemonicError/passphraseNotASCII``.
    public init(mnemonic: Mnemonic, passphrase: String = "") throws(MnemonicError) {
        self.init(mnemonic: mnemonic, bytes: try mnemonic.seed(passphrase: passphrase))
    }

    init(mnemonic: Mnemonic, bytes: SecretBytes) {
        self.mnemonic = mnemonic
        self.bytes = bytes
    }

    /// The key at the root of all derivation (BIP 32).
    ///
    /// Throws ``DerivationError/unusableSeed``, with a chance of about 2^-127.
    public func masterKey() throws(DerivationError) -> ExtendedPrivateKey {
        try ExtendedPrivateKey(seed: bytes)
    }
}

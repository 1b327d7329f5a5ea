import Bitcoin

extension Wallet {
    /// Signs a message with the key of one of the wallet's addresses: 65 bytes.
    ///
    /// Taproot addresses sign with their internal key. Throws ``WalletError/foreignScript(_:)`` for an address of others.
    public func sign(
        message: [UInt8], for script: Script, keys: WalletKeys
    ) throws(WalletError) -> [UInt8] {
        guard let path = path(of: script) else { throw .foreignScript(script) }
        return AddressSignedMessage.sign(message, key: try keys.privateKey(at: path))
    }
}

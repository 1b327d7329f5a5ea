/// Messages that are signed with the key of an address, in the form that Bitcoin Core and lnd share: a recoverable signature
/// over the double hash of a prefix and the message.
public enum AddressSignedMessage {
    /// What stands before every message, so that no signature is good for a transaction.
    private static let prefix = Array("Bitcoin Signed Message:\n".utf8)
    /// The first byte of a signature by a compressed key whose recovery id is 0.
    private static let compressedHeader: UInt8 = 31

    /// Signs `message`: 65 bytes, always the same.
    public static func sign(_ message: [UInt8], key: PrivateKey) -> [UInt8] {
        let signature = key.signRecoverably(hash(message))
        return [compressedHeader + signature.recoveryID] + signature.compact
    }

    /// The key that made `signature` over `message`.
    ///
    /// Every well-formed signature belongs to some key: the caller compares it with an address. Throws
    /// ``KeyError/invalidSignature`` or ``KeyError/verificationFailed``.
    public static func signer(
        of message: [UInt8], signature: [UInt8]
    ) throws(KeyError) -> PublicKey {
        // The headers before and after are those of uncompressed keys and, in some wallets, of kinds of addresses.
        guard signature.count == 65, (27...42).contains(signature[0]) else {
            throw .invalidSignature
        }
        let parsed = try RecoverableSignature(
            compact: Array(signature[1...]), recoveryID: (signature[0] - 27) & 3)
        return try parsed.recover(hash(message))
    }

    private static func hash(_ message: [UInt8]) -> Hash256 {
        var writer = ByteWriter(capacity: prefix.count + message.count + 10)
        writer.writeVariableBytes(prefix)
        writer.writeVariableBytes(message)
        return SHA256.doubleHash(writer.bytes)
    }
}

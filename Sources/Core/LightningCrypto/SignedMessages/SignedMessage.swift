import Bitcoin
import LightningWire

/// Messages that a node signs with its identity, in the form that lnd and Core Lightning share: a recoverable signature in
/// z-base-32 over the double hash of a prefix and the message.
public enum SignedMessage {
    /// What stands before every message, so that no signature is good for anything else.
    private static let prefix = Array("Lightning Signed Message:".utf8)
    /// The first byte of a signature by a compressed key whose recovery id is 0.
    private static let compressedHeader: UInt8 = 31
    private static let signatureLength = 65

    /// Signs `message` with the node's key: 104 characters.
    ///
    /// `isSingleHash` hashes once instead of twice, as lnd offers; ``signer(of:signature:)`` does not take such signatures.
    public static func sign(
        _ message: [UInt8], key: PrivateKey, isSingleHash: Bool = false
    ) -> String {
        let content = prefix + message
        let hash = isSingleHash ? SHA256.hash(content) : SHA256.doubleHash(content)
        let signature = key.signRecoverably(hash)
        return ZBase32.encode([compressedHeader + signature.recoveryID] + signature.compact)
    }

    /// The node whose key made `signature` over `message`.
    ///
    /// Every well-formed signature belongs to some key: the caller has to know the node that comes out.
    public static func signer(
        of message: [UInt8], signature text: String
    ) throws(SignedMessageError) -> NodeID {
        let bytes = try ZBase32.decode(text)
        guard bytes.count == signatureLength else {
            throw .wrongLength(expected: signatureLength, actual: bytes.count)
        }
        // The four headers before are those of uncompressed keys, which lnd takes as well.
        guard (compressedHeader - 4...compressedHeader + 3).contains(bytes[0]) else {
            throw .unknownHeader(bytes[0])
        }
        do throws(KeyError) {
            let signature = try RecoverableSignature(
                compact: Array(bytes[1...]), recoveryID: (bytes[0] - (compressedHeader - 4)) & 3)
            return NodeID(try signature.recover(SHA256.doubleHash(prefix + message)))
        } catch {
            throw .noSigner(error)
        }
    }
}

/// Why a text is not a signature of a message.
public enum SignedMessageError: Error, Equatable, Sendable {
    /// The character, a byte of UTF-8, is not one of z-base-32's.
    case invalidCharacter(UInt8, position: Int)
    /// The text ends in the midst of a byte, or its last bits are not zero.
    case invalidPadding(characters: Int)
    /// A signature has 65 bytes.
    case wrongLength(expected: Int, actual: Int)
    /// The first byte is not 27 to 34.
    case unknownHeader(UInt8)
    /// No key can have made the signature.
    case noSigner(KeyError)
}

/// Why a connection must be closed at once: somebody is not who they claim to be, or the bytes were changed (BOLT 8).
public enum TransportError: Error, Equatable, Sendable {
    /// The act starts with a version other than 0.
    case unknownVersion(act: Int, version: UInt8)
    /// The act holds bytes that are not a point of the curve.
    case invalidKey(act: Int)
    /// The act's tag is wrong: the other side does not know the key that it should, or the bytes were changed.
    case invalidTag(act: Int)
    /// The encrypted key of the third act cannot be decrypted.
    case invalidCiphertext(act: Int)
    /// The length of a message cannot be decrypted.
    case invalidLengthTag
    /// A message cannot be decrypted.
    case invalidMessageTag
}

/// Why bytes are not a key or signature, or an operation on keys has no result.
public enum KeyError: Error, Equatable, Sendable {
    /// The number is zero or not below the order of the group.
    case invalidPrivateKey
    /// The bytes are not a point of the curve in an accepted form.
    case invalidPublicKey
    /// The bytes are not a signature.
    case invalidSignature
    /// The result is the point at infinity or the number zero, which has a chance of about 2^-256 by accident.
    case degenerateResult
    /// A signature does not hold, where one was made or recovered from.
    case verificationFailed
}

/// What users read of a connection that cannot be used (BOLT 8).
extension TransportError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unknownVersion(let act, let version):
            "act \(act) of the handshake has version \(version) instead of 0"
        case .invalidKey(let act): "act \(act) of the handshake holds no point on the curve"
        case .invalidTag(1):
            "act 1 of the handshake does not hold: the peer takes this node for another one"
        case .invalidTag(let act):
            "act \(act) of the handshake does not hold: the peer is another one, or bytes were changed"
        case .invalidCiphertext(let act):
            "act \(act) of the handshake holds a key that cannot be decrypted"
        case .invalidLengthTag: "the length of a message cannot be decrypted"
        case .invalidMessageTag: "a message cannot be decrypted"
        }
    }
}

/// What users are told of keys and signatures that do not hold.
extension KeyError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .invalidPrivateKey: "not a private key: zero, or above the order of the curve"
        case .invalidPublicKey: "not a point on the curve"
        case .invalidSignature: "the bytes are not a signature"
        case .degenerateResult: "the result is no key"
        case .verificationFailed: "the signature does not hold"
        }
    }
}

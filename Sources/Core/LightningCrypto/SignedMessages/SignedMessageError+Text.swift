/// What users are told of signatures that are none.
extension SignedMessageError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .invalidCharacter(_, let position):
            "the character at position \(position) is none of z-base-32"
        case .invalidPadding(let characters): "\(characters) characters make no whole bytes"
        case .wrongLength(let expected, let actual): "\(actual) bytes instead of \(expected)"
        case .unknownHeader(let byte): "it begins with byte \(byte), which no signature does"
        case .noSigner(let error): "no key can have made it (\(error))"
        }
    }
}

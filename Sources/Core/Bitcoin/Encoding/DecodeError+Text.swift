/// What peers and users are told of bytes that cannot be read.
extension DecodeError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .truncated(let needed, let available):
            "it ends early: \(needed) bytes are needed, \(available) are there"
        case .trailingBytes(let count): "\(count) bytes are left behind it"
        case .nonCanonicalLength(let value): "the number \(value) is not in its shortest form"
        case .limitExceeded(let field, let value, let limit):
            "\(field): \(value) is more than \(limit)"
        case .invalidCharacter(let position): "the character at position \(position) is not allowed"
        case .invalidValue(let field): "\(field): not an allowed value"
        }
    }
}

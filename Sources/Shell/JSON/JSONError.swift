/// Why bytes are no acceptable JSON; positions count bytes from the start.
public enum JSONError: Error, Sendable, Equatable, CustomStringConvertible {
    /// There are more bytes than allowed.
    case tooLarge(limit: Int, actual: Int)
    /// Arrays and objects are nested deeper than allowed.
    case tooDeep(limit: Int, position: Int)
    /// The bytes end within a value.
    case unexpectedEnd
    /// A byte that cannot stand there.
    case unexpectedByte(UInt8, position: Int)
    /// A number that breaks JSON's grammar.
    case malformedNumber(position: Int)
    /// An escape that JSON does not know, or half of a surrogate pair.
    case malformedEscape(position: Int)
    /// A string that is no UTF-8.
    case invalidUTF8(position: Int)
    /// Something follows the value.
    case trailingBytes(position: Int)

    public var description: String {
        switch self {
        case .tooLarge(let limit, let actual):
            "JSON of \(actual) bytes, at most \(limit) are allowed"
        case .tooDeep(let limit, let position):
            "JSON nested deeper than \(limit) levels at byte \(position)"
        case .unexpectedEnd: "the JSON text ends too early"
        case .unexpectedByte(let byte, let position):
            (32..<127).contains(byte)
                ? "unexpected '\(Character(Unicode.Scalar(byte)))' at byte \(position) of the JSON text"
                : "unexpected byte \(byte) at byte \(position) of the JSON text"
        case .malformedNumber(let position): "malformed number at byte \(position) of the JSON text"
        case .malformedEscape(let position): "malformed escape at byte \(position) of the JSON text"
        case .invalidUTF8(let position): "invalid UTF-8 at byte \(position) of the JSON text"
        case .trailingBytes(let position):
            "unexpected text after the JSON value at byte \(position)"
        }
    }
}

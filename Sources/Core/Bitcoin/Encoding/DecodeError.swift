/// Why bytes are not the encoding of a value.
public enum DecodeError: Error, Equatable, Sendable {
    /// The input ends before the value does.
    case truncated(needed: Int, available: Int)
    /// The value is complete and bytes are left.
    case trailingBytes(count: Int)
    /// A length or count is not in its shortest form.
    case nonCanonicalLength(value: UInt64)
    /// A length, count or number exceeds what the format allows.
    case limitExceeded(field: String, value: UInt64, limit: UInt64)
    /// A character that the text encoding does not have; `position` counts from 0.
    case invalidCharacter(position: Int)
    /// A field holds a value that the format forbids.
    case invalidValue(field: String)
}

/// Any JSON value (RFC 8259).
///
/// Numbers keep their literal text, so that neither a large integer nor an amount in bitcoin passes through floating point.
public enum JSONValue: Sendable, Hashable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number as its literal text, which is valid JSON.
    case number(String)
    /// A string.
    case string(String)
    /// An array.
    case array([JSONValue])
    /// An object, whose members keep their order.
    case object(JSONObject)

    /// The number `value`.
    public static func integer(_ value: some BinaryInteger) -> JSONValue { .number(String(value)) }

    /// The string, or nil where the value is none.
    public var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The truth value, or nil where the value is none.
    public var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The literal text of the number, or nil where the value is none.
    public var number: String? {
        if case .number(let text) = self { text } else { nil }
    }

    /// The elements, or nil where the value is no array.
    public var array: [JSONValue]? {
        if case .array(let value) = self { value } else { nil }
    }

    /// The object, or nil where the value is none.
    public var object: JSONObject? {
        if case .object(let value) = self { value } else { nil }
    }

    /// Whether this is `null`.
    public var isNull: Bool { self == .null }

    /// The whole number in the range of `Integer`, or nil where the value is none; `1e3` and `1.0` are none.
    public func integer<Integer: FixedWidthInteger>(_ type: Integer.Type = Integer.self) -> Integer?
    {
        if case .number(let text) = self { Integer(text) } else { nil }
    }

    /// The value of that member, or nil where this is no object or has no such member.
    public subscript(key: String) -> JSONValue? { object?[key] }

    /// The element at that position, or nil where this is no array or is shorter.
    public subscript(position: Int) -> JSONValue? {
        guard let array, array.indices.contains(position) else { return nil }
        return array[position]
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral,
    ExpressibleByNilLiteral
{
    /// A string.
    public init(stringLiteral value: String) { self = .string(value) }
    /// A truth value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// A number.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// An array.
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// An object.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(JSONObject(elements))
    }
    /// `null`.
    public init(nilLiteral: ()) { self = .null }
}

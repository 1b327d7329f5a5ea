import JSON

extension APIMessage {
    /// Reads a message from JSON.
    ///
    /// Names may be in snake or camel case, numbers strings, enumerations numbers, and base 64 of either alphabet. What
    /// is not there or `null` keeps its default. Throws ``APICode/invalidArgument`` for what does not fit, and for names
    /// that the message, or one within it, does not have where `isStrict`: a misspelt fee rate must not become the default one.
    public init(json: JSONValue, isStrict: Bool = false) throws(APIError) {
        self.init()
        guard let object = json.object else {
            throw APIError(.invalidArgument, "a JSON object is needed")
        }
        var reader = FieldReader(object: object, isStrict: isStrict)
        try visit(&reader)
        if isStrict, let stranger = object.members.first(where: { !reader.knows($0.name) }) {
            throw APIError(.invalidArgument, "unknown field \"\(stranger.name)\"")
        }
    }
}

/// Reads each field.
private struct FieldReader: FieldVisitor {
    let object: JSONObject
    /// Whether messages within this one refuse names that they do not have.
    let isStrict: Bool
    /// The names of the fields so far.
    private var names: [String] = []

    init(object: JSONObject, isStrict: Bool) {
        self.object = object
        self.isStrict = isStrict
    }

    /// Whether a field is called so.
    func knows(_ name: String) -> Bool {
        names.contains { $0 == name || Self.isCamelCase(name, of: $0) }
    }

    /// The value of that field under either of its names; nil where it is missing or `null`.
    private mutating func value(_ name: String) -> JSONValue? {
        names.append(name)
        let value =
            object[name] ?? object.members.last { Self.isCamelCase($0.name, of: name) }?.value
        guard let value, !value.isNull else { return nil }
        return value
    }

    /// Whether `text` is the name in camel case: `targetConf` for `target_conf`, `addrToAmount` for `AddrToAmount`.
    private static func isCamelCase(_ text: String, of name: String) -> Bool {
        var rest = text.utf8[...]
        var (isFirst, startsWord) = (true, true)
        for byte in name.utf8 {
            if byte == UInt8(ascii: "_") {
                startsWord = true
                continue
            }
            let bit: UInt8 = 0x20
            let isLetter = UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | bit
            let expected =
                startsWord && isLetter ? (isFirst ? byte | bit : byte & ~bit) : byte
            guard rest.popFirst() == expected else { return false }
            (isFirst, startsWord) = (false, false)
        }
        return rest.isEmpty
    }

    private func wrong(_ name: String, _ expected: String) -> APIError {
        APIError(.invalidArgument, "\(name): \(expected) is needed")
    }

    private func integer<Integer: FixedWidthInteger>(
        _ name: String, _ value: JSONValue, _ type: Integer.Type = Integer.self
    ) throws(APIError) -> Integer {
        if let text = value.number ?? value.string {
            if let number = Integer(text) { return number }
            // An empty query parameter, and JavaScript's way of writing whole numbers.
            if text.isEmpty { return 0 }
            if let whole = text.firstIndex(of: "."),
                text[whole...].dropFirst().allSatisfy({ $0 == "0" }),
                let number = Integer(text[..<whole])
            {
                return number
            }
        }
        throw wrong(name, "a whole number from \(Integer.min) to \(Integer.max)")
    }

    private func bytes(_ name: String, _ value: JSONValue) throws(APIError) -> [UInt8] {
        guard let text = value.string, let bytes = Base64.decode(text) else {
            throw wrong(name, "base64")
        }
        return bytes
    }

    private func elements(_ name: String, _ value: JSONValue) throws(APIError) -> [JSONValue] {
        switch value {
        case .array(let elements): return elements
        // One parameter of a query is a list of one.
        case .string, .number, .bool: return [value]
        case .null, .object: throw wrong(name, "an array")
        }
    }

    private func message<Value: APIMessage>(
        _ name: String, _ value: JSONValue
    ) throws(APIError) -> Value {
        do throws(APIError) {
            return try Value(json: value, isStrict: isStrict)
        } catch {
            throw APIError(error.code, "\(name): \(error.message)")
        }
    }

    mutating func field(_ name: String, _ value: inout Bool) throws(APIError) {
        switch self.value(name) {
        case nil: break
        case .bool(let bool): value = bool
        case .string("true"), .string("1"): value = true
        case .string("false"), .string("0"), .string(""): value = false
        case .string, .number, .array, .object, .null: throw wrong(name, "true or false")
        }
    }

    mutating func field(_ name: String, _ value: inout Int32) throws(APIError) {
        if let json = self.value(name) { value = try integer(name, json) }
    }

    mutating func field(_ name: String, _ value: inout UInt32) throws(APIError) {
        if let json = self.value(name) { value = try integer(name, json) }
    }

    mutating func field(_ name: String, _ value: inout Int64) throws(APIError) {
        if let json = self.value(name) { value = try integer(name, json) }
    }

    mutating func field(_ name: String, _ value: inout UInt64) throws(APIError) {
        if let json = self.value(name) { value = try integer(name, json) }
    }

    mutating func field(_ name: String, _ value: inout Double) throws(APIError) {
        guard let json = self.value(name) else { return }
        guard let text = json.number ?? json.string,
            let number = text.isEmpty ? 0 : Double(text), number.isFinite
        else { throw wrong(name, "a number") }
        value = number
    }

    mutating func field(_ name: String, _ value: inout String) throws(APIError) {
        guard let json = self.value(name) else { return }
        guard let text = json.string else { throw wrong(name, "a string") }
        value = text
    }

    mutating func field(_ name: String, _ value: inout [UInt8]) throws(APIError) {
        if let json = self.value(name) { value = try bytes(name, json) }
    }

    mutating func field<Value: APIEnum>(_ name: String, _ value: inout Value) throws(APIError) {
        if let json = self.value(name) { value = try named(name, json) }
    }

    private func named<Value: APIEnum>(
        _ name: String, _ json: JSONValue
    ) throws(APIError) -> Value {
        if let text = json.string, let named = Value(rawValue: text.uppercased()) {
            return named
        } else if let number = try? integer(name, json, Int32.self),
            let numbered = Value.allCases.first(where: { $0.number == number })
        {
            return numbered
        }
        let names = Value.allCases.map(\.rawValue).joined(separator: ", ")
        throw wrong(name, "one of \(names)")
    }

    mutating func choice(_ name: String, _ value: inout UInt32?) throws(APIError) {
        if let json = self.value(name) { value = try integer(name, json) }
    }

    mutating func choice(_ name: String, _ value: inout UInt64?) throws(APIError) {
        if let json = self.value(name) { value = try integer(name, json) }
    }

    mutating func choice(_ name: String, _ value: inout Bool?) throws(APIError) {
        var truth = false
        try field(name, &truth)
        if self.value(name) != nil { value = truth }
    }

    mutating func choice(_ name: String, _ value: inout String?) throws(APIError) {
        var text = ""
        try field(name, &text)
        if self.value(name) != nil { value = text }
    }

    mutating func choice(_ name: String, _ value: inout [UInt8]?) throws(APIError) {
        if let json = self.value(name) { value = try bytes(name, json) }
    }

    mutating func choice<Value: APIMessage>(
        _ name: String, _ value: inout Value?
    ) throws(APIError) {
        if let json = self.value(name) { value = try message(name, json) }
    }

    mutating func field<Value: APIMessage>(_ name: String, _ value: inout Value?) throws(APIError) {
        if let json = self.value(name) { value = try message(name, json) }
    }

    mutating func field(_ name: String, _ value: inout [String]) throws(APIError) {
        guard let json = self.value(name) else { return }
        value = []
        for element in try elements(name, json) {
            guard let text = element.string else { throw wrong(name, "an array of strings") }
            value.append(text)
        }
    }

    mutating func field(_ name: String, _ value: inout [UInt32]) throws(APIError) {
        guard let json = self.value(name) else { return }
        value = []
        for element in try elements(name, json) { value.append(try integer(name, element)) }
    }

    mutating func field(_ name: String, _ value: inout [UInt64]) throws(APIError) {
        guard let json = self.value(name) else { return }
        value = []
        for element in try elements(name, json) { value.append(try integer(name, element)) }
    }

    mutating func field(_ name: String, _ value: inout [[UInt8]]) throws(APIError) {
        guard let json = self.value(name) else { return }
        value = []
        for element in try elements(name, json) { value.append(try bytes(name, element)) }
    }

    mutating func field<Value: APIEnum>(
        _ name: String, _ value: inout [Value]
    ) throws(APIError) {
        guard let json = self.value(name) else { return }
        value = []
        for element in try elements(name, json) { value.append(try named(name, element)) }
    }

    mutating func field(_ name: String, _ value: inout [UInt64: [UInt8]]) throws(APIError) {
        guard let json = self.value(name) else { return }
        guard let object = json.object else { throw wrong(name, "an object") }
        value = [:]
        for member in object.members {
            guard let number = UInt64(member.name) else {
                throw wrong(name, "an object whose names are whole numbers")
            }
            value[number] = try bytes(name, member.value)
        }
    }

    mutating func field<Value: APIMessage>(
        _ name: String, _ value: inout [Value]
    ) throws(APIError) {
        guard let json = self.value(name) else { return }
        value = []
        for element in try elements(name, json) { value.append(try message(name, element)) }
    }

    mutating func field(_ name: String, _ value: inout [String: Int64]) throws(APIError) {
        guard let json = self.value(name) else { return }
        guard let object = json.object else { throw wrong(name, "an object") }
        value = [:]
        for member in object.members { value[member.name] = try integer(name, member.value) }
    }

    mutating func field<Value: APIMessage>(
        _ name: String, _ value: inout [String: Value]
    ) throws(APIError) {
        guard let json = self.value(name) else { return }
        guard let object = json.object else { throw wrong(name, "an object") }
        value = [:]
        for member in object.members { value[member.name] = try message(name, member.value) }
    }
}

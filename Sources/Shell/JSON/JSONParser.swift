extension JSONValue {
    /// How much text, and how deeply nested, a caller accepts.
    public struct Limits: Sendable, Equatable {
        /// The most bytes of text.
        public var size: Int
        /// The most levels of arrays and objects.
        public var depth: Int

        /// Limits for text from outside: 4 MiB and 64 levels, unless said otherwise.
        public init(size: Int = 4 << 20, depth: Int = 64) {
            self.size = size
            self.depth = depth
        }
    }

    /// Parses one value with nothing but blanks around it (RFC 8259).
    public init(parsing bytes: [UInt8], limits: Limits = Limits()) throws(JSONError) {
        guard bytes.count <= limits.size else {
            throw .tooLarge(limit: limits.size, actual: bytes.count)
        }
        var parser = JSONParser(bytes: bytes, depthLimit: limits.depth)
        self = try parser.document()
    }

    /// Parses one value with nothing but blanks around it (RFC 8259).
    public init(parsing text: String, limits: Limits = Limits()) throws(JSONError) {
        try self.init(parsing: Array(text.utf8), limits: limits)
    }
}

/// A recursive parser, whose recursion is bounded by its limit of depth.
struct JSONParser {
    let bytes: [UInt8]
    let depthLimit: Int
    var position = 0
    var depth = 0

    init(bytes: [UInt8], depthLimit: Int) {
        self.bytes = bytes
        self.depthLimit = depthLimit
    }

    mutating func document() throws(JSONError) -> JSONValue {
        let value = try value()
        skipBlanks()
        guard position == bytes.count else { throw .trailingBytes(position: position) }
        return value
    }

    private mutating func value() throws(JSONError) -> JSONValue {
        skipBlanks()
        switch try peek() {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func object() throws(JSONError) -> JSONValue {
        try enter()
        var object = JSONObject()
        if try !closes(with: UInt8(ascii: "}")) {
            repeat {
                skipBlanks()
                guard try peek() == UInt8(ascii: "\"") else { throw unexpected() }
                let name = try string()
                skipBlanks()
                try expect(UInt8(ascii: ":"))
                object.append(name, try value())
            } while try continues(until: UInt8(ascii: "}"))
        }
        depth -= 1
        return .object(object)
    }

    private mutating func array() throws(JSONError) -> JSONValue {
        try enter()
        var elements: [JSONValue] = []
        if try !closes(with: UInt8(ascii: "]")) {
            repeat {
                elements.append(try value())
            } while try continues(until: UInt8(ascii: "]"))
        }
        depth -= 1
        return .array(elements)
    }

    private mutating func enter() throws(JSONError) {
        guard depth < depthLimit else { throw .tooDeep(limit: depthLimit, position: position) }
        depth += 1
        position += 1
    }

    private mutating func closes(with end: UInt8) throws(JSONError) -> Bool {
        skipBlanks()
        guard try peek() == end else { return false }
        position += 1
        return true
    }

    /// Whether a comma, and so another member, comes next rather than `end`.
    private mutating func continues(until end: UInt8) throws(JSONError) -> Bool {
        if try closes(with: end) { return false }
        try expect(UInt8(ascii: ","))
        return true
    }

    private mutating func word(
        _ word: StaticString, _ value: JSONValue
    ) throws(JSONError) -> JSONValue {
        for offset in 0..<word.utf8CodeUnitCount { try expect(word.utf8Start[offset]) }
        return value
    }

    /// `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`
    private mutating func number() throws(JSONError) -> JSONValue {
        let start = position
        if next(isOneOf: "-") { position += 1 }
        guard isDigit(at: position) else {
            if position > start { throw .malformedNumber(position: start) }
            throw unexpected()
        }
        let isZero = bytes[position] == UInt8(ascii: "0")
        let whole = skipDigits()
        if isZero, whole > 1 { throw .malformedNumber(position: start) }
        if next(isOneOf: ".") {
            position += 1
            guard skipDigits() > 0 else { throw .malformedNumber(position: start) }
        }
        if next(isOneOf: "eE") {
            position += 1
            if next(isOneOf: "+-") { position += 1 }
            guard skipDigits() > 0 else { throw .malformedNumber(position: start) }
        }
        return .number(String(decoding: bytes[start..<position], as: UTF8.self))
    }

    private mutating func skipDigits() -> Int {
        let start = position
        while isDigit(at: position) { position += 1 }
        return position - start
    }

    private func isDigit(at position: Int) -> Bool {
        position < bytes.count
            && (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position])
    }

    private func next(isOneOf choices: StaticString) -> Bool {
        guard position < bytes.count else { return false }
        return (0..<choices.utf8CodeUnitCount).contains {
            choices.utf8Start[$0] == bytes[position]
        }
    }

    func peek() throws(JSONError) -> UInt8 {
        guard position < bytes.count else { throw .unexpectedEnd }
        return bytes[position]
    }

    private mutating func expect(_ byte: UInt8) throws(JSONError) {
        guard try peek() == byte else { throw unexpected() }
        position += 1
    }

    private func unexpected() -> JSONError {
        position < bytes.count
            ? .unexpectedByte(bytes[position], position: position) : .unexpectedEnd
    }

    private mutating func skipBlanks() {
        while position < bytes.count,
            [0x20, 0x09, 0x0a, 0x0d].contains(bytes[position])
        { position += 1 }
    }
}

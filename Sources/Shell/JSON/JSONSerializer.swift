extension JSONValue {
    /// The value as compact JSON: one line, no blanks, UTF-8.
    public func serialized() -> [UInt8] {
        var text: [UInt8] = []
        write(to: &text, indent: nil)
        return text
    }

    /// The value as JSON for people: one member a line, indented by two blanks a level.
    public func prettyPrinted() -> String {
        var text: [UInt8] = []
        write(to: &text, indent: 0)
        return String(decoding: text, as: UTF8.self)
    }

    private func write(to text: inout [UInt8], indent: Int?) {
        switch self {
        case .null: text += "null".utf8
        case .bool(let value): text += (value ? "true" : "false").utf8
        case .number(let literal): text += literal.utf8
        case .string(let string): Self.write(string, to: &text)
        case .array(let elements):
            Self.writeList(elements, "[", "]", to: &text, indent: indent) { element, text, inner in
                element.write(to: &text, indent: inner)
            }
        case .object(let object):
            Self.writeList(object.members, "{", "}", to: &text, indent: indent) {
                member, text, inner in
                Self.write(member.name, to: &text)
                text += (inner == nil ? ":" : ": ").utf8
                member.value.write(to: &text, indent: inner)
            }
        }
    }

    private static func writeList<Element>(
        _ elements: [Element], _ open: String, _ close: String, to text: inout [UInt8],
        indent: Int?, _ write: (Element, inout [UInt8], Int?) -> Void
    ) {
        text += open.utf8
        let inner = indent.map { $0 + 1 }
        for (index, element) in elements.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            breakLine(to: &text, indent: inner)
            write(element, &text, inner)
        }
        if !elements.isEmpty { breakLine(to: &text, indent: indent) }
        text += close.utf8
    }

    private static func breakLine(to text: inout [UInt8], indent: Int?) {
        guard let indent else { return }
        text.append(0x0a)
        text += repeatElement(0x20, count: 2 * indent)
    }

    private static func write(_ string: String, to text: inout [UInt8]) {
        let digits: StaticString = "0123456789abcdef"
        text.append(UInt8(ascii: "\""))
        for byte in string.utf8 {
            switch byte {
            case UInt8(ascii: "\""): text += "\\\"".utf8
            case UInt8(ascii: "\\"): text += "\\\\".utf8
            case 0x08: text += "\\b".utf8
            case 0x09: text += "\\t".utf8
            case 0x0a: text += "\\n".utf8
            case 0x0c: text += "\\f".utf8
            case 0x0d: text += "\\r".utf8
            case 0..<0x20:
                text += "\\u00".utf8
                text.append(digits.utf8Start[Int(byte >> 4)])
                text.append(digits.utf8Start[Int(byte & 15)])
            default: text.append(byte)
            }
        }
        text.append(UInt8(ascii: "\""))
    }
}

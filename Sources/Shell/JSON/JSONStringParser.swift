extension JSONParser {
    /// Parses from the opening quotation mark to behind the closing one.
    mutating func string() throws(JSONError) -> String {
        let start = position
        position += 1
        var text: [UInt8] = []
        while true {
            let run = position
            while position < bytes.count, bytes[position] >= 0x20,
                bytes[position] != UInt8(ascii: "\""), bytes[position] != UInt8(ascii: "\\")
            { position += 1 }
            text += bytes[run..<position]
            switch try peek() {
            case UInt8(ascii: "\""):
                position += 1
                guard let string = String(validating: text, as: UTF8.self) else {
                    throw .invalidUTF8(position: start)
                }
                return string
            case UInt8(ascii: "\\"):
                try escape(into: &text)
            case let control:
                throw .unexpectedByte(control, position: position)
            }
        }
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
        let start = position
        position += 1
        let letter = try peek()
        position += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(letter)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0c)
        case UInt8(ascii: "n"): text.append(0x0a)
        case UInt8(ascii: "r"): text.append(0x0d)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            text += Array(String(try unicodeEscape(startingAt: start)).utf8)
        default: throw .malformedEscape(position: start)
        }
    }

    /// The character of `\uXXXX`, or of the surrogate pair `\uD8XX\uDCXX`, behind whose `\u` the position is.
    private mutating func unicodeEscape(startingAt start: Int) throws(JSONError) -> Unicode.Scalar {
        let first = try hexDigits(startingAt: start)
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard (0xd800..<0xdc00).contains(first), position + 1 < bytes.count,
            bytes[position] == UInt8(ascii: "\\"), bytes[position + 1] == UInt8(ascii: "u")
        else { throw .malformedEscape(position: start) }
        position += 2
        let second = try hexDigits(startingAt: start)
        guard (0xdc00..<0xe000).contains(second),
            let scalar = Unicode.Scalar(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00))
        else { throw .malformedEscape(position: start) }
        return scalar
    }

    private mutating func hexDigits(startingAt start: Int) throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            let digit = Character(Unicode.Scalar(try peek()))
            guard digit.isASCII, let nibble = digit.hexDigitValue else {
                throw .malformedEscape(position: start)
            }
            value = value << 4 | UInt32(nibble)
            position += 1
        }
        return value
    }
}

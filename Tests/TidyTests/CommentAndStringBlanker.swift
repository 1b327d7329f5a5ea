/// Overwrites comments and the content of string literals with blanks, byte for byte, so that the
/// rules look at code alone.
///
/// It knows nested comments, strings of one and of many lines, raw strings, and interpolation at any
/// depth. It does not know regular expression literals between bare slashes.
struct CommentAndStringBlanker {
    private var bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func blanked() -> [UInt8] {
        code(inParentheses: false)
        return bytes
    }

    /// Walks over code, to the end or to the parenthesis that closes an interpolation.
    private mutating func code(inParentheses: Bool) {
        var depth = 0
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "/") where at("//"):
                while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { blank() }
            case UInt8(ascii: "/") where at("/*"):
                blockComment()
            case UInt8(ascii: "\""):
                string(hashes: 0)
            case UInt8(ascii: "#"):
                let hashes = count(of: UInt8(ascii: "#"), from: position)
                position += hashes
                if position < bytes.count, bytes[position] == UInt8(ascii: "\"") {
                    string(hashes: hashes)
                }
            case UInt8(ascii: "("):
                depth += 1
                position += 1
            case UInt8(ascii: ")"):
                if inParentheses, depth == 0 { return }
                depth -= 1
                position += 1
            default:
                position += 1
            }
        }
    }

    private mutating func blockComment() {
        var depth = 0
        repeat {
            if at("/*") {
                depth += 1
                blank(2)
            } else if at("*/") {
                depth -= 1
                blank(2)
            } else {
                blank()
            }
        } while depth > 0 && position < bytes.count
    }

    /// Blanks what is between the quotation marks; they stay.
    private mutating func string(hashes: Int) {
        let quote = UInt8(ascii: "\"")
        let marks = at("\"\"\"") ? 3 : 1
        position += marks
        while position < bytes.count {
            if bytes[position] == quote, count(of: quote, from: position, limit: marks) == marks,
                count(of: UInt8(ascii: "#"), from: position + marks, limit: hashes) == hashes
            {
                position += marks + hashes
                return
            }
            if marks == 1, bytes[position] == UInt8(ascii: "\n") { return }
            guard bytes[position] == UInt8(ascii: "\\"),
                count(of: UInt8(ascii: "#"), from: position + 1, limit: hashes) == hashes
            else {
                blank()
                continue
            }
            blank(1 + hashes)
            if position < bytes.count, bytes[position] == UInt8(ascii: "(") {
                position += 1
                code(inParentheses: true)
                position += 1
            } else {
                blank()
            }
        }
    }

    private mutating func blank(_ count: Int = 1) {
        for _ in 0..<count where position < bytes.count {
            if bytes[position] != UInt8(ascii: "\n") { bytes[position] = UInt8(ascii: " ") }
            position += 1
        }
    }

    private func at(_ text: StaticString) -> Bool {
        guard position + text.utf8CodeUnitCount <= bytes.count else { return false }
        return (0..<text.utf8CodeUnitCount).allSatisfy {
            bytes[position + $0] == text.utf8Start[$0]
        }
    }

    private func count(of byte: UInt8, from start: Int, limit: Int = .max) -> Int {
        var length = 0
        while length < limit, start + length < bytes.count, bytes[start + length] == byte {
            length += 1
        }
        return length
    }
}

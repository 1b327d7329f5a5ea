/// A word (letters, digits, underscores) or a single other mark of a file's code.
struct Token: Equatable {
    let text: String
    /// The line it is on, from 1.
    let line: Int
    /// Whether white space, or the beginning of the file, stands before it.
    let followsSpace: Bool

    static func all(of code: [UInt8]) -> [Token] {
        var tokens: [Token] = []
        var position = 0
        var line = 1
        var followsSpace = true
        while position < code.count {
            let byte = code[position]
            if byte == UInt8(ascii: "\n") { line += 1 }
            guard byte > UInt8(ascii: " ") else {
                followsSpace = true
                position += 1
                continue
            }
            var end = position + 1
            if isWord(byte) {
                while end < code.count, isWord(code[end]) { end += 1 }
            }
            tokens.append(
                Token(
                    text: String(decoding: code[position..<end], as: UTF8.self), line: line,
                    followsSpace: followsSpace))
            followsSpace = false
            position = end
        }
        return tokens
    }

    var isWord: Bool { text.utf8.first.map(Self.isWord) ?? false }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
            true
        default: false
        }
    }
}

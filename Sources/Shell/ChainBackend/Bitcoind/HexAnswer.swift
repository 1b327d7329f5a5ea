import Bitcoin

/// An answer whose result is a long hexadecimal text, such as a block's.
///
/// A block has up to eight million digits. They are decoded where they stand, and only the rest of the answer
/// goes through the parser.
enum HexAnswer {
    private static let prefix = Array(#"{"result":""#.utf8)

    /// The result's bytes, and the answer with an empty text in their place. Where the answer has another form, nil
    /// and the answer as it is.
    static func split(_ answer: [UInt8]) -> (bytes: [UInt8]?, envelope: [UInt8]) {
        guard answer.starts(with: prefix),
            let end = answer[prefix.count...].firstIndex(of: UInt8(ascii: "\"")),
            let bytes = try? Hex.decode(digits: answer[prefix.count..<end])
        else { return (nil, answer) }
        return (bytes, prefix + answer[end...])
    }
}

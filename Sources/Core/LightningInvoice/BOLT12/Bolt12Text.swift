import Bitcoin

/// The text form of BOLT 12: bech32 without a checksum, which `+` may break into pieces.
enum Bolt12Text {
    /// The bytes of a text that begins with `prefix`.
    static func decode(_ text: some StringProtocol, prefix: String) throws(Bolt12Error) -> [UInt8] {
        let joined = try join(text)
        do {
            let parts = try Bech32.decodeWithoutChecksum(joined)
            guard parts.prefix == prefix else {
                throw Bolt12Error.wrongPrefix(expected: prefix, actual: parts.prefix)
            }
            return try Bech32.bytes(of: parts.values)
        } catch let error as Bech32Error {
            throw .bech32(error)
        } catch let error as Bolt12Error {
            throw error
        } catch {
            preconditionFailure("there are no other errors")
        }
    }

    static func encode(_ bytes: [UInt8], prefix: String) -> String {
        Bech32.encodeWithoutChecksum(prefix: prefix, values: Bech32.values(of: bytes))
    }

    /// BOLT 12: "if it encounters a `+` followed by zero or more whitespace characters between two bech32 characters:
    /// MUST remove the `+` and whitespace."
    private static func join(_ text: some StringProtocol) throws(Bolt12Error) -> String {
        var result = String.UnicodeScalarView()
        var joinPosition: Int?
        for (position, scalar) in text.unicodeScalars.enumerated() {
            if scalar == "+" {
                guard joinPosition == nil, !result.isEmpty else {
                    throw .misplacedJoin(position: position)
                }
                joinPosition = position
            } else if joinPosition != nil, scalar.properties.isWhitespace {
                continue
            } else {
                joinPosition = nil
                result.append(scalar)
            }
        }
        if let joinPosition { throw .misplacedJoin(position: joinPosition) }
        return String(result)
    }
}

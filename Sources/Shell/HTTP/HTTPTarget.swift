import Bitcoin

/// The target of a request in origin form: a path and a query (RFC 9112, section 3.2.1).
public struct HTTPTarget: Sendable, Equatable {
    /// The parts between the slashes of the path, decoded; a path that ends with a slash has an empty last part.
    public let segments: [String]
    /// The pairs of the query, decoded, in order.
    public let query: [(name: String, value: String)]
    /// The path as it was written.
    public let path: String

    /// Parses the target of a request line; nil where it is no origin form, or an escape in it is malformed.
    public init?(parsing text: String) {
        // A proxy's absolute form is not for an origin server to refuse (RFC 9112, section 3.2.2).
        var rest = text[...]
        if !rest.hasPrefix("/") {
            guard let scheme = ["http://", "https://"].first(where: { rest.hasPrefix($0) }) else {
                return nil
            }
            let behind = rest.dropFirst(scheme.count)
            rest = behind.firstIndex(where: { $0 == "/" || $0 == "?" }).map { behind[$0...] } ?? "/"
            if rest.hasPrefix("?") { rest = "/" + rest }
        }
        let parts = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = String(parts[0])
        var segments: [String] = []
        for raw in parts[0].dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            guard let segment = Percent.decode(raw) else { return nil }
            segments.append(segment)
        }
        self.segments = segments
        guard parts.count == 2 else {
            query = []
            return
        }
        guard let query = Self.parseQuery(parts[1]) else { return nil }
        self.query = query
    }

    /// The first value of that name in the query.
    public subscript(name: String) -> String? {
        query.first { $0.name == name }?.value
    }

    private static func parseQuery(_ text: Substring) -> [(name: String, value: String)]? {
        var query: [(name: String, value: String)] = []
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Percent.decode(parts[0], plusIsBlank: true),
                let value = parts.count == 2 ? Percent.decode(parts[1], plusIsBlank: true) : ""
            else { return nil }
            query.append((name, value))
        }
        return query
    }

    public static func == (left: HTTPTarget, right: HTTPTarget) -> Bool {
        left.path == right.path && left.query.elementsEqual(right.query, by: ==)
    }
}

/// Percent-encoding (RFC 3986, section 2.1).
public enum Percent {
    /// The text that is meant; nil where an escape is malformed or the bytes are no UTF-8.
    ///
    /// `plusIsBlank` follows the rules of HTML forms, which queries keep to.
    public static func decode(_ text: some StringProtocol, plusIsBlank: Bool = false) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%") {
                guard rest.count >= 2,
                    let decoded = try? Hex.decode(
                        String(decoding: rest.prefix(2), as: UTF8.self))
                else { return nil }
                bytes += decoded
                rest.removeFirst(2)
            } else {
                bytes.append(plusIsBlank && byte == UInt8(ascii: "+") ? 0x20 : byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// `text` with everything escaped that is not unreserved.
    public static func encode(_ text: some StringProtocol) -> String {
        var result = ""
        for byte in text.utf8 {
            let character = Character(Unicode.Scalar(byte))
            if byte < 128, character.isLetter || character.isNumber || "-._~".contains(character) {
                result.append(character)
            } else {
                result += "%" + Hex.encode([byte]).uppercased()
            }
        }
        return result
    }
}

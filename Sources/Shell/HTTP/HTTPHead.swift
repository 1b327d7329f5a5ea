/// The start line and the header fields of a message (RFC 9112).
public struct HTTPHead: Sendable, Equatable {
    /// How large a head may be.
    public struct Limits: Sendable, Equatable {
        /// The most bytes of the start line and all fields, line ends included.
        public var size: Int
        /// The most fields.
        public var fields: Int

        /// 32 KiB and 100 fields, unless said otherwise.
        public init(size: Int = 32 << 10, fields: Int = 100) {
            self.size = size
            self.fields = fields
        }
    }

    /// The start line without its end.
    public let startLine: String
    /// The header fields.
    public let headers: HTTPHeaders

    /// Where the head that `bytes` begin with ends, its empty line included; nil where more bytes are needed.
    public static func end(in bytes: [UInt8], searchingFrom start: Int = 0) -> Int? {
        var position = max(start, 1)
        while position < bytes.count {
            if bytes[position] == 0x0a {
                if bytes[position - 1] == 0x0a { return position + 1 }
                if position >= 2, bytes[position - 1] == 0x0d, bytes[position - 2] == 0x0a {
                    return position + 1
                }
            }
            position += 1
        }
        return nil
    }

    /// Parses a head up to and with its empty line.
    ///
    /// Bytes that are no visible ASCII, no blank and no part of valid UTF-8 are refused, and so are folded lines and
    /// blanks before a colon: the usual ways to make two readers see two messages.
    public init(parsing bytes: ArraySlice<UInt8>, limits: Limits = Limits())
        throws(HTTPMessageError)
    {
        guard bytes.count <= limits.size else { throw .headTooLarge(limit: limits.size) }
        var lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false).map { line in
            line.last == 0x0d ? line.dropLast() : line
        }
        while lines.last?.isEmpty == true { lines.removeLast() }
        guard let first = lines.first, let startLine = Self.text(first) else {
            throw .malformedStartLine
        }
        guard lines.count - 1 <= limits.fields else { throw .tooManyHeaders(limit: limits.fields) }
        self.startLine = startLine
        var headers = HTTPHeaders()
        for (index, line) in lines.dropFirst().enumerated() {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
                line[..<colon].allSatisfy(Self.isTokenCharacter),
                let value = Self.text(line[(colon + 1)...])
            else { throw .malformedHeader(line: index + 2) }
            headers.append(
                String(decoding: line[..<colon], as: UTF8.self), String(value.trimmingBlanks()))
        }
        self.headers = headers
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String? {
        guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    /// RFC 9110, section 5.6.2: the characters of a token.
    static func isTokenCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: Array("!#$%&'*+-.^_`|~".utf8).contains(byte)
        }
    }
}

/// A request line and its header fields.
public struct HTTPRequestHead: Sendable, Equatable {
    /// The method.
    public let method: HTTPMethod
    /// The path and the query.
    public let target: HTTPTarget
    /// The header fields.
    public let headers: HTTPHeaders
    /// Whether the connection takes another request after this one.
    public let keepsAlive: Bool
    /// Whether the client speaks HTTP/1.0, and so takes no chunked answer.
    public let isLegacy: Bool

    /// Reads the request line of `head`.
    public init(_ head: HTTPHead) throws(HTTPMessageError) {
        let parts = head.startLine.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[2].hasPrefix("HTTP/") else { throw .malformedStartLine }
        guard parts[2] == "HTTP/1.1" || parts[2] == "HTTP/1.0" else {
            throw .unsupportedVersion(String(parts[2].dropFirst(5).prefix(8)))
        }
        guard let method = HTTPMethod(rawValue: String(parts[0])) else {
            guard !parts[0].isEmpty, parts[0].utf8.allSatisfy(HTTPHead.isTokenCharacter) else {
                throw .malformedStartLine
            }
            throw .unknownMethod(String(parts[0].prefix(32)))
        }
        guard let target = HTTPTarget(parsing: String(parts[1])) else { throw .malformedTarget }
        self.method = method
        self.target = target
        headers = head.headers
        isLegacy = parts[2] == "HTTP/1.0"
        keepsAlive =
            parts[2] == "HTTP/1.1"
            ? !headers.contains("close", in: "Connection")
            : headers.contains("keep-alive", in: "Connection")
    }
}

/// A status line and its header fields.
public struct HTTPResponseHead: Sendable, Equatable {
    /// The status.
    public let status: HTTPStatus
    /// The header fields.
    public let headers: HTTPHeaders
    /// Whether the connection takes another request after this answer.
    public let keepsAlive: Bool

    /// Reads the status line of `head`.
    public init(_ head: HTTPHead) throws(HTTPMessageError) {
        let parts = head.startLine.split(
            separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count >= 2, parts[0].hasPrefix("HTTP/"), parts[1].utf8.count == 3,
            let code = Int(parts[1]), code >= 100
        else { throw .malformedStartLine }
        guard parts[0] == "HTTP/1.1" || parts[0] == "HTTP/1.0" else {
            throw .unsupportedVersion(String(parts[0].dropFirst(5).prefix(8)))
        }
        status = HTTPStatus(code)
        headers = head.headers
        keepsAlive =
            parts[0] == "HTTP/1.1"
            ? !headers.contains("close", in: "Connection")
            : headers.contains("keep-alive", in: "Connection")
    }
}

/// Why bytes are no acceptable HTTP/1.1 message.
public enum HTTPMessageError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The first line is neither a request line nor a status line.
    case malformedStartLine
    /// The version is neither 1.0 nor 1.1.
    case unsupportedVersion(String)
    /// The method is not known here.
    case unknownMethod(String)
    /// The target of the request is no path, or an escape in it is malformed.
    case malformedTarget
    /// A line of the header breaks the grammar; lines count from 1.
    case malformedHeader(line: Int)
    /// The start line and the header fields are longer than allowed, in bytes.
    case headTooLarge(limit: Int)
    /// There are more header fields than allowed.
    case tooManyHeaders(limit: Int)
    /// The body is longer than allowed, in bytes.
    case bodyTooLarge(limit: Int)
    /// The length of the body is no number, is given twice and differs, or stands beside a chunked body.
    case malformedLength
    /// The body comes in an encoding other than `chunked`.
    case unsupportedTransferEncoding(String)
    /// A chunk breaks the grammar.
    case malformedChunk

    public var description: String {
        switch self {
        case .malformedStartLine: "malformed first line of the HTTP message"
        case .unsupportedVersion(let version): "HTTP version \(version) is not supported, use 1.1"
        case .unknownMethod(let method): "unknown method \(method)"
        case .malformedTarget: "malformed request target"
        case .malformedHeader(let line): "malformed header in line \(line)"
        case .headTooLarge(let limit): "header larger than \(limit) bytes"
        case .tooManyHeaders(let limit): "more than \(limit) header fields"
        case .bodyTooLarge(let limit): "body larger than \(limit) bytes"
        case .malformedLength: "malformed or contradictory body length"
        case .unsupportedTransferEncoding(let encoding):
            "transfer encoding \(encoding) is not supported"
        case .malformedChunk: "malformed chunk in the body"
        }
    }

    /// The status that tells a client of it.
    public var status: HTTPStatus {
        switch self {
        case .malformedStartLine, .malformedTarget, .malformedHeader, .malformedLength,
            .malformedChunk:
            .badRequest
        case .unsupportedVersion: .versionNotSupported
        case .unknownMethod, .unsupportedTransferEncoding: .notImplemented
        case .headTooLarge, .tooManyHeaders: .headersTooLarge
        case .bodyTooLarge: .contentTooLarge
        }
    }
}

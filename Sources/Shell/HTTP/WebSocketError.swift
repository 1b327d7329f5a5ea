/// Why a WebSocket was or is to be closed (RFC 6455, section 7.4.1).
public enum WebSocketError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A frame breaks the protocol.
    case protocolViolation(String)
    /// A text message is no UTF-8.
    case invalidText
    /// A message is longer than allowed, in bytes.
    case messageTooLarge(limit: Int)
    /// The handshake is none, or asks for a version other than 13.
    case badHandshake(String)

    /// The code of the close frame that tells the other side.
    public var closeCode: UInt16 {
        switch self {
        case .protocolViolation, .badHandshake: 1002
        case .invalidText: 1007
        case .messageTooLarge: 1009
        }
    }

    public var description: String {
        switch self {
        case .protocolViolation(let what): "WebSocket protocol violated: \(what)"
        case .invalidText: "text message of a WebSocket is no UTF-8"
        case .messageTooLarge(let limit): "WebSocket message larger than \(limit) bytes"
        case .badHandshake(let what): "WebSocket handshake failed: \(what)"
        }
    }
}

import HTTP
import JSON

/// Who is at the other end of a connection.
public struct HTTPPeer: Sendable, Equatable, CustomStringConvertible {
    /// The IPv4 or IPv6 address as text; an IPv4 address that arrived over IPv6 is written as IPv4.
    public let address: String
    /// The port.
    public let port: UInt16
    /// Whether the address is of this machine.
    public var isLoopback: Bool { address.hasPrefix("127.") || address == "::1" }

    public var description: String {
        address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)"
    }
}

/// A whole request.
public struct HTTPRequest: Sendable {
    /// The method.
    public let method: HTTPMethod
    /// The path and query.
    public let target: HTTPTarget
    /// The header fields.
    public let headers: HTTPHeaders
    /// What stands in the path for the names in braces of the route's pattern.
    public internal(set) var parameters: [String: String] = [:]
    /// The body; empty where there is none.
    public internal(set) var body: [UInt8]
    /// The client.
    public let peer: HTTPPeer
    /// Whether the connection is encrypted.
    public let isSecure: Bool

    /// Whether the client asks for a WebSocket.
    public var asksForWebSocket: Bool { WebSocketHandshake.isRequested(headers) }
}

/// A whole answer.
public struct HTTPResponse: Sendable, Equatable {
    /// The status.
    public var status: HTTPStatus
    /// The header fields, without those that concern the connection or the length.
    public var headers: HTTPHeaders
    /// The body.
    public var body: [UInt8]

    /// An answer with these parts.
    public init(status: HTTPStatus = .ok, headers: HTTPHeaders = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// An answer with a JSON body.
    public static func json(_ value: JSONValue, status: HTTPStatus = .ok) -> HTTPResponse {
        HTTPResponse(
            status: status, headers: ["Content-Type": "application/json"],
            body: value.serialized())
    }

    /// An answer with a text.
    public static func text(_ text: String, status: HTTPStatus = .ok) -> HTTPResponse {
        HTTPResponse(
            status: status, headers: ["Content-Type": "text/plain; charset=utf-8"],
            body: Array(text.utf8))
    }
}

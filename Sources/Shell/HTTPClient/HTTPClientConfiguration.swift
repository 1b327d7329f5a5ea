import HTTP

/// Whom a client trusts and how long it waits. Times are in seconds, sizes in bytes.
public struct HTTPClientConfiguration: Sendable {
    /// Whose certificates are good.
    public enum Trust: Sendable, Equatable {
        /// The system's authorities, for the name of the host.
        case system
        /// The certificates in this PEM file, for the name or address of the host.
        case certificateFile(String)
        /// Anyone's: the connection is private only against those who listen, not against an impostor.
        case anyone
    }

    /// Whose certificates are good.
    public var trust: Trust = .system
    /// The time to connect, TLS included.
    public var connectTimeout = 10.0
    /// The time for a whole exchange but a stream or WebSocket.
    public var timeout = 60.0
    /// The largest body of an answer.
    public var bodyLimit = 64 << 20
    /// How large the head of an answer may be.
    public var head = HTTPHead.Limits()
    /// Fields of every request.
    public var headers: HTTPHeaders = [:]

    /// The system's authorities, and times and sizes that suit a node's interface.
    public init() {}
}

/// A whole answer.
public struct HTTPClientResponse: Sendable, Equatable {
    /// The status.
    public let status: HTTPStatus
    /// The header fields.
    public let headers: HTTPHeaders
    /// The body.
    public let body: [UInt8]
}

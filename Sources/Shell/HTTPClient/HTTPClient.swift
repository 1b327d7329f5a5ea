import Glibc
import HTTP
import Synchronization

/// A client of one server, over HTTP/1.1 with keep-alive. Calls block, and may come from any thread: they take turns
/// on idle connections, and open another where there is none.
public final class HTTPClient: Sendable {
    /// The server.
    public let url: HTTPURL
    private let configuration: HTTPClientConfiguration
    private let tls: TLSClientContext?
    private let idle = Mutex(IdleConnections())

    /// Unchecked sendability: a connection is used by the one thread that took it out of the mutex.
    private struct IdleConnections: @unchecked Sendable {
        var connections: [ClientConnection] = []
    }

    /// How many connections are kept for later.
    private static let mostIdle = 4

    /// A client of the server at `url`, whose path goes before the targets of requests where it is not `/`.
    public init(
        _ url: HTTPURL, _ configuration: HTTPClientConfiguration = HTTPClientConfiguration()
    ) throws(HTTPClientError) {
        self.url = url
        self.configuration = configuration
        tls = url.isSecure ? try TLSClientContext(configuration.trust) : nil
    }

    /// Sends a request and returns the whole answer, of whatever status.
    ///
    /// A request on a kept connection that the server has closed meanwhile is sent again on a new one if nothing of an
    /// answer has come and `method` may be repeated, or the close was seen before sending.
    public func request(
        _ method: HTTPMethod, _ target: String, headers: HTTPHeaders = [:], body: [UInt8] = []
    ) throws(HTTPClientError) -> HTTPClientResponse {
        let deadline = Deadline(seconds: configuration.timeout)
        let message = self.message(method, target, headers, body)
        if let kept = takeIdle() {
            do throws(HTTPClientError) {
                return try exchange(message, method, on: kept, deadline)
            } catch {
                guard case .closed = error, method.mayRepeat, !kept.hasAnswer else { throw error }
            }
        }
        return try exchange(message, method, on: connect(), deadline)
    }

    /// Sends a request and returns its answer while it comes.
    public func stream(
        _ method: HTTPMethod, _ target: String, headers: HTTPHeaders = [:], body: [UInt8] = []
    ) throws(HTTPClientError) -> HTTPClientStream {
        let connection = try connect()
        let deadline = Deadline(seconds: configuration.timeout)
        try connection.send(message(method, target, headers, body), deadline)
        let head = try connection.readHead(deadline)
        return try HTTPClientStream(
            head, hasBody: method != .head, connection: connection, configuration: configuration)
    }

    /// Opens a WebSocket with messages of at most `limit` bytes.
    public func webSocket(
        _ target: String, headers: HTTPHeaders = [:], subprotocols: [String] = [],
        limit: Int = 4 << 20
    ) throws(HTTPClientError) -> ClientWebSocket {
        let connection = try connect()
        let deadline = Deadline(seconds: configuration.timeout)
        var generator = SystemRandomNumberGenerator()
        let nonce = (0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let handshake = WebSocketHandshake.request(nonce: nonce, subprotocols: subprotocols)
        var all = headers
        for field in handshake.fields { all.append(field.name, field.value) }
        try connection.send(message(.get, target, all, []), deadline)
        let head = try connection.readHead(deadline)
        do throws(WebSocketError) {
            try WebSocketHandshake.check(answer: head, key: handshake["Sec-WebSocket-Key"] ?? "")
        } catch {
            throw .badWebSocket(error)
        }
        return ClientWebSocket(connection: connection, headers: head.headers, limit: limit)
    }

    // MARK: Connections

    private func connect() throws(HTTPClientError) -> ClientConnection {
        let deadline = Deadline(seconds: configuration.connectTimeout)
        return ClientConnection(
            try ClientSocket(url, context: tls, deadline: deadline), limits: configuration.head)
    }

    private func takeIdle() -> ClientConnection? {
        idle.withLock { idle in
            while let connection = idle.connections.popLast() {
                if !connection.socket.isStale { return connection }
            }
            return nil
        }
    }

    private func exchange(
        _ message: [UInt8], _ method: HTTPMethod, on connection: ClientConnection,
        _ deadline: Deadline
    ) throws(HTTPClientError) -> HTTPClientResponse {
        try connection.send(message, deadline)
        let head = try connection.readHead(deadline)
        let body = try connection.readBody(
            head, hasBody: method != .head, limit: configuration.bodyLimit, deadline)
        if connection.isReusable {
            idle.withLock { idle in
                if idle.connections.count < Self.mostIdle { idle.connections.append(connection) }
            }
        }
        return HTTPClientResponse(status: head.status, headers: head.headers, body: body)
    }

    private func message(
        _ method: HTTPMethod, _ target: String, _ headers: HTTPHeaders, _ body: [UInt8]
    ) -> [UInt8] {
        let prefix = url.target == "/" ? "" : url.target
        // A target from a caller must not smuggle a line into the head.
        let line = (prefix + target).utf8.map { $0 <= 0x20 || $0 == 0x7f ? UInt8(ascii: "+") : $0 }
        var bytes = Array("\(method.rawValue) ".utf8) + line
        bytes += " HTTP/1.1\r\nHost: \(url.authority)\r\n".utf8
        configuration.headers.write(to: &bytes)
        headers.write(to: &bytes)
        if !body.isEmpty || method == .post || method == .put || method == .patch {
            bytes += "Content-Length: \(body.count)\r\n".utf8
        }
        bytes += "\r\n".utf8
        return bytes + body
    }
}

extension HTTPMethod {
    /// RFC 9110, section 9.2.2: whether a request of this method may be sent twice.
    fileprivate var mayRepeat: Bool {
        switch self {
        case .get, .head, .put, .delete, .options: true
        case .post, .patch: false
        }
    }
}

import HTTP
import Synchronization

/// One request and the way to answer it: once, at any time, from any thread.
///
/// An exchange that goes without an answer is answered with status 500.
public final class HTTPExchange: Sendable {
    /// The request.
    public let request: HTTPRequest
    private let connection: ConnectionReference
    private let isAnswered = Mutex(false)

    init(request: HTTPRequest, connection: ConnectionReference) {
        self.request = request
        self.connection = connection
    }

    deinit {
        guard !isAnswered.withLock({ $0 }) else { return }
        connection.perform { $0.fail(.internalServerError, "the request was dropped unanswered") }
    }

    /// Answers. Only the first answer counts.
    public func respond(_ response: HTTPResponse) {
        guard claim() else { return }
        connection.perform { $0.respond(response) }
    }

    /// Answers with a stream of unknown length; nil where there is an answer already.
    ///
    /// `onEnd` is called once, from the server's loop, when no more can be sent. At most `limit` bytes wait for a
    /// slow reader; more end the stream.
    public func stream(
        status: HTTPStatus = .ok, headers: HTTPHeaders = ["Content-Type": "application/json"],
        limit: Int? = nil, onEnd: @escaping @Sendable (HTTPStreamEnd) -> Void = { _ in }
    ) -> HTTPStream? {
        guard claim() else { return nil }
        let queue = OutboundQueue(
            limit: limit ?? connection.loop.configuration.streamLimit, onEnd: onEnd)
        connection.perform(orElse: { queue.end(.peerClosed) }) {
            $0.startStream(status: status, headers: headers, queue: queue)
        }
        return HTTPStream(connection: connection, queue: queue)
    }

    /// Accepts the WebSocket that the client asks for; nil where there is an answer already.
    ///
    /// `onMessage` is called from the server's loop and returns at once; pings are answered without it. Throws where
    /// the request is no proper handshake; the exchange can then still be answered.
    public func acceptWebSocket(
        subprotocol: String? = nil, limit: Int? = nil,
        onMessage: @escaping @Sendable (WebSocketMessage) -> Void,
        onEnd: @escaping @Sendable (HTTPStreamEnd) -> Void = { _ in }
    ) throws(WebSocketError) -> ServerWebSocket? {
        let answer = try WebSocketHandshake.answer(to: request.headers, subprotocol: subprotocol)
        guard claim() else { return nil }
        let queue = OutboundQueue(
            limit: limit ?? connection.loop.configuration.streamLimit, onEnd: onEnd)
        connection.perform(orElse: { queue.end(.peerClosed) }) {
            $0.startWebSocket(answer, queue: queue, onMessage: onMessage)
        }
        return ServerWebSocket(connection: connection, queue: queue)
    }

    private func claim() -> Bool {
        isAnswered.withLock { answered in
            defer { answered = true }
            return !answered
        }
    }
}

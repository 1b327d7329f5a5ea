import HTTP

/// The client's end of a WebSocket. It belongs to one thread; only ``cancel()`` may be called from another.
///
/// Unchecked sendability: ``cancel()`` touches nothing but the socket's descriptor, which stays open as long as this.
public final class ClientWebSocket: @unchecked Sendable {
    /// The fields of the server's answer, with the subprotocol that it chose.
    public let headers: HTTPHeaders
    private let connection: ClientConnection
    private var decoder: WebSocketDecoder
    private var hasSentClose = false
    private var generator = SystemRandomNumberGenerator()

    init(connection: ClientConnection, headers: HTTPHeaders, limit: Int) {
        self.connection = connection
        self.headers = headers
        decoder = WebSocketDecoder(fromClient: false, limit: limit)
        decoder.append(connection.takeInput())
    }

    /// Sends a message within `timeout` seconds.
    public func send(
        _ message: WebSocketMessage, timeout: Double = 30
    ) throws(HTTPClientError) {
        let mask = (0..<4).map { _ in UInt8.random(in: 0...255, using: &generator) }
        try connection.socket.write(
            message.frame(mask: mask), "sending a message", Deadline(seconds: timeout))
    }

    /// The next text or binary message, waited for at most `timeout` seconds; nil when the server has closed. Pings are
    /// answered meanwhile.
    public func receive(timeout: Double = .infinity) throws(HTTPClientError) -> WebSocketMessage? {
        let deadline = Deadline(seconds: timeout)
        while true {
            switch try next() {
            case .text(let text): return .text(text)
            case .binary(let bytes): return .binary(bytes)
            case .ping(let payload): try send(.pong(payload))
            case .pong: continue
            case .close(let code, _):
                if !hasSentClose { try send(.close(code: code, reason: "")) }
                hasSentClose = true
                return nil
            case nil:
                var bytes: [UInt8] = []
                let isOpen = try connection.socket.read(
                    into: &bytes, "waiting for a message", deadline)
                guard isOpen else { return nil }
                decoder.append(bytes)
            }
        }
    }

    /// Says that it ends; ``receive(timeout:)`` then returns what is still to come.
    public func close(code: UInt16 = 1000, reason: String = "") throws(HTTPClientError) {
        guard !hasSentClose else { return }
        hasSentClose = true
        try send(.close(code: code, reason: reason))
    }

    /// Ends the connection: a call that waits in another thread fails at once.
    public func cancel() { connection.socket.interrupt() }

    private func next() throws(HTTPClientError) -> WebSocketMessage? {
        do throws(WebSocketError) {
            return try decoder.next()
        } catch {
            throw .badWebSocket(error)
        }
    }
}

import HTTP

/// A WebSocket's state.
final class WebSocketSession {
    let queue: OutboundQueue
    let onMessage: @Sendable (WebSocketMessage) -> Void
    var decoder: WebSocketDecoder
    var lastHeard: UInt64
    var lastPing: UInt64
    var hasSentClose = false

    init(
        queue: OutboundQueue, limit: Int, onMessage: @escaping @Sendable (WebSocketMessage) -> Void
    ) {
        self.queue = queue
        self.onMessage = onMessage
        decoder = WebSocketDecoder(fromClient: true, limit: limit)
        lastHeard = ServerLoop.now()
        lastPing = lastHeard
    }
}

/// WebSockets (RFC 6455).
extension ServerConnection {
    /// Answers the handshake.
    func startWebSocket(
        _ answer: HTTPHeaders, queue: OutboundQueue,
        onMessage: @escaping @Sendable (WebSocketMessage) -> Void
    ) {
        guard case .handling = phase else { return queue.end(.peerClosed) }
        releaseBody()
        var bytes = Array("HTTP/1.1 101 Switching Protocols\r\n".utf8)
        answer.write(to: &bytes)
        bytes += "\r\n".utf8
        write(bytes)
        let session = WebSocketSession(
            queue: queue, limit: loop.configuration.messageLimit, onMessage: onMessage)
        phase = .webSocket(session)
        resumeReading()
    }

    /// Deals with the messages that have arrived.
    func receive(on session: WebSocketSession) {
        session.lastHeard = ServerLoop.now()
        session.decoder.append(input)
        input = []
        do throws(WebSocketError) {
            while case .webSocket = phase, let message = try session.decoder.next() {
                take(message, on: session)
            }
        } catch {
            session.queue.end(.violated(error.description))
            close(session.queue, code: error.closeCode, reason: error.description)
            flush()
        }
    }

    private func take(_ message: WebSocketMessage, on session: WebSocketSession) {
        switch message {
        case .ping(let payload):
            // One that pings without reading must not fill the memory with pongs.
            guard waiting <= loop.configuration.streamLimit else {
                return close(session.queue.overrun)
            }
            if !session.hasSentClose { write(WebSocketMessage.pong(payload).frame(mask: nil)) }
        case .pong: break
        case .text, .binary:
            if !session.hasSentClose { session.onMessage(message) }
        case .close(let code, _):
            if !session.hasSentClose {
                write(WebSocketMessage.close(code: code, reason: "").frame(mask: nil))
            }
            let queue = session.queue
            flush()
            queue.end(session.hasSentClose ? .finished : .peerClosed)
        }
    }

    /// Sends a frame.
    func write(frame: [UInt8], of queue: OutboundQueue) {
        guard case .webSocket(let session) = phase, session.queue === queue, !session.hasSentClose
        else { return }
        write(frame)
        queue.arrived(frame.count, buffered: waiting)
    }

    /// Sends a close frame, and waits a little for the client's.
    func close(_ queue: OutboundQueue, code: UInt16, reason: String) {
        guard case .webSocket(let session) = phase, session.queue === queue, !session.hasSentClose
        else { return }
        write(WebSocketMessage.close(code: code, reason: reason).frame(mask: nil))
        session.hasSentClose = true
        queue.end(.finished)
        setDeadline(in: 2)
    }

    /// Pings now and then; false where the client has been silent too long and the connection is closed.
    func keepUp(_ session: WebSocketSession, _ now: UInt64) -> Bool {
        let interval = UInt64(loop.configuration.pingInterval * 1000)
        guard interval > 0, now >= session.lastPing + interval else { return true }
        guard now < session.lastHeard + 2 * interval + 1000 else {
            close(.timedOut)
            return false
        }
        session.lastPing = now
        if !session.hasSentClose { write(WebSocketMessage.ping([]).frame(mask: nil)) }
        return true
    }
}

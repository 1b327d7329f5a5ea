import CEvent
import CTLS
import Glibc
import HTTP

/// One client's connection, on the loop's thread.
///
/// Its life: `head`, `body`, `handling`, and then `head` again, or a `stream` or `webSocket`; at last `flushing`,
/// `lingering` and `closed`.
final class ServerConnection {
    enum Phase {
        /// Waits for a request or reads its head.
        case head
        /// Reads a body.
        case body(IncomingRequest)
        /// A handler is at work.
        case handling
        /// A handler sends an answer in pieces.
        case stream(OutboundQueue, isChunked: Bool)
        /// Messages go both ways.
        case webSocket(WebSocketSession)
        /// The last bytes leave.
        case flushing
        /// All is sent; what the client still sends is read and dropped, so that no reset overtakes the answer.
        case lingering
        case closed
    }

    let loop: ServerLoop
    let id: UInt64
    let peer: HTTPPeer
    let isSecure: Bool
    private let descriptor: Int32
    private let event: OpaquePointer
    private let tls: OpaquePointer?
    let output: OpaquePointer
    private let arrived: OpaquePointer

    var phase = Phase.head
    /// Which request this is.
    var sequence: UInt64 = 0
    /// What was taken from the kernel and is not yet part of a request.
    var input: [UInt8] = []
    /// When the phase has to be over, by the loop's clock.
    var deadline: UInt64
    /// Of the request that is being answered.
    var current: HTTPRequestHead?
    var keepsAlive = true
    var peerHasFinished = false
    /// Bytes of `loop.bodyBytes` that are this request's.
    var bodyBytes = 0
    var isProcessing = false
    /// The request of whose head the first byte has come: the time for it runs from there.
    var headSequence: UInt64 = 0
    private var lastProgress: UInt64

    /// The most bytes that wait in the kernel's stead, either way, before the other side has to wait.
    static let readAhead = 64 << 10
    static let pipelineOutput = 256 << 10

    init?(loop: ServerLoop, id: UInt64, descriptor: Int32, peer: HTTPPeer) {
        let options = Int32(BEV_OPT_CLOSE_ON_FREE.rawValue | BEV_OPT_DEFER_CALLBACKS.rawValue)
        var tls: OpaquePointer?
        var event: OpaquePointer?
        if let context = loop.tls {
            tls = SSL_new(context.context)
            guard tls != nil else { return nil }
            event = bufferevent_openssl_socket_new(
                loop.base, descriptor, tls, BUFFEREVENT_SSL_ACCEPTING, options)
            if event == nil { SSL_free(tls) }
        } else {
            event = bufferevent_socket_new(loop.base, descriptor, options)
        }
        guard let event, let output = bufferevent_get_output(event),
            let arrived = bufferevent_get_input(event)
        else { return nil }
        (self.loop, self.id, self.descriptor, self.peer) = (loop, id, descriptor, peer)
        (self.event, self.tls, self.output, self.arrived) = (event, tls, output, arrived)
        isSecure = tls != nil
        lastProgress = ServerLoop.now()
        deadline = lastProgress + UInt64(loop.configuration.headTimeout * 1000)
        listen()
    }

    private func listen() {
        let context = Unmanaged.passUnretained(self).toOpaque()
        bufferevent_setcb(
            event,
            { _, context in ServerConnection.from(context)?.readable() },
            { _, context in ServerConnection.from(context)?.drained() },
            { _, what, context in ServerConnection.from(context)?.happened(Int32(what)) },
            context)
        if tls != nil { bufferevent_openssl_set_allow_dirty_shutdown(event, 1) }
        evbuffer_add_cb(
            output,
            { _, info, context in
                if let info, info.pointee.n_deleted > 0 {
                    ServerConnection.from(context)?.progressed()
                }
            }, context)
        bufferevent_setwatermark(event, Int16(EV_READ), 0, Self.readAhead)
        bufferevent_enable(event, Int16(EV_READ | EV_WRITE))
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> ServerConnection? {
        context.map { Unmanaged<ServerConnection>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Whether it waits for a request of which nothing has come.
    var isIdle: Bool {
        if case .head = phase { input.isEmpty && sequence > 0 } else { false }
    }

    /// How many bytes have not yet gone to the kernel.
    var waiting: Int { evbuffer_get_length(output) }

    // MARK: Events

    private func readable() {
        switch phase {
        case .head, .body:
            // One that sends requests and reads no answers has to wait.
            guard waiting <= Self.pipelineOutput else { return }
            takeArrived()
            process()
        case .webSocket(let session):
            takeArrived()
            receive(on: session)
        case .flushing, .lingering:
            evbuffer_drain(arrived, evbuffer_get_length(arrived))
        // What a client sends ahead waits in the buffer, which is bounded.
        case .handling, .stream, .closed: break
        }
    }

    /// Everything has gone to the kernel, or so it was when this call was queued.
    private func drained() {
        guard waiting == 0 else { return }
        switch phase {
        case .head, .body: readable()
        case .flushing: linger()
        case .handling, .stream, .webSocket, .lingering, .closed: break
        }
    }

    private func progressed() {
        lastProgress = ServerLoop.now()
        queue?.update(buffered: waiting)
    }

    private func happened(_ what: Int32) {
        guard what & (BEV_EVENT_EOF | BEV_EVENT_ERROR | BEV_EVENT_TIMEOUT) != 0 else { return }
        if what & BEV_EVENT_EOF != 0, what & BEV_EVENT_ERROR == 0 {
            switch phase {
            case .handling, .flushing:
                // The client may have closed its sending half alone: the answer is still its due.
                peerHasFinished = true
                return
            case .head where waiting > 0:
                peerHasFinished = true
                return flush()
            case .head, .body, .stream, .webSocket, .lingering, .closed: break
            }
        }
        close(.peerClosed)
    }

    /// Called a few times a second.
    func tick(_ now: UInt64) {
        let stalled = UInt64(loop.configuration.writeTimeout * 1000)
        if waiting > 0, now > lastProgress + stalled { return close(.timedOut) }
        if case .webSocket(let session) = phase, !keepUp(session, now) { return }
        guard now > deadline else { return }
        switch phase {
        case .head where !isIdle && !input.isEmpty:
            keepsAlive = false
            answer(.requestTimeout, "the header took too long")
        case .body:
            keepsAlive = false
            answer(.requestTimeout, "the body took too long")
        case .head, .handling, .stream, .webSocket, .flushing, .lingering: close(.timedOut)
        case .closed: break
        }
    }

    /// The queue of the stream or WebSocket, where it is one.
    var queue: OutboundQueue? {
        switch phase {
        case .stream(let queue, _): queue
        case .webSocket(let session): session.queue
        case .head, .body, .handling, .flushing, .lingering, .closed: nil
        }
    }

    // MARK: Bytes

    private func takeArrived() {
        let count = evbuffer_get_length(arrived)
        guard count > 0 else { return }
        input += [UInt8](unsafeUninitializedCapacity: count) { buffer, length in
            length = max(0, Int(evbuffer_remove(arrived, buffer.baseAddress, count)))
        }
    }

    /// Looks for what has come while a handler was at work.
    func resumeReading() {
        readable()
        if peerHasFinished, case .head = phase { flush() }
    }

    func write(_ bytes: [UInt8]) {
        // A pause with nothing to send is no stall.
        if waiting == 0 { lastProgress = ServerLoop.now() }
        evbuffer_add(output, bytes, bytes.count)
    }

    func setDeadline(in seconds: Double) {
        deadline = ServerLoop.now() + UInt64(seconds * 1000)
    }

    // MARK: The end

    /// Closes when all has been sent.
    func flush() {
        phase = .flushing
        setDeadline(in: loop.configuration.writeTimeout)
        if waiting == 0 { linger() }
    }

    private func linger() {
        if peerHasFinished || loop.stopDeadline != nil { return close(.finished) }
        sayGoodbye()
        shutdown(descriptor, Int32(SHUT_WR))
        phase = .lingering
        setDeadline(in: 2)
    }

    /// Tells a TLS client that the end is meant. What fails here must not be found in the thread's queue of errors by the
    /// next connection.
    private func sayGoodbye() {
        guard let tls, SSL_is_init_finished(tls) == 1 else { return }
        SSL_shutdown(tls)
        ERR_clear_error()
    }

    /// Closes at once; `reason` is told to whom a stream or WebSocket belongs.
    func close(_ reason: HTTPStreamEnd) {
        if case .closed = phase { return }
        let queue = queue
        phase = .closed
        releaseBody()
        sayGoodbye()
        bufferevent_free(event)
        loop.remove(self)
        queue?.end(reason)
    }

    /// The server stops: what waits goes, what is at work finishes, streams end.
    func beginStop() {
        keepsAlive = false
        switch phase {
        case .head, .body: close(.stopping)
        case .stream(let queue, _):
            queue.end(.stopping)
            finish(queue)
        case .webSocket(let session):
            session.queue.end(.stopping)
            close(session.queue, code: 1001, reason: "the server is stopping")
        case .lingering: close(.finished)
        case .handling, .flushing, .closed: break
        }
    }

    func releaseBody() {
        loop.bodyBytes -= bodyBytes
        bodyBytes = 0
    }
}

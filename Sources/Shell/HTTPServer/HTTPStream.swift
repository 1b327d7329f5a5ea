import HTTP
import Synchronization

/// Why a stream or a WebSocket takes no more.
public enum HTTPStreamEnd: Sendable, Equatable, CustomStringConvertible {
    /// This side ended it.
    case finished
    /// The client went away.
    case peerClosed
    /// The client reads too slowly: more than so many bytes waited for it.
    case slowReader(limit: Int)
    /// The client took nothing for too long, or answered no ping.
    case timedOut
    /// The client broke the protocol.
    case violated(String)
    /// The server stops.
    case stopping

    public var description: String {
        switch self {
        case .finished: "finished"
        case .peerClosed: "the client closed the connection"
        case .slowReader(let limit):
            "the client reads too slowly: more than \(limit) bytes are waiting"
        case .timedOut: "the client did not react in time"
        case .violated(let what): what
        case .stopping: "the server is stopping"
        }
    }
}

/// An answer that is sent piece by piece, from any thread.
public final class HTTPStream: Sendable {
    private let connection: ConnectionReference
    private let queue: OutboundQueue

    init(connection: ConnectionReference, queue: OutboundQueue) {
        self.connection = connection
        self.queue = queue
    }

    deinit { finish() }

    /// Sends `bytes` as soon as may be; false where the stream has ended or ends because of them.
    @discardableResult
    public func send(_ bytes: [UInt8]) -> Bool {
        guard !bytes.isEmpty else { return queue.end == nil }
        guard queue.reserve(bytes.count) else {
            connection.perform { [queue] in $0.drop(queue) }
            return false
        }
        connection.perform { [queue] in $0.write(chunk: bytes, of: queue) }
        return true
    }

    /// How many bytes wait for the client.
    public var waiting: Int { queue.waiting }

    /// Ends the stream after all that was sent.
    public func finish() {
        connection.perform { [queue] in $0.finish(queue) }
    }

    /// Why no more can be sent; nil while it can.
    public var end: HTTPStreamEnd? { queue.end }
}

/// The server's end of a WebSocket; messages may be sent from any thread.
public final class ServerWebSocket: Sendable {
    private let connection: ConnectionReference
    private let queue: OutboundQueue

    init(connection: ConnectionReference, queue: OutboundQueue) {
        self.connection = connection
        self.queue = queue
    }

    /// Sends a message as soon as may be; false where the WebSocket has ended or ends because of it.
    @discardableResult
    public func send(_ message: WebSocketMessage) -> Bool {
        let frame = message.frame(mask: nil)
        guard queue.reserve(frame.count) else {
            connection.perform { [queue] in $0.drop(queue) }
            return false
        }
        connection.perform { [queue] in $0.write(frame: frame, of: queue) }
        return true
    }

    /// How many bytes wait for the client.
    public var waiting: Int { queue.waiting }

    /// Closes after all that was sent.
    public func close(code: UInt16 = 1000, reason: String = "") {
        connection.perform { [queue] in $0.close(queue, code: code, reason: reason) }
    }

    /// Why no more can be sent; nil while it can.
    public var end: HTTPStreamEnd? { queue.end }
}

/// Counts what waits for one reader, so that a slow one costs a bounded amount of memory.
final class OutboundQueue: Sendable {
    private struct State {
        /// Sent by a thread and not yet with the connection.
        var posted = 0
        /// With the connection and not yet with the kernel.
        var buffered = 0
        var end: HTTPStreamEnd?
    }

    private let limit: Int
    private let onEnd: @Sendable (HTTPStreamEnd) -> Void
    private let state = Mutex(State())

    init(limit: Int, onEnd: @escaping @Sendable (HTTPStreamEnd) -> Void) {
        self.limit = limit
        self.onEnd = onEnd
    }

    var end: HTTPStreamEnd? { state.withLock { $0.end } }

    /// How many bytes are on their way to the kernel.
    var waiting: Int { state.withLock { $0.posted + $0.buffered } }

    /// Why the connection is to be dropped.
    var overrun: HTTPStreamEnd { .slowReader(limit: limit) }

    /// Makes room for `count` bytes; false where there is none or the stream has ended.
    func reserve(_ count: Int) -> Bool {
        state.withLock { state in
            guard state.end == nil, state.posted + state.buffered + count <= limit else {
                return false
            }
            state.posted += count
            return true
        }
    }

    /// Notes that `count` bytes reached the connection, in which `buffered` now wait.
    func arrived(_ count: Int, buffered: Int) {
        state.withLock {
            $0.posted -= count
            $0.buffered = buffered
        }
    }

    /// Notes how many bytes wait in the connection.
    func update(buffered: Int) { state.withLock { $0.buffered = buffered } }

    /// Notes the end, whose first reason counts.
    func end(_ reason: HTTPStreamEnd) {
        let isFirst = state.withLock { state in
            defer { state.end = state.end ?? reason }
            return state.end == nil
        }
        if isFirst { onEnd(reason) }
    }
}

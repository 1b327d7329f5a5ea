import HTTP
import HTTPServer
import JSON
import NodeAPI
import Synchronization

/// A line of a stream as lnd writes it. Clients compare its beginning, `{"result":`, byte by byte.
enum EventLine {
    static func result(_ event: JSONValue) -> [UInt8] {
        JSONValue.object(["result": event]).serialized()
    }

    static func error(_ error: APIError) -> [UInt8] {
        JSONValue.object(["error": error.json]).serialized()
    }
}

/// Sends events as lines of a chunked answer.
final class HTTPEventSink: EventSink {
    private let exchange: HTTPExchange
    private let stream = Mutex<HTTPStream?>(nil)
    private let end = EndSignal()

    init(_ exchange: HTTPExchange) { self.exchange = exchange }

    private func started() -> HTTPStream? {
        stream.withLock { stream in
            if stream == nil { stream = exchange.stream { [end] _ in end.signal() } }
            return stream
        }
    }

    func begin() { _ = started() }

    func send(_ event: JSONValue) -> Bool {
        started()?.send(EventLine.result(event) + [10]) ?? false
    }

    var waiting: Int {
        guard let stream = stream.withLock({ $0 }), stream.end == nil else { return 0 }
        return stream.waiting
    }

    func finish(_ error: APIError?) {
        let stream = stream.withLock { $0 }
        if let error {
            // Before anything was sent the status can tell of it, too.
            guard let stream else {
                exchange.respond(APIDispatcher.response(error, isNested: true))
                return end.signal()
            }
            stream.send(EventLine.error(error) + [10])
            stream.finish()
        } else {
            started()?.finish()
        }
        end.signal()
    }

    func onEnd(_ body: @escaping @Sendable () -> Void) { end.add(body) }
}

/// Sends events as messages of a WebSocket.
final class WebSocketEventSink: EventSink {
    private let call: WebSocketCall
    private let end: EndSignal

    init(_ call: WebSocketCall, end: EndSignal) {
        self.call = call
        self.end = end
    }

    func begin() {}

    func send(_ event: JSONValue) -> Bool { call.send(EventLine.result(event)) }

    var waiting: Int { call.waiting }

    func finish(_ error: APIError?) {
        if let error { call.send(EventLine.error(error)) }
        call.close()
        end.signal()
    }

    func onEnd(_ body: @escaping @Sendable () -> Void) { end.add(body) }
}

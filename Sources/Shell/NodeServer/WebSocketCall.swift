import HTTP
import HTTPServer
import JSON
import NodeAPI
import Synchronization

/// A call over a WebSocket, in the form of lnd's proxy: `?method=` names the method; the request comes as the first
/// message where it has a body, and at once where it is a GET; every answer or event is one message.
final class WebSocketCall: Sendable {
    private let request: HTTPRequest
    private let dispatcher: APIDispatcher
    private let state = Mutex(State())
    private let end = EndSignal()

    private struct State {
        var socket: ServerWebSocket?
        var hasCalled = false
        /// What takes the client's further messages.
        var receiver: (@Sendable (JSONValue) throws(APIError) -> Void)?
    }

    private init(_ request: HTTPRequest, _ dispatcher: APIDispatcher) {
        self.request = request
        self.dispatcher = dispatcher
    }

    static func start(_ exchange: HTTPExchange, _ dispatcher: APIDispatcher) {
        let call = WebSocketCall(exchange.request, dispatcher)
        do throws(WebSocketError) {
            // A browser gives up where the server picks none of the subprotocols that it offered.
            let socket = try exchange.acceptWebSocket(
                subprotocol: APIDispatcher.macaroonSubprotocol(of: exchange.request),
                onMessage: { call.receive($0) }, onEnd: { _ in call.ended() })
            call.state.withLock { $0.socket = socket }
            if call.beginsAtOnce { call.begin(body: []) }
        } catch {
            exchange.respond(
                APIDispatcher.response(APIError(.invalidArgument, error.description)))
        }
    }

    private var method: HTTPMethod? {
        guard let name = request.target["method"] else { return .get }
        return HTTPMethod(rawValue: name.uppercased())
    }

    /// Whether no message of the client is needed first.
    private var beginsAtOnce: Bool {
        guard let method else { return true }
        guard case .conversation = dispatcher.route(method, like: request)?.call else {
            return method == .get
        }
        return true
    }

    private func receive(_ message: WebSocketMessage) {
        switch message {
        case .text(let text): receive(Array(text.utf8))
        case .binary(let bytes): receive(bytes)
        case .ping, .pong, .close: break
        }
    }

    private func receive(_ body: [UInt8]) {
        guard let receiver = state.withLock({ $0.receiver }) else { return begin(body: body) }
        do throws(APIError) {
            try receiver(try APIDispatcher.fields(of: request, body: body))
        } catch {
            send(EventLine.error(error))
        }
    }

    private func begin(body: [UInt8]) {
        let isFirst = state.withLock { state in
            defer { state.hasCalled = true }
            return !state.hasCalled
        }
        guard isFirst else { return }
        do throws(APIError) {
            guard let method, let route = dispatcher.route(method, like: request) else {
                throw APIError(.unimplemented, "Method Not Allowed")
            }
            try dispatcher.admit(request, route)
            let json = try APIDispatcher.fields(of: request, body: body)
            switch route.call {
            case .unary(let call):
                call(dispatcher.context, json) { [self] result in
                    switch result {
                    case .success(let value): send(value.serialized())
                    case .failure(let error): send(error.json.serialized())
                    }
                    close()
                }
            case .stream(let call):
                call(dispatcher.context, json, WebSocketEventSink(self, end: end))
            case .conversation(let call):
                let receiver = call(dispatcher.context, WebSocketEventSink(self, end: end))
                state.withLock { $0.receiver = receiver }
            case .graph:
                throw APIError(.unimplemented, "the graph is too large for one message: use HTTP")
            }
        } catch {
            send(EventLine.error(error))
            close()
        }
    }

    @discardableResult
    func send(_ text: [UInt8]) -> Bool {
        state.withLock { $0.socket }?.send(.text(String(decoding: text, as: UTF8.self))) ?? false
    }

    /// How many bytes wait for the client.
    var waiting: Int {
        guard let socket = state.withLock({ $0.socket }), socket.end == nil else { return 0 }
        return socket.waiting
    }

    func close() { state.withLock { $0.socket }?.close() }

    private func ended() {
        // The socket holds this object through its callbacks: let it go.
        state.withLock { state in
            state.socket = nil
            state.receiver = nil
        }
        end.signal()
    }
}

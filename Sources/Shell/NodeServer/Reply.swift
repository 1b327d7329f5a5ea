import JSON
import NodeAPI
import Synchronization

/// Where the answer of a call goes, from any thread. The first answer counts.
public struct Reply<Response: APIMessage>: Sendable {
    private let deliver: @Sendable (Result<Response, APIError>) -> Void

    /// A reply that is given to `deliver`.
    public init(_ deliver: @escaping @Sendable (Result<Response, APIError>) -> Void) {
        self.deliver = deliver
    }

    /// Answers.
    public func callAsFunction(_ response: Response) { deliver(.success(response)) }

    /// Tells that the call failed, and why.
    public func fail(_ error: APIError) { deliver(.failure(error)) }

    /// Tells that the call failed, and why.
    public func fail(_ code: APICode, _ message: String) { fail(APIError(code, message)) }
}

/// Someone who is told of events until they go away. Calls may come from any thread.
public final class Subscriber<Message: APIMessage>: Sendable {
    private let sink: any EventSink

    /// A subscriber at the other end of `sink`.
    public init(_ sink: any EventSink) { self.sink = sink }

    /// Tells that the subscription stands, before there is an event: the client sees the answer begin.
    public func begin() { sink.begin() }

    /// Tells of an event; false where the subscriber has gone, or goes now because it reads too slowly.
    @discardableResult
    public func send(_ message: Message) -> Bool { sink.send(message.json) }

    /// Whether more can be sent at once, beyond the news that come one by one, without cutting off a client that reads as
    /// well as it can. True where the subscriber has gone, which ``send(_:)`` tells.
    public var hasRoom: Bool { sink.waiting < Self.mostWaiting }

    /// In bytes: a quarter of what may wait before a client counts as too slow.
    private static var mostWaiting: Int { 256 << 10 }

    /// Ends the subscription, with an error or without.
    public func finish(_ error: APIError? = nil) { sink.finish(error) }

    /// Has `body` called once when the subscriber has gone, or at once where it has already.
    public func onEnd(_ body: @escaping @Sendable () -> Void) { sink.onEnd(body) }
}

/// What carries events to a client.
public protocol EventSink: Sendable {
    /// Begins the answer.
    func begin()
    /// Sends an event; false where no more can be sent.
    func send(_ event: JSONValue) -> Bool
    /// How many bytes wait for the client; none once it has gone.
    var waiting: Int { get }
    /// Ends the answer.
    func finish(_ error: APIError?)
    /// Has `body` called once at the end, or at once where that has been.
    func onEnd(_ body: @escaping @Sendable () -> Void)
}

/// Calls what was to be called at an end, once, whichever comes first.
final class EndSignal: Sendable {
    private struct State {
        var hasEnded = false
        var bodies: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())

    func add(_ body: @escaping @Sendable () -> Void) {
        let hasEnded = state.withLock { state in
            if !state.hasEnded { state.bodies.append(body) }
            return state.hasEnded
        }
        if hasEnded { body() }
    }

    func signal() {
        let bodies = state.withLock { state in
            state.hasEnded = true
            defer { state.bodies = [] }
            return state.bodies
        }
        for body in bodies { body() }
    }
}

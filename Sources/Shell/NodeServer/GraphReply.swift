import HTTP
import HTTPServer
import JSON
import NodeAPI
import Synchronization
import Threads

/// Where the graph goes, which is too large to be held as one answer: all nodes, then all channels, one by one.
///
/// Sending blocks while the client reads more slowly than that, so it is not for the server's loop.
public final class GraphReply: Sendable {
    /// Where the answer is.
    private enum Place { case start, nodes, edges, end }

    private struct State {
        var place = Place.start
        /// What is gathered and not sent.
        var piece: [UInt8] = []
        var stream: HTTPStream?
    }

    private let exchange: HTTPExchange
    private let state = Mutex(State())
    /// Pieces are gathered up to this size, in bytes.
    private static let pieceSize = 64 << 10
    /// While more than this waits for the client, nothing is added, in bytes.
    private static let mostWaiting = 256 << 10

    init(_ exchange: HTTPExchange) { self.exchange = exchange }

    /// Adds a node; false where the client has gone. No node comes after a channel.
    public func add(_ node: LightningNodeMessage) -> Bool { add(node.json, at: .nodes) }

    /// Adds a channel; false where the client has gone.
    public func add(_ edge: ChannelEdgeMessage) -> Bool { add(edge.json, at: .edges) }

    /// Ends the answer.
    public func finish() {
        state.withLock { $0.piece += Self.text(from: $0.place, to: .end).utf8 }
        send()
        state.withLock { $0.stream }?.finish()
    }

    /// Tells that the call failed, and why; where a part was sent already the answer breaks off.
    public func fail(_ error: APIError) {
        guard let stream = state.withLock({ $0.stream }) else {
            return exchange.respond(APIDispatcher.response(error))
        }
        stream.finish()
    }

    private func add(_ value: JSONValue, at place: Place) -> Bool {
        let size = state.withLock { state in
            state.piece += Self.text(from: state.place, to: place).utf8
            state.piece += value.serialized()
            state.place = place
            return state.piece.count
        }
        return size < Self.pieceSize || send()
    }

    /// What stands between two places.
    private static func text(from place: Place, to next: Place) -> String {
        switch (place, next) {
        case (.start, .nodes): #"{"nodes":["#
        case (.start, .edges): #"{"nodes":[],"edges":["#
        case (.start, .end): #"{"nodes":[],"edges":[]}"#
        case (.nodes, .edges): #"],"edges":["#
        case (.nodes, .end): #"],"edges":[]}"#
        case (.edges, .end): "]}"
        case (.nodes, _), (.edges, _), (.start, .start), (.end, _): ","
        }
    }

    /// Sends what is gathered, as soon as the client has taken what waits; false where it has gone.
    @discardableResult
    private func send() -> Bool {
        let (stream, piece) = state.withLock { state in
            state.stream = state.stream ?? exchange.stream()
            defer { state.piece = [] }
            return (state.stream, state.piece)
        }
        guard let stream else { return false }
        while stream.end == nil, stream.waiting > Self.mostWaiting {
            SystemThread.sleep(milliseconds: 2)
        }
        return stream.send(piece)
    }
}

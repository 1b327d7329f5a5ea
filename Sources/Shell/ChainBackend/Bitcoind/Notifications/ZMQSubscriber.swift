import Bitcoin
import CZeroMQ
import Glibc
import Threads

/// Receives bitcoind's ZeroMQ messages in a thread of its own, which reconnects for as long as it runs.
///
/// `@unchecked Sendable`: the context is the one thing of ZeroMQ that threads may share; the sockets belong to
/// the thread that `init` starts, which also closes them.
final class ZMQSubscriber: @unchecked Sendable {
    private let context: UnsafeMutableRawPointer
    private let hasEnded: Guarded<Bool>

    /// Connects to the endpoints and calls `deliver` from the thread for everything that comes.
    ///
    /// Throws ``ChainError/unavailable(reason:)`` where the system or ZeroMQ refuses.
    init(
        _ endpoints: [String: [ZMQTopic]], deliver: @escaping @Sendable (ZMQNotice) -> Void
    ) throws(ChainError) {
        guard let context = zmq_ctx_new() else { throw Self.error("cannot start ZeroMQ") }
        self.context = context
        hasEnded = Guarded(false)
        var streams: [ZMQStream] = []
        do throws(ChainError) {
            for (endpoint, topics) in endpoints {
                streams.append(try ZMQStream(context, endpoint: endpoint, topics: topics))
            }
        } catch {
            for stream in streams { stream.close() }
            zmq_ctx_term(context)
            throw error
        }
        let loop = ZMQLoop(
            context: context, streams: streams, hasEnded: hasEnded, deliver: deliver)
        guard SystemThread.detached("bitcoind-zmq", { loop.run() }) else {
            loop.end()
            throw .unavailable(reason: "cannot start a thread for ZeroMQ")
        }
    }

    // Every call of the thread's sockets fails from now on, and it ends itself and the context.
    deinit {
        hasEnded.withLock { hasEnded in
            if !hasEnded { zmq_ctx_shutdown(context) }
        }
    }

    /// Throws ``ChainError/unavailable(reason:)`` where ZeroMQ does not understand the endpoint.
    static func check(_ endpoint: String) throws(ChainError) {
        guard let context = zmq_ctx_new() else { throw error("cannot start ZeroMQ") }
        defer { zmq_ctx_term(context) }
        try ZMQStream(context, endpoint: endpoint, topics: []).close()
    }

    static func error(_ what: String) -> ChainError {
        .unavailable(reason: "\(what): \(String(cString: zmq_strerror(zmq_errno())))")
    }
}

/// The thread's part of a subscriber.
///
/// `@unchecked Sendable`: it is handed to one thread, which alone uses it.
private final class ZMQLoop: @unchecked Sendable {
    private let context: UnsafeMutableRawPointer
    private let streams: [ZMQStream]
    private let hasEnded: Guarded<Bool>
    private let deliver: (ZMQNotice) -> Void
    private var sequences = ZMQSequences()
    /// Connections made whose subscription may still be on its way to bitcoind.
    private var settling: [(index: Int, until: MonotonicTime)] = []

    /// How long the other side may take to hear what a new connection subscribes to.
    private static let settlingTime: Duration = .milliseconds(300)

    init(
        context: UnsafeMutableRawPointer, streams: [ZMQStream], hasEnded: Guarded<Bool>,
        deliver: @escaping @Sendable (ZMQNotice) -> Void
    ) {
        self.context = context
        self.streams = streams
        self.hasEnded = hasEnded
        self.deliver = deliver
    }

    func run() {
        var items = streams.flatMap { [$0.item(of: $0.socket), $0.item(of: $0.monitor)] }
        while true {
            let wait = settling.isEmpty ? -1 : 50
            let count = zmq_poll(&items, Int32(items.count), wait)
            if count < 0, zmq_errno() != EINTR { return end() }
            announceSettled()
            guard count > 0 else { continue }
            for (index, stream) in streams.enumerated() {
                // A new connection is told before what comes over it.
                if items[2 * index + 1].revents != 0, !readMonitor(stream, index) { return end() }
                if items[2 * index].revents != 0, !readMessages(stream) { return end() }
            }
        }
    }

    /// Closes everything. The context ends once its sockets have.
    func end() {
        hasEnded.withLock { $0 = true }
        for stream in streams {
            stream.close()
            deliver(.disconnected(stream.topics))
        }
        zmq_ctx_term(context)
    }

    private func announceSettled() {
        let now = MonotonicTime.now
        for (index, until) in settling where until <= now {
            deliver(.connected(streams[index].topics))
        }
        settling.removeAll { $0.until <= now }
    }

    /// Reads what is there, but lets others have their turn in a flood.
    private func readMessages(_ stream: ZMQStream) -> Bool {
        for _ in 0..<1000 {
            switch stream.receive(from: stream.socket) {
            case .none: return true
            case .failed: return false
            case .parts(let parts):
                guard let message = ZMQMessage(parts: parts) else { continue }
                if sequences.isGap(before: message) { deliver(.gap(message.topic)) }
                if let notice = message.notice { deliver(notice) }
            }
        }
        return true
    }

    private func readMonitor(_ stream: ZMQStream, _ index: Int) -> Bool {
        while true {
            switch stream.receive(from: stream.monitor) {
            case .none: return true
            case .failed: return false
            case .parts(let parts):
                guard let first = parts.first, first.count >= 2 else { continue }
                switch Int32(first[0]) | Int32(first[1]) << 8 {
                case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
                    sequences.restart(stream.topics)
                    settling.append((index, .now + Self.settlingTime))
                case ZMQ_EVENT_DISCONNECTED:
                    settling.removeAll { $0.index == index }
                    deliver(.disconnected(stream.topics))
                default: break
                }
            }
        }
    }
}

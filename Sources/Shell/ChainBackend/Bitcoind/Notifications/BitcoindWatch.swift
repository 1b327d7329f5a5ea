import Bitcoin
import Threads

/// One subscription: a thread that asks bitcoind for its tip and mempool at intervals, takes what ZeroMQ tells in
/// between, and passes on what changed.
///
/// Polling is what everything rests on; ZeroMQ makes it fast. The subscriber hears ``ChainEvent/eventsLost`` whenever
/// a stream of notifications begins, for what happened before that.
final class BitcoindWatch: Sendable {
    private let backend: BitcoindBackend
    private let handler: @Sendable (ChainEvent) -> Void
    private let inbox = Guarded(Inbox())

    private struct Inbox {
        var notices: [ZMQNotice] = []
        var hasOverflowed = false
        var isStopped = false
    }

    /// The most notices that wait for a slow handler: a few blocks' transactions.
    private static let inboxLimit = 20_000

    init(_ backend: BitcoindBackend, _ handler: @escaping @Sendable (ChainEvent) -> Void) {
        self.backend = backend
        self.handler = handler
    }

    /// Starts the thread, which keeps this object until ``stop()``.
    func start() {
        guard SystemThread.detached("bitcoind-watch", { self.run() }) else {
            return handler(.disconnected(reason: "cannot start a thread to watch bitcoind"))
        }
    }

    /// Ends the thread soon; at most the event being delivered is still delivered.
    func stop() { inbox.change { $0.isStopped = true } }

    private func run() {
        let endpoints = ZMQTopic.endpoints(of: backend.configuration)
        let subscriber =
            endpoints.isEmpty ? nil : try? ZMQSubscriber(endpoints) { self.receive($0) }
        var poller = BitcoindPoller(backend)
        while let notices = takeNotices(until: poller.due) {
            for event in poller.events(from: notices) where !isStopped { handler(event) }
            if poller.due <= .now, !isStopped {
                for event in poller.poll() where !isStopped { handler(event) }
            }
        }
        withExtendedLifetime(subscriber) {}
    }

    private func receive(_ notice: ZMQNotice) {
        inbox.change { inbox in
            if inbox.notices.count < Self.inboxLimit {
                inbox.notices.append(notice)
            } else {
                inbox.hasOverflowed = true
            }
        }
    }

    private var isStopped: Bool { inbox.withLock { $0.isStopped } }

    /// Waits for notices, at most until `due`; nil when stopped.
    private func takeNotices(until due: MonotonicTime) -> [ZMQNotice]? {
        let taken = inbox.wait(until: due) { inbox -> [ZMQNotice]?? in
            if inbox.isStopped { return .some(nil) }
            guard !inbox.notices.isEmpty || inbox.hasOverflowed else { return nil }
            defer {
                inbox.notices = []
                inbox.hasOverflowed = false
            }
            return inbox.notices + (inbox.hasOverflowed ? [.gap(.rawTransaction)] : [])
        }
        return taken ?? []
    }
}

extension BitcoindBackend {
    public func subscribe(_ handler: @escaping @Sendable (ChainEvent) -> Void) -> ChainSubscription
    {
        let watch = BitcoindWatch(self, handler)
        watch.start()
        return ChainSubscription { watch.stop() }
    }
}

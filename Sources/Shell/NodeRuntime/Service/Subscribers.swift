import Synchronization

/// Who wants to be told of something; each is told on the thread that it happens on, and must return at once.
public final class Subscribers<News: Sendable>: Sendable {
    private struct Contents: Sendable {
        var handlers: [UInt64: @Sendable (News) -> Void] = [:]
        var nextNumber: UInt64 = 0
    }

    private let contents = Mutex(Contents())

    /// Nobody yet.
    public init() {}

    /// Calls `handler` with all news until the subscription is let go of.
    public func subscribe(_ handler: @escaping @Sendable (News) -> Void) -> Subscription {
        let number = contents.withLock { contents in
            defer { contents.nextNumber += 1 }
            contents.handlers[contents.nextNumber] = handler
            return contents.nextNumber
        }
        return Subscription { [weak self] in
            self?.contents.withLock { _ = $0.handlers.removeValue(forKey: number) }
        }
    }

    /// Whether there is anybody.
    public var isWanted: Bool { contents.withLock { !$0.handlers.isEmpty } }

    /// Tells everybody.
    public func tell(_ news: News) {
        for handler in contents.withLock({ $0.handlers.values }) { handler(news) }
    }
}

/// Keeps a subscription alive; letting go of it ends it.
public final class Subscription: Sendable {
    private let onEnd: @Sendable () -> Void

    /// `onEnd` is called once, when this object goes.
    public init(_ onEnd: @escaping @Sendable () -> Void) { self.onEnd = onEnd }

    deinit { onEnd() }
}

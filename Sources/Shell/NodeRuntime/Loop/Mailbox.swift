import Dispatch
import Synchronization

/// A queue that any thread fills and one thread empties, all at once.
///
/// It takes nothing of the system that could run out: the owner sleeps on a semaphore, not on a descriptor.
public final class Mailbox<Message: Sendable>: Sendable {
    private struct Contents: Sendable {
        var messages: [Message] = []
        var isClosed = false
        /// Whether the owner sleeps, or is about to, and nobody has woken it yet.
        var isOwnerWaiting = false

        /// Whether the caller has to wake the owner.
        mutating func takeWaiter() -> Bool {
            defer { isOwnerWaiting = false }
            return isOwnerWaiting
        }
    }

    private let contents = Mutex(Contents())
    private let limit: Int
    /// Signalled once for each time that the owner is taken out of ``Contents/isOwnerWaiting``.
    private let signal = DispatchSemaphore(value: 0)

    /// An empty box. Where `limit` messages wait already, ``post(_:)`` refuses more.
    public init(limit: Int) { self.limit = limit }

    /// What ``post(_:)`` did.
    public enum PostResult: Hashable, Sendable {
        case accepted, full, closed
    }

    /// Adds a message and wakes the owner. One that is `beyondLimit` is not refused: something else bounds how many there
    /// are.
    @discardableResult
    public func post(_ message: Message, beyondLimit: Bool = false) -> PostResult {
        let (result, wakes) = contents.withLock { contents -> (PostResult, Bool) in
            if contents.isClosed { return (.closed, false) }
            if contents.messages.count >= limit && !beyondLimit { return (.full, false) }
            contents.messages.append(message)
            return (.accepted, contents.takeWaiter())
        }
        if wakes { signal.signal() }
        return result
    }

    /// Refuses messages from now on; those that wait can still be taken.
    public func close() {
        let wakes = contents.withLock { contents in
            contents.isClosed = true
            return contents.takeWaiter()
        }
        if wakes { signal.signal() }
    }

    /// How many messages wait.
    public var count: Int { contents.withLock { $0.messages.count } }

    /// Whether ``close()`` was called.
    public var isClosed: Bool { contents.withLock { $0.isClosed } }

    /// Takes every message that waits, after waiting up to `timeout` milliseconds for one, or without end where it is
    /// negative. Empty after the time-out, or when the box is closed.
    public func takeAll(timeout: Int32) -> (messages: [Message], isClosed: Bool) {
        let ready = contents.withLock { contents in
            contents.isOwnerWaiting = contents.messages.isEmpty && !contents.isClosed
            return Self.take(&contents)
        }
        guard ready.messages.isEmpty, !ready.isClosed else { return ready }
        let end: DispatchTime =
            timeout < 0 ? .distantFuture : .now() + .milliseconds(Int(timeout))
        if signal.wait(timeout: end) == .timedOut {
            // Who came in between signals still: that must not wake the owner the next time.
            let isLate = contents.withLock { !$0.takeWaiter() }
            if isLate { signal.wait() }
        }
        return contents.withLock { Self.take(&$0) }
    }

    /// Takes the messages that `condition` holds for, and leaves the others in their order.
    public func takeAll(where condition: (Message) -> Bool) -> [Message] {
        contents.withLock { contents in
            let taken = contents.messages.filter(condition)
            contents.messages.removeAll(where: condition)
            return taken
        }
    }

    private static func take(_ contents: inout Contents) -> (messages: [Message], isClosed: Bool) {
        defer { contents.messages = [] }
        return (contents.messages, contents.isClosed)
    }
}

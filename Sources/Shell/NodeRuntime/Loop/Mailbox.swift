import CLinux
import Glibc
import Synchronization

/// A queue that any thread fills and one thread empties, all at once.
///
/// The owner sleeps on a file descriptor, so that it can sleep on sockets with the same call.
public final class Mailbox<Message: Sendable>: Sendable {
    private struct Contents: Sendable {
        var messages: [Message] = []
        var isClosed = false
    }

    private let contents = Mutex(Contents())
    private let limit: Int
    /// Readable while there is something in the box.
    private let signal: Int32

    /// An empty box. Where `limit` messages wait already, ``post(_:)`` refuses more.
    public init(limit: Int) {
        self.limit = limit
        signal = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        precondition(signal >= 0, "no event descriptor can be made")
    }

    deinit { Glibc.close(signal) }

    /// What ``post(_:)`` did.
    public enum PostResult: Sendable {
        case accepted, full, closed
    }

    /// Adds a message and wakes the owner.
    @discardableResult
    public func post(_ message: Message) -> PostResult {
        let (result, wakes) = contents.withLock { contents -> (PostResult, Bool) in
            if contents.isClosed { return (.closed, false) }
            if contents.messages.count >= limit { return (.full, false) }
            contents.messages.append(message)
            return (.accepted, contents.messages.count == 1)
        }
        if wakes { wake() }
        return result
    }

    /// Refuses messages from now on; those that wait can still be taken.
    public func close() {
        contents.withLock { $0.isClosed = true }
        wake()
    }

    /// Whether ``close()`` was called.
    public var isClosed: Bool { contents.withLock { $0.isClosed } }

    /// Takes every message that waits, after waiting up to `timeout` milliseconds for one. Empty after the time-out, or
    /// when the box is closed.
    public func takeAll(timeout: Int32) -> (messages: [Message], isClosed: Bool) {
        let ready = take()
        guard ready.messages.isEmpty, !ready.isClosed else { return ready }
        var descriptor = pollfd(fd: signal, events: Int16(POLLIN), revents: 0)
        poll(&descriptor, 1, timeout)
        return take()
    }

    /// Takes the messages that `condition` holds for, and leaves the others in their order.
    public func takeAll(where condition: (Message) -> Bool) -> [Message] {
        contents.withLock { contents in
            let taken = contents.messages.filter(condition)
            contents.messages.removeAll(where: condition)
            return taken
        }
    }

    private func take() -> (messages: [Message], isClosed: Bool) {
        contents.withLock { contents in
            var count: UInt64 = 0
            read(signal, &count, 8)
            let taken = contents.messages
            contents.messages = []
            return (taken, contents.isClosed)
        }
    }

    private func wake() {
        var one: UInt64 = 1
        write(signal, &one, 8)
    }
}

import CLinux
import Glibc

/// What a thread that serves many sockets waits on: their readiness, or a call of another thread.
///
/// It is the kernel's `epoll` itself. One thread with plain sockets, buffers of its own and one coarse clock has no use for
/// a library's callbacks and timers, and every event here is a line of Swift that the compiler checks. Level-triggered: a
/// socket that was read in part comes again in the next turn, after the others.
struct Poller: ~Copyable {
    /// What is waited for at a socket; the kernel reports errors in any case.
    struct Interest: OptionSet, Sendable {
        let rawValue: UInt32

        static let reading = Interest(rawValue: EPOLLIN.rawValue | EPOLLRDHUP.rawValue)
        static let writing = Interest(rawValue: EPOLLOUT.rawValue)
    }

    /// What happened at a socket.
    struct Readiness: Sendable {
        /// Who was given when the socket was added.
        let owner: UInt64
        let bits: UInt32

        /// Bytes, the end or an error can be read.
        var isReadable: Bool {
            bits & (EPOLLIN.rawValue | EPOLLRDHUP.rawValue | EPOLLHUP.rawValue | EPOLLERR.rawValue)
                != 0
        }
        /// Both directions are closed, or the connection broke.
        var isOver: Bool { bits & (EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0 }
        /// There is room for bytes, or a connection that was begun is there or has failed.
        var isWritable: Bool {
            bits & (EPOLLOUT.rawValue | EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0
        }
    }

    private let descriptor: Int32
    private var events = [epoll_event](repeating: epoll_event(), count: 128)

    init() throws(SystemFailure) {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { throw .last }
    }

    deinit { close(descriptor) }

    func add(
        _ socket: Int32, owner: UInt64, _ interest: Interest
    ) throws(SystemFailure) { try control(EPOLL_CTL_ADD, socket, owner, interest) }

    func change(_ socket: Int32, owner: UInt64, _ interest: Interest) {
        try? control(EPOLL_CTL_MOD, socket, owner, interest)
    }

    private func control(
        _ operation: Int32, _ socket: Int32, _ owner: UInt64, _ interest: Interest
    ) throws(SystemFailure) {
        var event = epoll_event()
        event.events = interest.rawValue
        event.data.u64 = owner
        guard epoll_ctl(descriptor, operation, socket, &event) == 0 else { throw .last }
    }

    /// Waits up to `timeout` milliseconds, or without end where it is negative.
    mutating func wait(timeout: Int32) -> [Readiness] {
        let count = epoll_wait(descriptor, &events, Int32(events.count), timeout)
        guard count > 0 else { return [] }
        return events[..<Int(count)].map { Readiness(owner: $0.data.u64, bits: $0.events) }
    }
}

/// A descriptor that becomes readable when another thread wants the owner's attention.
struct WakeUp: ~Copyable, Sendable {
    let descriptor: Int32

    init() throws(SystemFailure) {
        descriptor = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
        guard descriptor >= 0 else { throw .last }
    }

    deinit { close(descriptor) }

    func signal() {
        var one: UInt64 = 1
        _ = write(descriptor, &one, 8)
    }

    func clear() {
        var count: UInt64 = 0
        _ = read(descriptor, &count, 8)
    }
}

import CLinux
import Glibc

/// A thread of the operating system with a name that debuggers and `top -H` show, for work that blocks.
///
/// It takes no signals: those are for the main thread.
public struct SystemThread: Sendable {
    private let handle: pthread_t

    /// Why there is no thread: the system's number for it.
    public struct Failure: Error, Hashable, Sendable {
        /// As `errno` has it.
        public let code: Int32

        /// The system's word for why.
        public var reason: String { String(cString: strerror(code)) }
    }

    /// Starts `body` on a thread of its own, which is to be joined. Linux shows 15 bytes of `name`.
    ///
    /// `stackSize` is in bytes; nil for the system's own, of which only what is used takes memory.
    public init(
        trying name: String, stackSize: Int? = nil, _ body: @escaping @Sendable () -> Void
    ) throws(Failure) {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        if let stackSize { pthread_attr_setstacksize(&attributes, stackSize) }
        var (all, before) = (sigset_t(), sigset_t())
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        let work = Unmanaged.passRetained(Work(name: name, run: body))
        var handle = pthread_t()
        let result = pthread_create(&handle, &attributes, runWork, work.toOpaque())
        guard result == 0 else {
            work.release()
            throw Failure(code: result)
        }
        self.handle = handle
    }

    /// Starts a thread without which the process cannot go on.
    public init(_ name: String, _ body: @escaping @Sendable () -> Void) {
        do throws(Failure) {
            try self.init(trying: name, body)
        } catch {
            preconditionFailure("no thread can be started: \(error.reason)")
        }
    }

    /// Starts a thread that nobody joins: it goes when `body` ends. Returns whether the system gave one.
    public static func detached(_ name: String, _ body: @escaping @Sendable () -> Void) -> Bool {
        guard let thread = try? SystemThread(trying: name, body) else { return false }
        pthread_detach(thread.handle)
        return true
    }

    /// Makes the calling thread sleep.
    public static func sleep(milliseconds: UInt32) { usleep(milliseconds * 1_000) }

    /// Waits until the thread has ended. Call once.
    public func join() { pthread_join(handle, nil) }
}

/// What a new thread is to do.
private final class Work: Sendable {
    let name: String
    let run: @Sendable () -> Void

    init(name: String, run: @escaping @Sendable () -> Void) {
        self.name = name
        self.run = run
    }
}

private func runWork(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    let work = Unmanaged<Work>.fromOpaque(argument).takeRetainedValue()
    set_thread_name(work.name)
    work.run()
    return nil
}

import CLinux
import Glibc

/// A thread of the operating system with a name that debuggers and `top -H` show.
///
/// The node has few threads and each lives as long as the node does, so they are made plainly and not drawn from a pool.
public struct SystemThread: Sendable {
    private let handle: pthread_t

    /// Starts `body` on a thread of its own. `name` has at most 15 bytes.
    public init(_ name: String, _ body: @escaping @Sendable () -> Void) {
        let task = Unmanaged.passRetained(ThreadBody(name: name, run: body))
        var handle = pthread_t()
        let result = pthread_create(
            &handle, nil,
            { argument in
                guard let argument else { return nil }
                let task = Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue()
                set_thread_name(task.name)
                task.run()
                return nil
            }, task.toOpaque())
        precondition(result == 0, "no thread can be started: \(String(cString: strerror(result)))")
        self.handle = handle
    }

    /// Makes the calling thread sleep.
    public static func sleep(milliseconds: UInt32) { usleep(milliseconds * 1_000) }

    /// Waits until the thread has ended. Call once.
    public func join() { pthread_join(handle, nil) }
}

private final class ThreadBody: Sendable {
    let name: String
    let run: @Sendable () -> Void

    init(name: String, run: @escaping @Sendable () -> Void) {
        self.name = name
        self.run = run
    }
}

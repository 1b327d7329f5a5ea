import Glibc

/// Threads of their own, for work that blocks.
enum BackgroundThread {
    /// Runs `body` in a new thread, which ends with it. The thread takes no signals: those are for the main one.
    ///
    /// `name` is what the system's tools show, of which Linux keeps 15 bytes. Returns whether the system gave a thread.
    static func start(_ name: String, _ body: @escaping @Sendable () -> Void) -> Bool {
        let work = Unmanaged.passRetained(Work(name: name, body: body)).toOpaque()
        var thread = pthread_t()
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        let result = pthread_create(&thread, nil, runWork, work)
        pthread_sigmask(SIG_SETMASK, &before, nil)
        if result == 0 {
            pthread_detach(thread)
        } else {
            Unmanaged<Work>.fromOpaque(work).release()
        }
        return result == 0
    }
}

/// What a new thread is to do.
private final class Work: Sendable {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }
}

private func runWork(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    let work = Unmanaged<Work>.fromOpaque(argument).takeRetainedValue()
    nameCurrentThread(work.name)
    work.body()
    return nil
}

/// Tells the kernel the thread's name; glibc's own function for it is not among those that Swift sees.
private func nameCurrentThread(_ name: String) {
    let descriptor = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    _ = write(descriptor, name, name.utf8.count)
    close(descriptor)
}

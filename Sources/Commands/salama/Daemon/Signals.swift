import Glibc

/// The signals that end the process, taken by the main thread and nobody else.
enum Signals {
    private static let ending = [SIGINT, SIGTERM]

    /// Holds the ending signals back from every thread started from now on, and lets writes to closed sockets and over
    /// file size limits fail as errors instead. Call before any thread is started.
    static func prepare() {
        var set = sigset_t()
        sigemptyset(&set)
        for number in ending { sigaddset(&set, number) }
        pthread_sigmask(SIG_BLOCK, &set, nil)
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
    }

    /// Waits for the next ending signal and answers which it was.
    static func wait() -> Int32 {
        var set = sigset_t()
        sigemptyset(&set)
        for number in ending { sigaddset(&set, number) }
        var number: Int32 = 0
        sigwait(&set, &number)
        return number
    }

    /// Makes the next ``wait()`` return, as a stop that came over the API does.
    static func requestEnd() { kill(getpid(), SIGTERM) }

    /// From now on the first ending signal ends the process at once.
    static func endAtOnce() {
        for number in ending { signal(number, SIG_DFL) }
        var set = sigset_t()
        sigemptyset(&set)
        for number in ending { sigaddset(&set, number) }
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
    }
}

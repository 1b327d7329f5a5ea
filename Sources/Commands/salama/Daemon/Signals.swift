import Glibc
import Synchronization

/// The signals that end the process, taken by the main thread and nobody else.
enum Signals {
    private static let ending = [SIGINT, SIGTERM]
    /// Whether the end has been asked for.
    private static let isEnding = Mutex(false)

    private static var endingSet: sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for number in ending { sigaddset(&set, number) }
        return set
    }

    /// Holds the ending signals back from every thread started from now on, and lets writes to closed sockets and over
    /// file size limits fail as errors instead. Call before any thread is started.
    static func prepare() {
        var set = endingSet
        pthread_sigmask(SIG_BLOCK, &set, nil)
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
    }

    /// Waits for the next ending signal and answers which it was.
    static func wait() -> Int32 {
        var set = endingSet
        var number: Int32 = 0
        sigwait(&set, &number)
        return isEnding.withLock { isEnding in
            isEnding = true
            // A request from within that came in the same instant is no second Ctrl-C.
            discardPending(SIGTERM)
            return number
        }
    }

    private static func discardPending(_ number: Int32) {
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, number)
        var now = timespec()
        sigtimedwait(&set, nil, &now)
    }

    /// Makes ``wait()`` return, as a stop that came over the API does; nothing where it has returned already, as a
    /// second signal would cut the orderly end short.
    static func requestEnd() {
        isEnding.withLock { isEnding in
            if !isEnding { kill(getpid(), SIGTERM) }
            isEnding = true
        }
    }

    /// From now on the first ending signal ends the process at once.
    static func endAtOnce() {
        for number in ending { signal(number, SIG_DFL) }
        var set = endingSet
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
    }
}

import Threads

/// One thread that runs blocking calls in order, so that the loop never waits for them.
public final class SerialWorker: Sendable {
    private let jobs: Mailbox<@Sendable () -> Void>
    private let thread: SystemThread

    /// Starts the thread. `limit` is how many jobs may wait.
    public init(name: String, limit: Int) {
        let jobs = Mailbox<@Sendable () -> Void>(limit: limit)
        self.jobs = jobs
        thread = SystemThread(name) {
            while true {
                let (batch, isClosed) = jobs.takeAll(timeout: -1)
                for job in batch { job() }
                if isClosed { return }
            }
        }
    }

    /// Runs `job` after those before it; false where too many wait or the worker has stopped.
    @discardableResult
    public func run(_ job: @escaping @Sendable () -> Void) -> Bool {
        switch jobs.post(job) {
        case .accepted: true
        case .full, .closed: false
        }
    }

    /// Lets the jobs that wait finish, and ends the thread.
    public func stop() {
        jobs.close()
        thread.join()
    }
}

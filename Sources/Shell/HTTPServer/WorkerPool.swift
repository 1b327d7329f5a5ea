import Glibc
import Synchronization
import Threads

/// A few threads for work that blocks, with a bounded queue; they start when first needed.
///
/// Unchecked sendability: the mutex of POSIX guards every stored property that changes.
final class WorkerPool: @unchecked Sendable {
    private let size: Int
    private let queueLimit: Int
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var queue: [@Sendable () -> Void] = []
    private var threads: [SystemThread] = []
    private var idle = 0
    private var isStopping = false

    init(size: Int, queueLimit: Int) {
        self.size = max(size, 1)
        self.queueLimit = queueLimit
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// Queues `work`; false where the queue is full, no thread can be had or the pool stops.
    func submit(_ work: @escaping @Sendable () -> Void) -> Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        guard !isStopping, queue.count < queueLimit else { return false }
        if idle <= queue.count, threads.count < size {
            if let thread = try? SystemThread(ofServer: "http-worker", { [self] in run() }) {
                threads.append(thread)
            } else if threads.isEmpty {
                return false
            }
        }
        queue.append(work)
        pthread_cond_signal(condition)
        return true
    }

    /// Ends the threads after the work in hand; what is queued is dropped.
    func stop() {
        pthread_mutex_lock(mutex)
        isStopping = true
        queue.removeAll()
        let threads = threads
        self.threads = []
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
        for thread in threads { thread.join() }
    }

    private func run() {
        pthread_mutex_lock(mutex)
        while true {
            while queue.isEmpty, !isStopping {
                idle += 1
                pthread_cond_wait(condition, mutex)
                idle -= 1
            }
            guard !isStopping else { break }
            let work = queue.removeFirst()
            pthread_mutex_unlock(mutex)
            work()
            pthread_mutex_lock(mutex)
        }
        pthread_mutex_unlock(mutex)
    }
}

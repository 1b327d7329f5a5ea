import Dispatch
import Synchronization

/// An answer that one thread waits for.
final class Waiter<Value: Sendable>: Sendable {
    private let value = Mutex<Value?>(nil)
    private let signal = DispatchSemaphore(value: 0)

    /// Called once.
    func fill(_ value: Value) {
        self.value.withLock { $0 = value }
        signal.signal()
    }

    /// Waits for the answer.
    func wait() -> Value {
        while true {
            if let value = value.withLock({ $0 }) { return value }
            signal.wait()
        }
    }
}

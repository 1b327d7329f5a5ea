import Dispatch
import LightningNode
import Synchronization

/// Who waits for which answer.
final class ReplyTable: Sendable {
    typealias Answer = @Sendable (Result<NodeReply, NodeFailure>) -> Void

    private struct Contents: Sendable {
        var waiting: [RequestID: Answer] = [:]
        var nextNumber: UInt64 = 0
    }

    private let contents = Mutex(Contents())

    /// Notes who waits, under a new number.
    func register(_ answer: @escaping Answer) -> RequestID {
        contents.withLock { contents in
            let id = RequestID(contents.nextNumber)
            contents.nextNumber += 1
            contents.waiting[id] = answer
            return id
        }
    }

    /// Calls who waits for `id`, once.
    func answer(_ id: RequestID, _ result: Result<NodeReply, NodeFailure>) {
        contents.withLock { $0.waiting.removeValue(forKey: id) }?(result)
    }

    /// Refuses everybody who still waits.
    func failAll(_ failure: NodeFailure) {
        let waiting = contents.withLock { contents in
            defer { contents.waiting = [:] }
            return contents.waiting
        }
        for answer in waiting.values { answer(.failure(failure)) }
    }
}

/// One answer that a thread waits for.
final class AnswerBox: Sendable {
    private let answer = Mutex<Result<NodeReply, NodeFailure>?>(nil)
    private let signal = DispatchSemaphore(value: 0)

    /// Called once.
    func fill(_ result: Result<NodeReply, NodeFailure>) {
        answer.withLock { $0 = result }
        signal.signal()
    }

    /// Waits for the answer.
    func wait() -> Result<NodeReply, NodeFailure> {
        while true {
            if let answer = answer.withLock({ $0 }) { return answer }
            signal.wait()
        }
    }
}

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
    private let mailbox = Mailbox<Result<NodeReply, NodeFailure>>(limit: 1)

    func fill(_ result: Result<NodeReply, NodeFailure>) { mailbox.post(result) }

    /// Waits for the answer.
    func wait() -> Result<NodeReply, NodeFailure> {
        while true {
            if let answer = mailbox.takeAll(timeout: -1).messages.first { return answer }
        }
    }
}

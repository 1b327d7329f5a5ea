import Bitcoin
import Synchronization
import Threads

/// The making of a connection to a peer: its addresses are tried one after the other.
final class PeerDial {
    typealias Answer = @Sendable (Result<Void, PeerConnectError>) -> Void

    let key: PublicKey
    /// Where it is to be tried yet, the next last.
    var endpoints: [PeerEndpoint]
    /// What is left of the addresses that the present endpoint's name, or the proxy's, stands for, the next last.
    var addresses: [(SocketAddress, PeerEndpoint)] = []
    /// Who waits for the outcome, and until when, by the loop's clock.
    private var waiting: [(answer: Answer, end: UInt64?)] = []
    /// Why the last try failed.
    var failure = PeerConnectError.noAddress

    init(_ key: PublicKey, _ endpoints: [PeerEndpoint]) {
        self.key = key
        self.endpoints = endpoints.reversed()
    }

    /// Has somebody wait for the outcome, until `end` at most.
    func add(_ answer: @escaping Answer, until end: UInt64?) { waiting.append((answer, end)) }

    /// Tells everybody who waits, once.
    func answer(_ result: Result<Void, PeerConnectError>) {
        let told = waiting
        waiting = []
        for (answer, _) in told { answer(result) }
    }

    /// Tells those who do not wait any longer that it takes too long. It goes on all the same.
    func answerLate(at now: UInt64) {
        let late = waiting.filter { $0.end.map { now >= $0 } ?? false }
        waiting.removeAll { $0.end.map { now >= $0 } ?? false }
        for (answer, _) in late { answer(.failure(.tooSlow)) }
    }
}

/// Looks up names on threads of its own: the system's resolver blocks, and a slow answer keeps nobody else waiting.
final class NameResolver: Sendable {
    typealias Answer = @Sendable (Result<[SocketAddress], NameFailure>) -> Void

    private struct Job: Sendable {
        let endpoint: PeerEndpoint
        let answer: Answer
    }

    private struct Contents: Sendable {
        var running = 0
        var waiting: [Job] = []
    }

    private let contents = Mutex(Contents())
    private static let threads = 4

    /// Answers with the addresses of a name, from another thread.
    func resolve(_ endpoint: PeerEndpoint, answer: @escaping Answer) {
        let job = Job(endpoint: endpoint, answer: answer)
        let mustStart = contents.withLock { contents in
            guard contents.running < Self.threads else {
                contents.waiting.append(job)
                return false
            }
            contents.running += 1
            return true
        }
        guard mustStart else { return }
        let isStarted = SystemThread.detached("resolver") { [self] in
            var next: Job? = job
            while let job = next {
                Self.run(job)
                next = takeNext()
            }
        }
        if !isStarted {
            answer(.failure(NameFailure(reason: "there is no thread to look it up")))
            _ = takeNext()
        }
    }

    private static func run(_ job: Job) {
        do throws(NameFailure) {
            job.answer(.success(try SocketAddress.resolve(job.endpoint)))
        } catch {
            job.answer(.failure(error))
        }
    }

    private func takeNext() -> Job? {
        contents.withLock { contents in
            if contents.waiting.isEmpty {
                contents.running -= 1
                return nil
            }
            return contents.waiting.removeFirst()
        }
    }
}

import Bitcoin

/// What a watch knows of bitcoind, and the events that follow when it learns more.
struct BitcoindPoller {
    private let backend: BitcoindBackend
    private var tip: BlockHash?
    private var isAway = false
    /// When to ask next.
    private(set) var due = MonotonicTime.now

    /// Whether transactions come over ZeroMQ at present; where they do not, the mempool is polled.
    private var hasTransactionStream = false
    private var mempool: Set<TransactionID>?
    private var mempoolDue = MonotonicTime.now

    init(_ backend: BitcoindBackend) {
        self.backend = backend
        if backend.configuration.rawTransactionEndpoint != nil {
            // The stream is likely to stand soon.
            mempoolDue = .now + .seconds(2)
        }
    }

    /// The events that notices bring, in order; runs of blocks are one change of the tip.
    mutating func events(from notices: [ZMQNotice]) -> [ChainEvent] {
        var events: [ChainEvent] = []
        for notice in notices {
            switch notice {
            case .block(let hash):
                tip = hash
                if events.last != .tipChanged { events.append(.tipChanged) }
            case .transaction(let transaction): events.append(.transaction(transaction))
            case .connected(let topics):
                if topics.contains(.rawTransaction) {
                    hasTransactionStream = true
                    mempool = nil
                }
                events.append(.eventsLost)
            case .disconnected(let topics):
                if topics.contains(.rawTransaction) { hasTransactionStream = false }
                // It may have gone away altogether.
                due = .now
            case .gap(_):
                if events.last != .eventsLost { events.append(.eventsLost) }
            }
        }
        return events
    }

    /// Asks for what may have changed.
    mutating func poll() -> [ChainEvent] {
        var events: [ChainEvent] = []
        do throws(ChainError) {
            let now = try backend.bestBlockHash()
            if isAway {
                isAway = false
                // What it has in its mempool now is another one.
                mempool = nil
                events.append(.reconnected)
            }
            if now != tip {
                tip = now
                events.append(.tipChanged)
            }
            if !hasTransactionStream, mempoolDue <= .now { events += try pollMempool() }
        } catch {
            // Told once, until it is back.
            if !isAway { events.append(.disconnected(reason: error.summary)) }
            isAway = true
        }
        due = .now + backend.configuration.pollInterval
        return events
    }

    /// The transactions that are new in the mempool. A large mempool is asked for less often, so that asking takes a
    /// twentieth of the time at most.
    private mutating func pollMempool() throws(ChainError) -> [ChainEvent] {
        let start = MonotonicTime.now
        defer { mempoolDue = .now + (.now - start) * 20 }
        let now = Set(try backend.mempool())
        guard let before = mempool else {
            mempool = now
            return [.eventsLost]
        }
        let new = now.subtracting(before)
        guard new.count <= Self.newTransactionsLimit else {
            mempool = now
            return [.eventsLost]
        }
        let transactions = new.isEmpty ? [] : try backend.transactions(new)
        mempool = now
        return transactions.map { .transaction($0) }
    }

    /// Above this the subscriber does better to look at the mempool itself.
    private static let newTransactionsLimit = 500
}

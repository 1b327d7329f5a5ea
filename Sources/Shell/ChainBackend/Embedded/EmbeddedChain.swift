import Bitcoin
import Dispatch
import RegtestChain
import Synchronization

/// A regression test network inside the process: no bitcoind, no peers, blocks on demand.
///
/// Calls may be made from any thread; each sees the chain between two changes.
public final class EmbeddedChain: ChainBackend {
    private let chain: Mutex<RegtestChain>
    private let clock: @Sendable () -> UInt32
    private let log: ChainLog?
    private let onLogFailure: @Sendable (ChainLogError) -> Void
    private let subscribers = Subscribers()

    /// The network's first block, or what `chain` holds already.
    ///
    /// `clock` gives the seconds since 1970, by default those of the system. What changes the chain is on the disk in
    /// `log` before anybody hears of it; `onLogFailure` is called where it cannot be written.
    public init(
        _ chain: RegtestChain = RegtestChain(), log: ChainLog? = nil,
        clock: @escaping @Sendable () -> UInt32 = SystemClock.secondsSince1970,
        onLogFailure: @escaping @Sendable (ChainLogError) -> Void = { _ in }
    ) {
        self.chain = Mutex(chain)
        self.log = log
        self.clock = clock
        self.onLogFailure = onLogFailure
    }

    /// Calls `body` with the chain and the time, alone, and then tells subscribers what it changed.
    public func withChain<Result: Sendable, Failure: Error>(
        _ body: (inout RegtestChain, UInt32) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let now = clock()
        var notices: [ChainNotice] = []
        defer { subscribers.publish(notices) }
        return try chain.withLock { (chain) throws(Failure) -> Result in
            defer {
                keep(chain.takeJournal())
                notices = chain.takeNotices()
            }
            return try body(&chain, now)
        }
    }

    private func keep(_ journal: [JournalEntry]) {
        guard let log, !journal.isEmpty else { return }
        do throws(ChainLogError) {
            try log.append(journal)
        } catch {
            onLogFailure(error)
        }
    }

    /// Mines `count` blocks with what the mempool offers; their subsidy and fees go to `script`.
    @discardableResult
    public func mine(_ count: Int = 1, to script: Script) throws(MiningError) -> [BlockHash] {
        var hashes: [BlockHash] = []
        // Some at a time, so that others get their turn and the disk is waited for less often.
        while hashes.count < count {
            let batch = min(count - hashes.count, 25)
            hashes += try withChain { (chain, now) throws(MiningError) in
                var mined: [BlockHash] = []
                for _ in 0..<batch { mined.append(try chain.mine(to: script, now: now)) }
                return mined
            }
        }
        return hashes
    }

    /// Offers a block from elsewhere.
    @discardableResult
    public func submit(_ block: Block) throws(BlockRejection) -> BlockHash {
        try withChain { (chain, now) throws(BlockRejection) in try chain.submit(block, now: now) }
    }

    /// Treats a block as if it broke a rule, and takes the chain back to before it.
    public func invalidate(_ hash: BlockHash) throws(ChainLookupError) {
        try withChain { (chain, now) throws(ChainLookupError) in
            try chain.invalidate(hash, now: now)
        }
    }

    /// Forgets that a block and its relatives failed.
    public func reconsider(_ hash: BlockHash) throws(ChainLookupError) {
        try withChain { (chain, now) throws(ChainLookupError) in
            try chain.reconsider(hash, now: now)
        }
    }

    public func subscribe(
        _ handler: @escaping @Sendable (ChainEvent) -> Void
    ) -> ChainSubscription {
        subscribers.add { notice in
            if let event = ChainEvent(notice) { handler(event) }
        }
    }

    /// Calls `handler` with everything that happens, in its order, from a thread of the chain.
    public func subscribeToNotices(
        _ handler: @escaping @Sendable (ChainNotice) -> Void
    ) -> ChainSubscription {
        subscribers.add(handler)
    }

    /// Returns when subscribers have been told of everything that has happened so far.
    public func waitForSubscribers() { subscribers.drain() }
}

extension ChainEvent {
    /// What a notice means at the seam; nil where it means nothing there.
    fileprivate init?(_ notice: ChainNotice) {
        switch notice {
        case .tipChanged: self = .tipChanged
        case .transactionAdded(let transaction, _, _): self = .transaction(transaction)
        case .blockConnected, .blockDisconnected, .transactionRemoved: return nil
        }
    }
}

/// Those who are told of what happens, in its order, on a queue of their own.
private final class Subscribers: Sendable {
    private let queue = DispatchQueue(label: "salama.chain.notices")
    private let handlers = Mutex<(next: Int, all: [Int: @Sendable (ChainNotice) -> Void])>((0, [:]))

    func add(_ handler: @escaping @Sendable (ChainNotice) -> Void) -> ChainSubscription {
        let key = handlers.withLock { handlers in
            handlers.next += 1
            handlers.all[handlers.next] = handler
            return handlers.next
        }
        return ChainSubscription { [weak self] in
            self?.handlers.withLock { _ = $0.all.removeValue(forKey: key) }
        }
    }

    func publish(_ notices: [ChainNotice]) {
        guard !notices.isEmpty else { return }
        queue.async { [self] in
            for notice in notices {
                let current = handlers.withLock { $0.all.sorted { $0.key < $1.key } }
                for (_, handler) in current { handler(notice) }
            }
        }
    }

    func drain() { queue.sync {} }
}

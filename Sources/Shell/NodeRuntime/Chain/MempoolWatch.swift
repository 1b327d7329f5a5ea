import Bitcoin
import ChainBackend
import LightningNode
import LightningWallet
import Synchronization

/// Tells the node which transactions of its own the mempool has, gets and loses.
final class MempoolWatch: Sendable {
    private let backend: any ChainBackend
    private let loop: NodeLoop
    private let log: Log
    private let scanner = Mutex<WalletScanner?>(nil)
    private let subscription = Mutex<ChainSubscription?>(nil)
    private let worker = SerialWorker(name: "mempool", limit: 16)

    /// Up to that many transactions a mempool is read through at the start; in a larger one the wallet finds what was
    /// paid to it meanwhile when it is mined.
    private static let readableSize = 5_000

    init(backend: any ChainBackend, loop: NodeLoop, log: Log) {
        self.backend = backend
        self.loop = loop
        self.log = log
        let subscription = backend.subscribe { [weak self] event in
            if case .transaction(let transaction) = event { self?.see(transaction) }
        }
        self.subscription.withLock { $0 = subscription }
    }

    /// Ends the subscription and the thread.
    func stop() {
        _ = subscription.withLock { $0.take() }
        worker.stop()
    }

    /// What the wallet watches from now on.
    func watch(_ scanner: WalletScanner) { self.scanner.withLock { $0 = scanner } }

    /// Fetches anew what the wallet watches.
    func refresh() {
        worker.run { [self] in
            if case .success(.position(let position)) = loop.move(.positionWanted) {
                watch(position.scanner)
            }
        }
    }

    /// Looks which of the transactions that wait the mempool has lost, and which others concern the wallet, which has
    /// processed all blocks up to `tip`.
    func reconcile(waiting: Set<TransactionID>, tip: BlockHash?) {
        worker.run { [self] in
            do throws(ChainError) {
                let present = try backend.mempool()
                let chainTip = try backend.status().tip
                let lost = Self.lost(
                    of: waiting, present: Set(present), walletTip: tip, chainTip: chainTip)
                if !lost.isEmpty { loop.post(.transactionsEvicted(lost)) }
                guard present.count <= Self.readableSize else { return }
                var found: [TransactionID: Transaction] = [:]
                for id in present where !waiting.contains(id) {
                    if let transaction = try backend.mempoolTransaction(id) {
                        found[id] = transaction
                    }
                }
                for transaction in Self.parentsFirst(found) { see(transaction) }
            } catch {
                log.write(.debug, .chain, "the mempool cannot be read: \(error)")
            }
        }
    }

    /// The transactions that wait and are not in the mempool, which was read before `chainTip` was asked for.
    ///
    /// None where the wallet is not at that tip: a block that it does not know yet may hold what the mempool does not. The
    /// next block that it catches up with brings the question again.
    static func lost(
        of waiting: Set<TransactionID>, present: Set<TransactionID>, walletTip: BlockHash?,
        chainTip: BlockHash
    ) -> [TransactionID] {
        guard walletTip == chainTip else { return [] }
        return waiting.subtracting(present).sorted()
    }

    private func see(_ transaction: Transaction) {
        let isRelevant = scanner.withLock { $0?.notices(transaction) ?? false }
        if isRelevant { loop.post(.transactionSeen(transaction)) }
    }

    /// The transactions in an order in which each comes after those that it spends from: only then is a child known to
    /// spend the wallet's coins.
    static func parentsFirst(_ transactions: [TransactionID: Transaction]) -> [Transaction] {
        var ordered: [Transaction] = []
        var visited: Set<TransactionID> = []
        // Walked with a list of its own: chains in a mempool can be long.
        for start in transactions.keys.sorted() {
            var pending = [(start, false)]
            while let (id, areParentsDone) = pending.popLast() {
                guard let transaction = transactions[id] else { continue }
                if areParentsDone {
                    ordered.append(transaction)
                } else if visited.insert(id).inserted {
                    pending.append((id, true))
                    pending += transaction.inputs.map { ($0.previousOutput.transactionID, false) }
                }
            }
        }
        return ordered
    }
}

import Bitcoin
import ChainBackend
import LightningNode
import LightningWallet
import LightningWire
import NodeStorage

/// Does what steps ask for, once the loop releases it.
final class EffectRunner: EffectHandler {
    private let backend: any ChainBackend
    private let loop: NodeLoop
    private let chain: ChainWorker
    private let subscribers: Subscribers<WalletEvent>
    private let store: any RecordStore
    private let log: Log
    private let broadcaster = SerialWorker(name: "broadcast", limit: 10_000)
    private let reader = SerialWorker(name: "reader", limit: 10_000)

    init(
        backend: any ChainBackend, store: any RecordStore, log: Log, loop: NodeLoop,
        chain: ChainWorker, subscribers: Subscribers<WalletEvent>
    ) {
        self.backend = backend
        self.store = store
        self.log = log
        self.loop = loop
        self.chain = chain
        self.subscribers = subscribers
    }

    func broadcast(_ transaction: Transaction) {
        offer([transaction]) { backend throws(ChainError) in try backend.broadcast(transaction) }
    }

    func broadcast(package: [Transaction]) {
        offer(package) { backend throws(ChainError) in try backend.broadcast(package: package) }
    }

    private func offer(
        _ transactions: [Transaction],
        _ body: @escaping @Sendable (any ChainBackend) throws(ChainError) -> BroadcastResult
    ) {
        broadcaster.run { [backend, loop] in
            let outcome: BroadcastOutcome
            do throws(ChainError) {
                switch try body(backend) {
                case .accepted: outcome = .accepted
                case .rejected(let reason): outcome = .rejected(reason: reason)
                }
            } catch {
                outcome = .unanswered(reason: "\(error)")
            }
            for transaction in transactions {
                loop.post(.broadcastAnswered(transaction.id, outcome))
            }
        }
    }

    /// Nobody is connected: this release has no sockets for peers yet, so there is nobody to send to.
    func send(_ messages: [Message], to peer: PublicKey) {}

    func disconnect(_ peer: PublicKey) {}

    func load(_ id: LoadID, _ table: RecordTable, prefix: [UInt8]) {
        reader.run { [store, loop, log] in
            do throws(StorageError) {
                let records = try store.records(
                    in: table, range: KeyRange(prefix: prefix), order: .ascending, limit: .max)
                loop.deliver(.loaded(id, records.map { ($0.key, $0.value) }))
            } catch {
                log.write(.error, .storage, "records of \(table) cannot be read: \(error)")
            }
        }
    }

    func refreshWatch() { chain.refreshWatch() }

    func tell(_ event: WalletEvent) {
        if case .transactionChanged = event { chain.refreshWatch() }
        subscribers.tell(event)
    }

    /// Finishes the broadcasts and reads that wait, and ends the threads.
    func stop() {
        broadcaster.stop()
        reader.stop()
    }
}

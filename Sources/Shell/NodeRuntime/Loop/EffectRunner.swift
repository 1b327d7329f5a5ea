import Bitcoin
import ChainBackend
import LightningNode
import LightningPayment
import LightningWallet
import LightningWire
import NodeStorage
import Synchronization
import Threads

/// Does what steps ask for, once the loop releases it.
final class EffectRunner: EffectHandler {
    private let backend: any ChainBackend
    private let loop: NodeLoop
    private let chain: ChainWorker
    private let peers: PeerManager
    private let graph: GraphWorker
    private let subscribers: Subscribers<WalletEvent>
    private let newsSubscribers: Subscribers<NodeNews>
    private let store: any RecordStore
    private let log: Log
    private let broadcaster = SerialWorker(name: "broadcast", limit: 10_000)
    /// A read that the node has asked for is not asked for again, so none is turned away.
    private let reader = SerialWorker(name: "reader", limit: .max)
    private let isStopping = Atomic<Bool>(false)
    /// The longest pause between two tries to read, in seconds.
    private static let longestPause: UInt64 = 30

    init(
        backend: any ChainBackend, store: any RecordStore, log: Log, loop: NodeLoop,
        chain: ChainWorker, peers: PeerManager, graph: GraphWorker,
        subscribers: Subscribers<WalletEvent>,
        newsSubscribers: Subscribers<NodeNews>
    ) {
        self.backend = backend
        self.store = store
        self.log = log
        self.loop = loop
        self.chain = chain
        self.peers = peers
        self.graph = graph
        self.subscribers = subscribers
        self.newsSubscribers = newsSubscribers
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
                loop.deliver(.broadcastAnswered(transaction.id, outcome))
            }
        }
    }

    func send(_ letters: [PeerLetter]) { peers.send(letters) }

    func keep(_ wanted: [KnownPeer]) { peers.keep(wanted) }

    func load(_ id: LoadID, _ table: RecordTable, prefix: [UInt8]) {
        reader.run { [self] in
            guard let records = read(table, prefix) else { return }
            loop.deliver(.loaded(id, records.map { ($0.key, $0.value) }))
        }
    }

    /// Reads until that succeeds: money may hang on the answer. Nil where the node stops before.
    private func read(_ table: RecordTable, _ prefix: [UInt8]) -> [Record]? {
        var pause: UInt64 = 1
        while true {
            do throws(StorageError) {
                return try store.records(
                    in: table, range: KeyRange(prefix: prefix), order: .ascending, limit: .max)
            } catch {
                log.write(
                    .error, .storage,
                    "records of \(table) cannot be read: \(error); next try in \(pause) s")
            }
            for _ in 0..<(pause * 20) where !mustStop { SystemThread.sleep(milliseconds: 50) }
            guard !mustStop else { return nil }
            pause = min(pause * 2, Self.longestPause)
        }
    }

    private var mustStop: Bool { isStopping.load(ordering: .acquiring) }

    func findRoutes(_ query: RouteQuery, for id: RouteQueryID) { graph.findRoutes(query, for: id) }

    func learn(_ lessons: [RouteLesson]) { graph.learn(lessons) }

    func gossip(_ messages: [Message]) { graph.gossip(messages) }

    func setLocalChannels(_ names: [ShortChannelID: NodeID]) { graph.setLocalChannels(names) }

    func refreshWatch() { chain.refreshWatch() }
    func scanAgain() { chain.scanAgain() }

    func tell(_ event: WalletEvent) {
        if case .transactionChanged = event { chain.refreshWatch() }
        subscribers.tell(event)
    }

    func notify(_ news: NodeNews) { newsSubscribers.tell(news) }

    /// Finishes the broadcasts and reads that wait, and ends the threads. A read that fails is not tried again.
    func stop() {
        isStopping.store(true, ordering: .releasing)
        broadcaster.stop()
        reader.stop()
    }
}

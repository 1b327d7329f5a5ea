import Bitcoin
import ChainBackend
import Dispatch
import LightningNode
import LightningWallet
import LightningWire
import NodeStorage
import Synchronization

/// A node at work: storage, chain and loop under one roof, from the locked wallet to the stop.
///
/// Every method may be called from any thread. Those that say so block.
public final class NodeHost: Sendable {
    /// The network that the node is on.
    public let network: Network
    /// Where the node's log lines go.
    public let log: Log
    /// The chain that the node follows.
    public let backend: any ChainBackend
    /// The durable state, for queries beside the loop.
    public let store: any RecordStore
    /// The connections to other nodes.
    public let peers: PeerManager

    private let graphSettings: GraphSettings
    private let settings: NodeSettings
    private let clock: any NodeClock
    private let state: Mutex<NodeState>
    private let running = Mutex<RunningNode?>(nil)
    /// Held while the wallet is made or opened, which takes long.
    private let opening = Mutex<Void>(())
    private let stateSubscribers = Subscribers<NodeState>()
    private let walletSubscribers = Subscribers<WalletEvent>()
    private let newsSubscribers = Subscribers<NodeNews>()
    private let syncWaiters = Mutex(SyncWaiters())
    private let onFailure: @Sendable (StorageError) -> Void

    /// Who waits for the node to catch up with the chain.
    private struct SyncWaiters: Sendable {
        var signals: [DispatchSemaphore] = []
        var isOver = false
    }

    /// A node with these parts, locked or without a wallet; without `peers` it listens nowhere. `onFailure` is called when the disk fails for good.
    ///
    /// Throws where the store cannot be read.
    public init(
        network: Network, store: any RecordStore, backend: any ChainBackend, log: Log,
        settings: NodeSettings = NodeSettings(), peers: PeerManager? = nil,
        graph: GraphSettings = GraphSettings(),
        clock: any NodeClock = SystemClock(),
        onFailure: @escaping @Sendable (StorageError) -> Void
    ) throws(StorageError) {
        self.network = network
        self.store = store
        self.backend = backend
        self.log = log
        graphSettings = graph
        self.settings = settings
        self.peers = peers ?? PeerManager(PeerSettings(), log: log)
        self.clock = clock
        self.onFailure = onFailure
        state = Mutex(try WalletVault(store, settings).hasSeed ? .locked : .nonExisting)
    }

    /// How far the node's start has come.
    public var currentState: NodeState { state.withLock { $0 } }

    /// Calls `handler` whenever the state changes.
    public func subscribeToState(_ handler: @escaping @Sendable (NodeState) -> Void) -> Subscription
    {
        stateSubscribers.subscribe(handler)
    }

    /// Calls `handler` with everything that happens to the wallet, once it is durable.
    public func subscribeToWallet(
        _ handler: @escaping @Sendable (WalletEvent) -> Void
    ) -> Subscription { walletSubscribers.subscribe(handler) }

    /// Calls `handler` with what happens to peers, channels, invoices and payments, once it is durable, in the order in
    /// which it happens. The handler is called on the node's thread, where a call for subscribers must return at once.
    public func subscribeToNews(
        _ handler: @escaping @Sendable (NodeNews) -> Void
    ) -> Subscription { newsSubscribers.subscribe(handler) }

    /// What tells of invoices and signs texts beside the loop; nil while the wallet is locked.
    public var signer: NodeSigner? { running.withLock { $0?.signer } }

    /// What the node believes of the network; nil while the wallet is locked.
    public var graph: GraphService? { running.withLock { $0?.graph.service } }

    /// What is known of the chain backend at present.
    public var chainHealth: ChainHealth {
        running.withLock { $0?.chain.currentHealth } ?? ChainHealth()
    }

    /// How the node's loop fares.
    public var loopFigures: LoopFigures {
        running.withLock { $0?.loop.figures } ?? LoopFigures()
    }

    /// Hands the node a request; `answer` is called once, from another thread, after what it tells of is durable.
    ///
    /// Answers by what name the node knows the request; nil where it never will.
    @discardableResult
    public func submit(
        _ request: NodeRequest, answer: @escaping @Sendable (Result<NodeReply, NodeFailure>) -> Void
    ) -> RequestID? {
        guard let loop = running.withLock({ $0?.loop }) else {
            answer(
                .failure(.unavailable(reason: "wallet locked, unlock it to enable full RPC access"))
            )
            return nil
        }
        return loop.submit(request, answer: answer)
    }

    /// Hands the node a request and blocks until it is answered.
    public func perform(_ request: NodeRequest) throws(NodeFailure) -> NodeReply {
        let box = AnswerBox()
        submit(request) { box.fill($0) }
        return try box.wait().get()
    }

    /// Blocks until the node has caught up with the chain; throws ``NodeFailure/stopping`` where it is stopped before, or its
    /// disk fails.
    public func waitUntilSynced() throws(NodeFailure) {
        let signal = DispatchSemaphore(value: 0)
        let isOver = syncWaiters.withLock { waiters in
            waiters.signals.append(signal)
            return waiters.isOver
        }
        if currentState == .serverActive { return }
        if !isOver { signal.wait() }
        guard currentState == .serverActive else { throw .stopping }
    }

    private func wakeWaiters(isOver: Bool) {
        let signals = syncWaiters.withLock { waiters in
            if isOver { waiters.isOver = true }
            defer { waiters.signals = [] }
            return waiters.signals
        }
        for signal in signals { signal.signal() }
    }

    /// Stops the node: what is at hand is finished, and nothing begun. Blocks.
    public func stop() {
        wakeWaiters(isOver: true)
        guard let node = running.withLock({ $0.take() }) else { return }
        node.stop()
        log.write(.info, .node, "the node has stopped")
    }
}

/// Making and opening the wallet.
extension NodeHost {
    /// Makes the wallet and starts the node with it. Blocks for about a second: passwords are hashed slowly.
    public func createWallet(_ plan: WalletPlan, password: SecretBytes) throws(WalletLockError) {
        try opening.withLock { _ throws(WalletLockError) in
            guard currentState == .nonExisting else {
                throw currentState == .locked ? .exists : .open
            }
            let vault = WalletVault(store, settings)
            let opened = try vault.create(
                plan, password: password, network: network, backend: backend)
            log.write(
                .info, .wallet, "made a wallet, its first block is \(opened.wallet.nextHeight)")
            start(opened)
        }
    }

    /// Opens the wallet and starts the node with it. Blocks for about a second.
    public func unlock(password: SecretBytes) throws(WalletLockError) {
        try opening.withLock { _ throws(WalletLockError) in
            try requireLocked()
            start(try WalletVault(store, settings).open(password: password, network: network))
        }
    }

    /// Gives the locked wallet another password and opens it. Blocks for some seconds.
    public func changePassword(
        from old: SecretBytes, to new: SecretBytes
    ) throws(WalletLockError) {
        try opening.withLock { _ throws(WalletLockError) in
            try requireLocked()
            let vault = WalletVault(store, settings)
            try vault.changePassword(from: old, to: new)
            log.write(.info, .wallet, "the wallet has a new password")
            start(try vault.open(password: new, network: network))
        }
    }

    private func requireLocked() throws(WalletLockError) {
        switch currentState {
        case .locked: return
        case .nonExisting: throw .missing
        case .unlocked, .rpcActive, .serverActive, .waitingToStart: throw .open
        }
    }

    private func start(_ node: LightningNode) {
        enter(.unlocked)
        let loop = NodeLoop(
            store: store, log: log, clock: clock,
            onFailure: { [weak self] error in
                self?.wakeWaiters(isOver: true)
                self?.onFailure(error)
            })
        let graph = GraphWorker(
            graphSettings, network: network, backend: backend, log: log, outlet: peers, loop: loop,
            clock: clock)
        let chain = ChainWorker(
            backend: backend, loop: loop, graph: graph, log: log,
            onSynced: { [weak self] in self?.noteSynced() })
        let effects = EffectRunner(
            backend: backend, store: store, log: log, loop: loop, chain: chain,
            peers: peers, graph: graph, subscribers: walletSubscribers,
            newsSubscribers: newsSubscribers)
        running.withLock {
            $0 = RunningNode(
                loop: loop, chain: chain, graph: graph, peers: peers, effects: effects,
                signer: node.signer)
        }
        let identity = node.identity
        let tip = node.wallet.nextHeight.saturatingSubtract(1)
        loop.start(node, effects: effects)
        // Channels come up meanwhile: nothing of theirs waits for the graph.
        graph.start(local: NodeID(identity.publicKey), tip: tip)
        peers.start(identity: identity, node: loop, sink: graph)
        enter(.rpcActive)
        chain.start()
    }

    private func noteSynced() {
        if currentState == .rpcActive {
            log.write(.info, .chain, "the wallet has caught up with the chain")
            enter(.serverActive)
            wakeWaiters(isOver: false)
        }
    }

    private func enter(_ new: NodeState) {
        state.withLock { $0 = new }
        log.write(.debug, .node, "state \(new.rawValue)")
        stateSubscribers.tell(new)
    }
}

/// The parts that run while the wallet is open.
struct RunningNode: Sendable {
    let loop: NodeLoop
    let chain: ChainWorker
    let graph: GraphWorker
    let peers: PeerManager
    let effects: EffectRunner
    let signer: NodeSigner

    /// Ends them in the order in which they feed each other.
    func stop() {
        loop.endPatience()
        peers.endReading()
        chain.stop()
        graph.stop()
        effects.stop()
        loop.stop()
        // What the last batch had for peers is on its way to them.
        peers.stop()
    }
}

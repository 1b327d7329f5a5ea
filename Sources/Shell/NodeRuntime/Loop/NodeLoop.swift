import Bitcoin
import Glibc
import LightningNode
import LightningPayment
import LightningWallet
import LightningWire
import NodeStorage
import Synchronization
import Threads

/// The thread that owns the node: it drains its queue into a batch, steps the core, commits all the writes in one
/// transaction, and only then releases the effects.
///
/// ```
///   post ──> mailbox ──> [ receive, receive, receive ] ──> commit ──> release
///                             one batch of steps          one fsync
/// ```
///
/// While one batch is on its way to the disk the next one gathers in the mailbox, so that load makes batches larger and
/// not the queue longer.
final class NodeLoop: Sendable {
    private let mailbox = Mailbox<LoopEntry>(limit: 10_000)
    private let replies = ReplyTable()
    private let meter = LoopMeter()
    private let store: any RecordStore
    private let log: Log
    private let clock: any NodeClock
    /// Why the disk takes nothing at present; nil while it does.
    private let trouble = Mutex<StorageError?>(nil)
    /// Whether a disk that takes nothing may still be waited for.
    private let isPatient = Atomic<Bool>(true)
    private let thread = Mutex<SystemThread?>(nil)
    private let onFailure: @Sendable (StorageError) -> Void

    /// How often leases and the like are looked at, in seconds.
    static let tickInterval: UInt64 = 10
    /// How long a commit that may succeed later is tried again, in seconds, before the node gives up.
    static let patience: UInt64 = 600

    /// `onFailure` is called once, when the disk fails for good: the process must end then, and the restart derives anew
    /// what was due.
    init(
        store: any RecordStore, log: Log, clock: any NodeClock,
        onFailure: @escaping @Sendable (StorageError) -> Void
    ) {
        self.store = store
        self.log = log
        self.clock = clock
        self.onFailure = onFailure
    }

    /// How the loop fares.
    var figures: LoopFigures {
        var figures = meter.current
        figures.waiting = mailbox.count
        return figures
    }

    /// Starts the thread, which owns `node` from now on.
    func start(_ node: LightningNode, effects: any EffectHandler) {
        let start = Mutex<LightningNode?>(node)
        thread.withLock { thread in
            thread = SystemThread("node-loop") { [self] in
                if let node = start.withLock({ $0.take() }) { run(node, effects) }
            }
        }
    }

    /// From now on a commit that fails is not tried again: the node is about to stop, and whoever waits for that commit
    /// must not keep it.
    func endPatience() { isPatient.store(false, ordering: .releasing) }

    /// Takes no more inputs, finishes those that wait, and ends the thread.
    func stop() {
        mailbox.close()
        thread.withLock { $0.take() }?.join()
        replies.failAll(.stopping)
    }

    /// Hands the node an input that nobody waits for. Where too many wait already it is dropped: each is a hint that comes
    /// again.
    func post(_ input: NodeInput) {
        if case .full = mailbox.post(.input(input)) {
            log.write(.warn, .node, "the node is behind: an input was dropped")
        }
    }

    /// Hands the node an input that does not come again, and blocks while too many wait.
    func deliver(_ input: NodeInput) {
        while case .full = mailbox.post(.input(input)) { SystemThread.sleep(milliseconds: 10) }
    }

    /// Hands the node a request; `answer` is called once, after what the answer tells of is durable. Answers by what name
    /// the node knows the request; nil where it never will.
    @discardableResult
    func submit(
        _ request: NodeRequest, answer: @escaping @Sendable (Result<NodeReply, NodeFailure>) -> Void
    ) -> RequestID? {
        enqueue({ .request($0, request) }, answer)
    }

    /// Moves the chain and waits until that is durable.
    func move(_ input: ChainInput) -> Result<NodeReply, NodeFailure> {
        let box = AnswerBox()
        _ = enqueue({ .chain($0, input) }, { box.fill($0) })
        return box.wait()
    }

    private func enqueue(
        _ input: (RequestID) -> NodeInput,
        _ answer: @escaping @Sendable (Result<NodeReply, NodeFailure>) -> Void
    ) -> RequestID? {
        if let trouble = trouble.withLock({ $0 }) {
            answer(.failure(.unavailable(reason: "\(trouble)")))
            return nil
        }
        let id = replies.register(answer)
        switch mailbox.post(.input(input(id))) {
        case .accepted: return id
        case .full:
            let reason = "too many requests wait already: try again in a moment"
            replies.answer(id, .failure(.unavailable(reason: reason)))
        case .closed: replies.answer(id, .failure(.stopping))
        }
        return nil
    }
}

extension NodeLoop {
    private func run(_ start: consuming LightningNode, _ effects: any EffectHandler) {
        var node = start
        var batch = PendingBatch()
        var nextTick = clock.moment().time
        while true {
            let (entries, isClosed) = mailbox.takeAll(timeout: pause(node.wakeTime))
            let now = clock.moment().time
            if now >= nextTick {
                take(.tick, &node, &batch)
                nextTick = now + Self.tickInterval
            }
            for entry in entries { take(entry, &node, &batch) }
            add(node.finish(at: clock.moment()), &batch)
            let (writes, start) = (batch.writeCount, ContinuousClock.now)
            guard let committed = commit(&batch, mayWait: !isClosed) else { return }
            meter.note(
                inputs: entries.count, writes: writes, time: ContinuousClock.now - start)
            release(committed.release(), to: effects)
            node.prepare()
            // Only now are peers' messages processed: their tickets go with the entries.
            withExtendedLifetime(entries) {}
            if isClosed && entries.isEmpty { return }
        }
    }

    /// How long the loop may sleep, in milliseconds.
    private func pause(_ wakeTime: UInt64?) -> Int32 {
        let longest = Self.tickInterval * 1_000
        guard let wakeTime else { return Int32(longest) }
        let now = clock.moment().inMilliseconds
        return Int32(wakeTime > now ? min(longest, wakeTime - now) : 0)
    }

    private func take(
        _ entry: LoopEntry, _ node: inout LightningNode, _ batch: inout PendingBatch
    ) {
        switch entry {
        case .input(let input): take(input, &node, &batch)
        case .messages(let messages, let peer, _):
            for message in messages { take(.peerMessage(peer, message), &node, &batch) }
        }
    }

    private func take(
        _ input: NodeInput, _ node: inout LightningNode, _ batch: inout PendingBatch
    ) {
        add(node.receive(input, at: clock.moment()), &batch)
    }

    private func add(_ step: Step, _ batch: inout PendingBatch) {
        for event in step.events { log.write(event) }
        batch.append(step)
    }

    /// Commits the batch, again and again while the disk may yet take it. Nothing is released meanwhile, and nothing else
    /// is begun; nil where the disk fails for good.
    private func commit(_ batch: inout PendingBatch, mayWait: Bool) -> CommittedBatch? {
        var failure: StorageError?
        var pause: UInt64 = 1
        var deadline = UInt64.max
        while true {
            do throws(StorageError) {
                let committed = try batch.commit(to: store)
                if failure != nil { recover() }
                return committed
            } catch {
                if failure == nil { deadline = clock.moment().time + Self.patience }
                failure = error
                guard error.mayPass, mayWait, isWaitingAllowed, clock.moment().time < deadline
                else {
                    log.write(.error, .storage, "\(error); the node stops, and nothing was sent")
                    // Whoever asks from now on is told at once that nobody answers any more.
                    mailbox.close()
                    replies.failAll(.unavailable(reason: "\(error)"))
                    onFailure(error)
                    return nil
                }
                suspend(error, retryIn: pause)
                rest(pause)
                pause = min(pause * 2, 30)
            }
        }
    }

    private var isWaitingAllowed: Bool {
        isPatient.load(ordering: .acquiring) && !mailbox.isClosed
    }

    /// Sleeps for that many seconds, or until the node is to stop.
    private func rest(_ seconds: UInt64) {
        for _ in 0..<(seconds * 20) where isWaitingAllowed { SystemThread.sleep(milliseconds: 50) }
    }

    private func suspend(_ error: StorageError, retryIn pause: UInt64) {
        trouble.withLock { $0 = error }
        log.write(
            .error, .storage,
            "\(error); no request is taken until that is solved, next try in \(pause) s")
        // What waits was not begun: whoever asked need not wait for the disk.
        for input in mailbox.takeAll(where: { $0.requestID != nil }) {
            guard let id = input.requestID else { continue }
            replies.answer(id, .failure(.unavailable(reason: "\(error)")))
        }
    }

    private func recover() {
        trouble.withLock { $0 = nil }
        log.write(.info, .storage, "the disk takes writes again")
    }

    /// What goes to peers first, all of it at once: they take longest to answer.
    private func release(_ effects: [NodeEffect], to handler: any EffectHandler) {
        var letters: [PeerLetter] = []
        for effect in effects {
            if let letter = PeerLetter(effect) { letters.append(letter) }
        }
        if !letters.isEmpty { handler.send(letters) }
        for effect in effects { release(effect, to: handler) }
    }

    private func release(_ effect: NodeEffect, to handler: any EffectHandler) {
        switch effect {
        case .send, .disconnect: break
        case .reply(let id, let result): replies.answer(id, result)
        case .broadcast(let transaction): handler.broadcast(transaction)
        case .broadcastPackage(let transactions): handler.broadcast(package: transactions)
        case .keepPeers(let peers): handler.keep(peers)
        case .load(let id, let table, let prefix): handler.load(id, table, prefix: prefix)
        case .findRoutes(let id, let query): handler.findRoutes(query, for: id)
        case .learn(let lessons): handler.learn(lessons)
        case .gossip(let messages): handler.gossip(messages)
        case .localChannels(let names): handler.setLocalChannels(names)
        case .watchGrew: handler.refreshWatch()
        case .scanAgain: handler.scanAgain()
        case .tell(let event): handler.tell(event)
        case .notify(let news): handler.notify(news)
        }
    }
}

/// What the node has for a peer.
enum PeerLetter: Sendable {
    case messages([Message], to: PublicKey)
    /// The end of the connection, once what was to be sent is out.
    case farewell(to: PublicKey)

    /// Nil for effects that go elsewhere.
    fileprivate init?(_ effect: NodeEffect) {
        switch effect {
        case .send(let peer, let messages): self = .messages(messages, to: peer)
        case .disconnect(let peer): self = .farewell(to: peer)
        case .broadcast, .broadcastPackage, .keepPeers, .load, .findRoutes, .learn, .gossip,
            .localChannels, .watchGrew, .scanAgain, .reply, .tell, .notify:
            return nil
        }
    }
}

/// What waits for the node's thread.
enum LoopEntry: Sendable {
    case input(NodeInput)
    /// Messages of a peer, and what says that they are not processed yet.
    case messages([[UInt8]], from: PublicKey, InboundTicket)

    /// Whom the answer goes to; nil where nobody waits for one.
    fileprivate var requestID: RequestID? {
        switch self {
        case .input(let input): input.requestID
        case .messages: nil
        }
    }
}

/// What peers do is never refused: how much of it waits is bounded where it is read from their sockets.
extension NodeLoop: PeerInputs {
    func connectionChanged(_ input: NodeInput) { mailbox.post(.input(input), beyondLimit: true) }

    func received(_ messages: [[UInt8]], from peer: PublicKey, ticket: InboundTicket) {
        mailbox.post(.messages(messages, from: peer, ticket), beyondLimit: true)
    }
}

extension NodeInput {
    /// Whom the answer goes to; nil where nobody waits for one.
    fileprivate var requestID: RequestID? {
        switch self {
        case .chain(let id, _), .request(let id, _): id
        case .transactionSeen, .transactionsEvicted, .broadcastAnswered, .rebroadcastDue,
            .peerConnected, .peerMessage, .peerDisconnected, .peerTerms, .reachable, .feeEstimates,
            .loaded, .routesFound, .tick:
            nil
        }
    }
}

/// What the loop hands on when a batch is durable.
protocol EffectHandler: Sendable {
    /// Offers a transaction to the network, without waiting for it.
    func broadcast(_ transaction: Transaction)

    /// Offers transactions to the network as one package, parents first, without waiting for it.
    func broadcast(package: [Transaction])

    /// Sends messages to peers and ends connections, in this order, without waiting for it.
    func send(_ letters: [PeerLetter])

    /// Stays connected with these peers.
    func keep(_ peers: [KnownPeer])

    /// Reads the records of a table whose keys start with `prefix`, without waiting for them.
    func load(_ id: LoadID, _ table: RecordTable, prefix: [UInt8])

    /// Looks for routes, without waiting for them.
    func findRoutes(_ query: RouteQuery, for id: RouteQueryID)

    /// Remembers what attempts have taught before it looks for routes the next time.
    func learn(_ lessons: [RouteLesson])

    /// Tells the network messages of this node, in their order.
    func gossip(_ messages: [Message])

    /// Takes the names of the node's channels, with the nodes across.
    func setLocalChannels(_ names: [ShortChannelID: NodeID])

    /// Takes anew what is watched on the chain.
    func refreshWatch()

    /// Scans again the blocks that the node wants to see once more.
    func scanAgain()

    /// Tells subscribers.
    func tell(_ event: WalletEvent)

    /// Tells subscribers.
    func notify(_ news: NodeNews)
}

import Bitcoin
import ChainBackend
import LightningGraph
import LightningNode
import LightningPayment
import LightningWire
import NodeStorage
import Synchronization
import Threads

/// The thread that owns what this node believes of the network: it takes gossip, and finds routes.
///
/// ```
///   loop: routes, lessons, own gossip ──urgent──> ┌──────────────┐ ──> routes, peers' terms to the loop
///   API: looks at the graph ───────────urgent──> │ GraphKeeper  │ ──> gossip to peers
///   peers' gossip, blocks, answers ─────────────> └──────────────┘ ──> signatures, chain, disk: a thread each
/// ```
///
/// Requests go before gossip in each turn, so that a peer who talks much delays no payment. What peers send is bounded by
/// the tickets that their connections give, and blocks by ``connect(_:at:)``, which waits.
final class GraphWorker: Sendable {
    private let mailbox = Mailbox<GraphLetter>(limit: .max)
    private let tools: GraphTools
    private let thread = Mutex<SystemThread?>(nil)
    /// The blocks that were posted and not processed.
    private let blocks = Atomic<Int>(0)
    private let isStopping = Atomic<Bool>(false)

    /// How many messages of peers are processed before the next look for requests.
    private static let messagesPerTurn = 64
    private static let tickInterval: Duration = .seconds(1)
    /// How many blocks may wait.
    private static let mostBlocks = 16

    /// Nothing is opened before ``start(tip:)``.
    init(
        _ settings: GraphSettings, network: Network, backend: any ChainBackend, log: Log,
        outlet: any GossipOutlet, loop: any GraphListener, clock: any NodeClock
    ) {
        tools = GraphTools(
            network: network,
            limits: settings.limits ?? (network == .regtest ? .regtest : GossipLimits()),
            log: log, shelf: GossipShelf(folder: settings.folder, log: log),
            fundings: FundingFinder(backend: backend, log: log), outlet: outlet, loop: loop,
            mailbox: mailbox, clock: clock)
    }

    /// Starts the thread, which reads what was kept first for the node `local`. `tip` is the height of the chain that it knows.
    func start(local: NodeID, tip: BlockHeight) {
        thread.withLock { thread in
            thread = SystemThread("graph") { [self] in run(local, tip) }
        }
    }

    /// Answers questions about the graph.
    var service: GraphService { GraphService(self, shelf: tools.shelf, news: tools.news) }

    /// Saves the graph and ends the threads. Gossip that waits is let go of.
    func stop() {
        isStopping.store(true, ordering: .releasing)
        mailbox.close()
        thread.withLock { $0.take() }?.join()
        tools.stop()
    }

    private func run(_ local: NodeID, _ tip: BlockHeight) {
        let keeper = GraphKeeper(tools, local: local, tip: tip)
        var queue: [GraphLetter] = []
        var nextTick = ContinuousClock.now
        while true {
            let pause = queue.isEmpty ? nextTick - ContinuousClock.now : .zero
            let (letters, isClosed) = mailbox.takeAll(timeout: pause.milliseconds)
            for letter in letters {
                if case .urgent(let body) = letter { body(keeper) } else { queue.append(letter) }
            }
            if isClosed { return keeper.save() }
            takeSome(&queue, keeper)
            keeper.finishTurn()
            if ContinuousClock.now >= nextTick {
                keeper.tick()
                nextTick = ContinuousClock.now + Self.tickInterval
            }
        }
    }

    private func takeSome(_ queue: inout [GraphLetter], _ keeper: GraphKeeper) {
        var messages = 0
        var letters = 0
        while letters < queue.count, messages < Self.messagesPerTurn {
            switch queue[letters] {
            case .urgent(let body): body(keeper)
            case .input(let input):
                keeper.take(input)
                messages += 1
            case .connected(let peer, let connection, let input):
                keeper.note(connection, of: peer)
                keeper.take(input)
            case .messages(let bytes, let peer, _):
                keeper.take(bytes, from: peer)
                messages += bytes.count
            }
            letters += 1
        }
        queue.removeFirst(letters)
    }

    private func urgent(_ body: @escaping @Sendable (GraphKeeper) -> Void) {
        mailbox.post(.urgent(body))
    }
}

/// What the node's loop and the interface want.
extension GraphWorker {
    /// Looks for routes, and hands them to the loop.
    func findRoutes(_ query: RouteQuery, for id: RouteQueryID) {
        urgent { [tools] keeper in
            tools.loop.deliver(.routesFound(id, keeper.routes(query, at: tools.now())))
        }
    }

    /// Takes the lessons of attempts before it looks for routes the next time.
    func learn(_ lessons: [RouteLesson]) {
        urgent { [tools] in $0.learn(lessons, at: tools.now()) }
    }

    /// Tells the network messages of this node, in their order.
    func gossip(_ messages: [Message]) {
        urgent { keeper in
            for message in messages { keeper.take(.local(message)) }
        }
    }

    /// Takes the names of the node's channels, with the nodes across.
    func setLocalChannels(_ names: [ShortChannelID: NodeID]) {
        urgent { $0.take(.localChannels(names)) }
    }

    /// Calls `body` with the keeper, from its thread, before all gossip that waits; false where the thread has ended.
    func ask(_ body: @escaping @Sendable (GraphKeeper) -> Void) -> Bool {
        mailbox.post(.urgent(body)) == .accepted
    }
}

/// What peers tell.
extension GraphWorker: GossipSink {
    func peerConnected(
        _ peer: NodeID, over connection: UInt64, features: Features, chains: [BlockHash]?
    ) {
        let input = GossipInput.peerConnected(peer, features: features, chains: chains)
        mailbox.post(.connected(peer, over: connection, input))
    }

    func receive(_ messages: [[UInt8]], from peer: NodeID, ticket: InboundTicket) {
        take(messages, from: peer, keeping: ticket)
    }

    /// Takes messages of a peer, and lets go of the ticket once they are processed.
    func take(_ messages: [[UInt8]], from peer: NodeID, keeping ticket: any Sendable) {
        mailbox.post(.messages(messages, peer, ticket: ticket))
    }

    func peerDisconnected(_ peer: NodeID) { mailbox.post(.input(.peerDisconnected(peer))) }

    func findAddresses(
        of node: NodeID, answer: @escaping @Sendable ([AddressDescriptor]) -> Void
    ) {
        tools.shelf.read([.node(node)]) { values in
            let announcement = values.first.flatMap { $0.map(GraphService.announcement) } ?? nil
            answer(announcement?.usableAddresses ?? [])
        }
    }
}

extension PeerManager: GossipOutlet {}

/// What the chain tells.
extension GraphWorker {
    /// A block was added to the best chain. Blocks while many wait.
    func connect(_ block: Block, at height: BlockHeight) {
        tell(.blockConnected(height, spent: block.spentOutputs))
    }

    /// The tip is no longer part of the best chain; `block` is nil where what it held is not known any more. Blocks while many
    /// wait.
    func disconnect(_ block: Block?, at height: BlockHeight) {
        tell(.blockDisconnected(height, spent: block?.spentOutputs ?? []))
    }

    private func tell(_ input: GossipInput) {
        while blocks.load(ordering: .acquiring) >= Self.mostBlocks,
            !isStopping.load(ordering: .acquiring)
        {
            SystemThread.sleep(milliseconds: 5)
        }
        blocks.add(1, ordering: .acquiringAndReleasing)
        urgent { [self] keeper in
            keeper.take(input)
            blocks.subtract(1, ordering: .acquiringAndReleasing)
        }
    }
}

extension Duration {
    /// For a wait: whole milliseconds, not below zero, and rounded up.
    fileprivate var milliseconds: Int32 {
        let (seconds, attoseconds) = components
        let value = seconds * 1_000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        return Int32(clamping: max(0, value))
    }
}

extension Block {
    /// The outputs that the block's transactions spend.
    fileprivate var spentOutputs: [OutPoint] {
        transactions.dropFirst().flatMap { $0.inputs.map(\.previousOutput) }
    }
}

import Bitcoin
import LightningGraph
import LightningNode
import LightningPayment
import LightningWire
import Synchronization

/// What the thread of the graph owns: the machine of gossip, what attempts have taught, and the memory of searches.
///
/// Everything slow is beside it: signatures, the chain and the disk each have a thread of their own.
final class GraphKeeper {
    private(set) var machine: GossipMachine
    var knowledge: LiquidityKnowledge
    let finder = PathFinder()
    /// What ``knowledge`` says of the places in the graph.
    var view = LiquidityView()
    /// The layout of the graph for which the view was made, and when; nil before the first.
    var viewStand: (layout: UInt64, time: UInt64)?
    /// Nodes that did not do their part, and when, in seconds since 1970.
    var failedNodes: [NodeID: UInt64] = [:]

    private let tools: GraphTools
    /// What is not with the disk's thread yet.
    private var writes: [RecordWrite] = []
    /// The connections with peers: what is sent is meant for no other.
    private var connections: [NodeID: UInt64] = [:]
    /// How many sends to each peer are not out yet.
    private var unsent: [NodeID: Int] = [:]
    /// What is read for a peer once everything before is out.
    private var held: [NodeID: [(job: GossipJobID, keys: [GossipRecordKey])]] = [:]
    /// What the file holds; nil where there is none.
    private var savedRevision: UInt64?
    private var nextSave: UInt64
    private var wasSynced = false

    /// Between two looks whether the graph's file is old, in seconds.
    private static let saveInterval: UInt64 = 1_800
    /// Writes are handed on together when there are so many, or with the next tick.
    private static let writesPerBatch = 500

    /// Reads what was kept for the node `local`. `tip` is the height of the chain that it knows.
    init(_ tools: GraphTools, local: NodeID, tip: BlockHeight) {
        self.tools = tools
        let shelf = tools.shelf
        let start = ContinuousClock.now
        let stored = shelf.loadGraph()
        let key = stored?.key ?? FundingFingerprintKey(SystemEntropy.hash())
        let graph =
            stored?.graph
            ?? ChannelGraph(
                channels: shelf.records(in: .gossipChannel).map(\.value),
                updates: shelf.records(in: .gossipUpdate).map(\.value),
                nodes: shelf.records(in: .gossipNode).map(\.value), key: key)
        machine = GossipMachine(
            localID: local, graph: graph, key: key, chainHash: tools.network.genesisHash, tip: tip,
            closing: shelf.records(in: .gossipClosing), limits: tools.limits)
        knowledge = LiquidityKnowledge(records: shelf.records(in: .liquidity))
        savedRevision = stored?.graph.revision
        nextSave = tools.now() + Self.saveInterval
        let (seconds, attoseconds) = (ContinuousClock.now - start).components
        let time = seconds * 1_000 + attoseconds / 1_000_000_000_000_000
        tools.log.write(
            .info, .gossip,
            "the graph has \(graph.channelCount) channels of \(graph.nodeCount) nodes, read in \(time) ms"
        )
    }

    var graph: ChannelGraph { machine.graph }

    // MARK: Gossip

    /// Takes note of the number of the connection with a peer.
    func note(_ connection: UInt64, of peer: NodeID) { connections[peer] = connection }

    /// Hands the machine an input, and does what follows.
    func take(_ input: GossipInput) {
        if case .peerDisconnected(let peer) = input { (held[peer], connections[peer]) = (nil, nil) }
        carryOut(machine.receive(input, at: tools.now()))
    }

    /// Reads messages of a peer.
    func take(_ messages: [[UInt8]], from peer: NodeID) {
        for bytes in messages {
            do throws(WireError) {
                take(.message(peer, try Message(decoding: bytes)))
            } catch {
                warn(peer, "\(error)", disconnects: true)
            }
        }
    }

    private func warn(_ peer: NodeID, _ text: String, disconnects: Bool) {
        guard let connection = connections[peer] else { return }
        tools.outlet.warn(peer, text, over: connection, disconnects: disconnects)
    }

    /// Ends a turn: what is to be checked goes out together.
    func finishTurn() { carryOut(machine.finish()) }

    /// Time went on.
    func tick() {
        take(.tick)
        finishTurn()
        handOnWrites()
        let now = tools.now()
        if !wasSynced, machine.isSynced {
            wasSynced = true
            tools.log.write(
                .info, .gossip, "the graph is that of a peer: \(graph.channelCount) channels")
            nextSave = min(nextSave, now + 60)
        }
        guard now >= nextSave else { return }
        nextSave = now + Self.saveInterval
        save()
    }

    /// Brings what is not kept yet to the disk's thread.
    func save() {
        handOnWrites()
        guard graph.revision != savedRevision else { return }
        savedRevision = graph.revision
        tools.shelf.save(machine.contents(at: tools.now()))
    }

    func note(_ writes: [RecordWrite]) {
        self.writes += writes
        if self.writes.count >= Self.writesPerBatch { handOnWrites() }
    }

    /// Brings the records that wait to the disk's thread.
    func handOnWrites() {
        guard !writes.isEmpty else { return }
        tools.shelf.write(writes)
        writes = []
    }

    private func carryOut(_ step: GossipStep) {
        note(step.writes)
        for effect in step.effects {
            switch effect {
            case .checkSignatures(let id, let checks):
                tools.check(checks) { [tools] results in
                    tools.post(.input(.signaturesChecked(id, results)))
                }
            case .findFunding(let id, let channels):
                tools.fundings.find(channels) { [tools] outputs in
                    tools.post(.input(.fundingFound(id, outputs)))
                }
            case .load(let id, let peer, let keys): load(id, for: peer, keys)
            case .send(let peer, let messages): send(messages, to: peer)
            case .warn(let peer, let text): warn(peer, text, disconnects: false)
            case .disconnect(let peer, let text): warn(peer, text, disconnects: true)
            case .localUpdate(let update): tools.loop.post(.peerTerms(update))
            case .channelRemoved(let id, _): note(knowledge.forget(id))
            }
        }
        guard tools.news.isWanted else { return }
        let news = GraphNews(step, graph, tip: machine.tip)
        if !news.isEmpty { tools.news.tell(news) }
    }

    private func send(_ messages: [Message], to peer: NodeID) {
        guard let connection = connections[peer] else { return }
        unsent[peer, default: 0] += 1
        tools.outlet.sendGossip(messages, to: peer, over: connection) { [tools] in
            tools.post(.urgent { $0.noteSent(to: peer) })
        }
    }

    /// What was sent to a peer is out: it is read for that peer again.
    private func noteSent(to peer: NodeID) {
        let left = (unsent[peer] ?? 1) - 1
        unsent[peer] = left > 0 ? left : nil
        guard left <= 0, let waiting = held.removeValue(forKey: peer) else { return }
        for (job, keys) in waiting { read(job, keys) }
    }

    /// Reads for a peer, but no faster than it takes what it asked for: else its answers would pile up here.
    private func load(_ job: GossipJobID, for peer: NodeID, _ keys: [GossipRecordKey]) {
        if unsent[peer] == nil {
            read(job, keys)
        } else {
            held[peer, default: []].append((job, keys))
        }
    }

    private func read(_ job: GossipJobID, _ keys: [GossipRecordKey]) {
        handOnWrites()
        tools.shelf.read(keys) { [tools] values in tools.post(.input(.loaded(job, values))) }
    }
}

/// What the keeper works with, all of it safe from any thread.
final class GraphTools: Sendable {
    let network: Network
    let limits: GossipLimits
    let log: Log
    let shelf: GossipShelf
    let fundings: FundingFinder
    let outlet: any GossipOutlet
    let loop: any GraphListener
    /// Who is told what changes.
    let news = Subscribers<GraphNews>()
    private let checker = SerialWorker(name: "gossip-checks", limit: .max)
    private let isStopping = Atomic<Bool>(false)
    private let mailbox: Mailbox<GraphLetter>
    private let clock: any NodeClock

    init(
        network: Network, limits: GossipLimits, log: Log, shelf: GossipShelf,
        fundings: FundingFinder, outlet: any GossipOutlet, loop: any GraphListener,
        mailbox: Mailbox<GraphLetter>, clock: any NodeClock
    ) {
        self.network = network
        self.limits = limits
        self.log = log
        self.shelf = shelf
        self.fundings = fundings
        self.outlet = outlet
        self.loop = loop
        self.mailbox = mailbox
        self.clock = clock
    }

    /// Seconds since 1970.
    func now() -> UInt64 { clock.moment().time }

    /// Puts a letter into the keeper's mailbox.
    func post(_ letter: GraphLetter) { mailbox.post(letter) }

    /// Checks signatures on a thread of their own; `answer` is called with one result for each, unless everything stops.
    func check(
        _ checks: [SignatureCheck], answer: @escaping @Sendable ([Bool]) -> Void
    ) {
        checker.run { [self] in
            if !isStopping.load(ordering: .acquiring) { answer(checks.map(\.holds)) }
        }
    }

    /// Brings to the disk what is to be kept, and ends the threads.
    func stop() {
        isStopping.store(true, ordering: .releasing)
        checker.stop()
        fundings.stop()
        shelf.stop()
    }
}

/// What the thread of the graph takes.
enum GraphLetter: Sendable {
    /// Goes before all gossip that waits.
    case urgent(@Sendable (GraphKeeper) -> Void)
    case input(GossipInput)
    /// A peer is connected, over a connection of that number.
    case connected(NodeID, over: UInt64, GossipInput)
    /// Messages of a peer, and what is let go of once they are processed.
    case messages([[UInt8]], NodeID, ticket: any Sendable)
}

/// Who is told what the graph found out: the node's loop.
protocol GraphListener: Sendable {
    /// Hands over a hint that may be dropped.
    func post(_ input: NodeInput)

    /// Hands over an answer, and blocks while too many inputs wait.
    func deliver(_ input: NodeInput)
}

extension NodeLoop: GraphListener {}

import Bitcoin
import ChainBackend
import Glibc
import LightningGraph
import LightningNode
import LightningPayment
import LightningWire
@testable import NodeRuntime
import Synchronization
import Testing

/// The thread of the graph with peers and a node that only take notes.
struct GraphWorld {
    static let now: UInt64 = 1_800_000_000

    let worker: GraphWorker
    let outlet = NotedOutlet()
    let listener = NotedListener()
    let peer: NodeID
    let other: NodeID

    init(_ chain: EmbeddedChain, folder: String? = nil) throws {
        worker = GraphWorker(
            GraphSettings(folder: folder), network: .regtest, backend: chain, log: .silent,
            outlet: outlet, loop: listener, clock: LateClock())
        let local = try PrivateKey([UInt8](repeating: 200, count: 32)).publicKey
        worker.start(local: NodeID(local), tip: chain.status().height)
        peer = NodeID(try PrivateKey([UInt8](repeating: 201, count: 32)).publicKey)
        other = NodeID(try PrivateKey([UInt8](repeating: 202, count: 32)).publicKey)
    }

    var service: GraphService { worker.service }

    /// A peer that has a graph and wants all news.
    func connect(_ peer: NodeID) {
        var features = Features()
        features.add(.gossipQueries)
        worker.peerConnected(peer, over: 1, features: features, chains: nil)
        let filter = GossipTimestampFilter(
            chainHash: Network.regtest.genesisHash, firstTimestamp: 0, timestampRange: .max)
        receive([.gossipTimestampFilter(filter)], from: peer)
    }

    /// A world whose graph has one channel, which the first peer told of.
    static func believing(
        folder: TemporaryFolder? = nil
    ) throws -> (world: GraphWorld, channel: AnnouncedChannel, chain: EmbeddedChain) {
        let chain = EmbeddedChain()
        let channel = try AnnouncedChannel(on: chain)
        let world = try GraphWorld(chain, folder: folder?.path)
        try world.believe(channel)
        return (world, channel, chain)
    }

    /// Has the first peer tell of a channel, and waits until the graph has it.
    func believe(_ channel: AnnouncedChannel) throws {
        connect(peer)
        receive(channel.messages)
        try eventually {
            service.counts == (2, 1) && service.channel(channel.id)?.terms1 != nil
        }
    }

    func receive(_ messages: [Message], from peer: NodeID? = nil) {
        worker.take(messages.map(\.encoded), from: peer ?? self.peer, keeping: 0)
    }
}

/// A clock that starts at the time that the tests' messages are of.
struct LateClock: NodeClock {
    private let start = ContinuousClock.now

    func moment() -> Moment {
        let (seconds, _) = (ContinuousClock.now - start).components
        return Moment(time: GraphWorld.now + UInt64(seconds), entropy: .zero)
    }
}

/// A folder that goes with the test.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/salama-test-XXXXXX".utf8CString)
        path = try #require(mkdtemp(&template).map { String(cString: $0) })
    }

    deinit {
        let removal = "rm -rf '\(path)'"
        _ = system(removal)
    }
}

/// Takes note of what peers would get.
final class NotedOutlet: GossipOutlet {
    private struct Contents: Sendable {
        var sent: [(NodeID, Message)] = []
        var disconnected: [NodeID] = []
        var waiting: [@Sendable () -> Void] = []
    }

    private let contents = Mutex(Contents())
    /// Whether what is sent stays on its way.
    let isSlow = Atomic<Bool>(false)

    func sendGossip(
        _ messages: [Message], to peer: NodeID, over connection: UInt64,
        onSent: (@Sendable () -> Void)?
    ) {
        let isSlow = isSlow.load(ordering: .sequentiallyConsistent)
        contents.withLock { contents in
            contents.sent += messages.map { (peer, $0) }
            if isSlow, let onSent { contents.waiting.append(onSent) }
        }
        if !isSlow { onSent?() }
    }

    func warn(_ peer: NodeID, _ text: String, over connection: UInt64, disconnects: Bool) {
        if disconnects { contents.withLock { $0.disconnected.append(peer) } }
    }

    /// Lets everything arrive.
    func takeUp() {
        isSlow.store(false, ordering: .sequentiallyConsistent)
        let waiting = contents.withLock { contents in
            defer { contents.waiting = [] }
            return contents.waiting
        }
        for onSent in waiting { onSent() }
    }

    func sent(to peer: NodeID) -> [Message] {
        contents.withLock { $0.sent.filter { $0.0 == peer }.map(\.1) }
    }

    var disconnected: [NodeID] { contents.withLock { $0.disconnected } }
}

/// Takes note of what the node would be told.
final class NotedListener: GraphListener {
    private struct Contents: Sendable {
        var terms: [ChannelUpdate] = []
        var routes: [RouteQueryID: Result<[FoundRoute], PathError>] = [:]
    }

    private let contents = Mutex(Contents())

    func post(_ input: NodeInput) { deliver(input) }

    func deliver(_ input: NodeInput) {
        contents.withLock { contents in
            if case .peerTerms(let update) = input { contents.terms.append(update) }
            if case .routesFound(let id, let result) = input { contents.routes[id] = result }
        }
    }

    var terms: [ChannelUpdate] { contents.withLock { $0.terms } }

    /// Waits for the routes of a query.
    func route(_ id: RouteQueryID) throws -> Result<[FoundRoute], PathError> {
        try eventually { contents.withLock { $0.routes[id] != nil } }
        return try #require(contents.withLock { $0.routes[id] })
    }
}

/// A channel of two strangers whose output is on the chain, six blocks deep, with all that is told of it.
struct AnnouncedChannel {
    let id: ShortChannelID
    let outPoint: OutPoint
    let announcement: ChannelAnnouncement
    /// The announcement, the first node's update and its announcement.
    let messages: [Message]
    private let nodes: [PrivateKey]
    private let fundings: [PrivateKey]

    init(on chain: EmbeddedChain) throws {
        nodes = try [1, 2].map { try PrivateKey([UInt8](repeating: $0, count: 32)) }
            .sorted { NodeID($0.publicKey) < NodeID($1.publicKey) }
        fundings = try [3, 4].map { try PrivateKey([UInt8](repeating: $0, count: 32)) }
        let keys = fundings.map(\.publicKey).sorted { Point($0) < Point($1) }
        let script = Script.payToWitnessScriptHash(of: try Script.multisig(required: 2, keys))
        (id, outPoint) = try Self.fund(script, on: chain)
        announcement = Self.announcement(id, nodes, fundings)
        let update = Self.update(id, nodes[0]) { _ in }
        var node = NodeAnnouncement()
        node.timestamp = UInt32(GraphWorld.now)
        node.nodeID = announcement.nodeID1
        node.color = [1, 2, 3]
        node.alias = Array("first".utf8) + [UInt8](repeating: 0, count: 27)
        node.signature = WireSignature(nodes[0].sign(node.signedHash))
        messages = [
            .channelAnnouncement(announcement), .channelUpdate(update), .nodeAnnouncement(node),
        ]
    }

    /// A miner's reward: the first block's first output.
    private static func fund(
        _ script: Script, on chain: EmbeddedChain
    ) throws -> (ShortChannelID, OutPoint) {
        try chain.mine(1, to: script)
        try chain.mine(6, to: NodeFixture.nobody)
        let hash = try #require(chain.blockHash(at: BlockHeight(1)))
        let reward = try chain.block(hash).transactions[0]
        let id = try #require(
            ShortChannelID(height: BlockHeight(1), transactionIndex: 0, outputIndex: 0))
        return (id, OutPoint(reward.id, 0))
    }

    private static func announcement(
        _ id: ShortChannelID, _ nodes: [PrivateKey], _ fundings: [PrivateKey]
    ) -> ChannelAnnouncement {
        var message = ChannelAnnouncement()
        message.chainHash = Network.regtest.genesisHash
        message.shortChannelID = id
        message.nodeID1 = NodeID(nodes[0].publicKey)
        message.nodeID2 = NodeID(nodes[1].publicKey)
        message.bitcoinKey1 = Point(fundings[0].publicKey)
        message.bitcoinKey2 = Point(fundings[1].publicKey)
        let hash = message.signedHash
        message.nodeSignature1 = WireSignature(nodes[0].sign(hash))
        message.nodeSignature2 = WireSignature(nodes[1].sign(hash))
        message.bitcoinSignature1 = WireSignature(fundings[0].sign(hash))
        message.bitcoinSignature2 = WireSignature(fundings[1].sign(hash))
        return message
    }

    private static func update(
        _ id: ShortChannelID, _ node: PrivateKey, _ change: (inout ChannelUpdate) -> Void
    ) -> ChannelUpdate {
        var update = ChannelUpdate()
        update.chainHash = Network.regtest.genesisHash
        update.shortChannelID = id
        update.timestamp = UInt32(GraphWorld.now)
        update.messageFlags = 1
        update.cltvExpiryDelta = 40
        update.htlcMinimum = MilliSatoshi(1)
        update.feeBase = 1_000
        update.feeProportionalMillionths = 1
        update.htlcMaximum = MilliSatoshi(990_000_000)
        change(&update)
        update.signature = WireSignature(node.sign(update.signedHash))
        return update
    }

    /// An update of the first node, with what `change` makes of it.
    func update(_ change: (inout ChannelUpdate) -> Void) -> ChannelUpdate {
        Self.update(id, nodes[0], change)
    }

    /// The announcement of a channel at another place.
    func moved(to id: ShortChannelID) -> ChannelAnnouncement {
        Self.announcement(id, nodes, fundings)
    }

    /// A block that spends the output, and one that spends nothing; only what they spend counts.
    var spendingBlock: Block { block([TransactionInput(previousOutput: outPoint)]) }
    var emptyBlock: Block { block([]) }

    private func block(_ inputs: [TransactionInput]) -> Block {
        let header = BlockHeader(
            version: 1, previousBlock: BlockHash(.zero), merkleRoot: .zero, time: 0, bits: 0,
            nonce: 0)
        let coinbase = Transaction(version: 2, inputs: [], outputs: [])
        return Block(
            header: header,
            transactions: [coinbase, Transaction(version: 2, inputs: inputs, outputs: [])])
    }
}

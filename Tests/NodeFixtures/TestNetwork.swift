import Bitcoin
import LightningCommitment
@_spi(Release) import LightningNode
import LightningWallet
import LightningWire
import RegtestChain
import RouteFixtures
import Testing

/// Nodes that talk to each other over the chain that is part of the value.
typealias TestNetwork = NodeNetwork<RegtestChain>

/// Nodes that talk to each other over one regression test chain, in one process and without threads.
struct NodeNetwork<Chain: TestChain> {
    /// What waits to be handed to a node.
    private struct Delivery {
        let receiver: Int
        let input: NodeInput
    }

    /// A connection, between the lower and the higher index.
    private struct Link: Hashable {
        let low: Int
        let high: Int

        init(_ left: Int, _ right: Int) { (low, high) = (min(left, right), max(left, right)) }
    }

    var nodes: [TestNode]
    var chain: Chain
    var now: UInt64
    /// Nodes that do not see blocks for now.
    var asleep: Set<Int> = []
    /// Nodes whose messages do not arrive for now.
    var mute: Set<Int> = []
    /// What the nodes have offered to the network.
    private(set) var offers: [Offer] = []
    /// Whether each batch is followed by a look whether the records make the node that is in memory.
    var checksRecords = true
    /// A node that is to end without warning when so many of its batches are durable, with nothing of the last one released.
    var crash: (index: Int, after: Int)?
    /// What nodes are told of all that they offer, of which the chain then hears nothing; nil for the chain's own word.
    var verdict: BroadcastOutcome?
    /// What all nodes know of channels when they look for routes.
    var finder = TestFinder()
    private var links: Set<Link> = []
    private var queue: [Delivery] = []
    private var entropy: UInt64 = 0

    /// Nodes that know of each other's keys and nothing else.
    init(_ nodes: [TestNode], on chain: Chain, now: UInt64) {
        self.nodes = nodes
        self.chain = chain
        self.now = now
    }

    mutating func moment() -> Moment {
        entropy += 1
        var writer = ByteWriter()
        writer.writeBigEndian(entropy)
        return Moment(time: now, entropy: SHA256.hash(writer.bytes))
    }

    private func index(of peer: PublicKey) -> Int? { nodes.firstIndex { $0.id == peer } }
}

extension NodeNetwork where Chain == RegtestChain {
    /// `count` nodes that know of each other's keys and nothing else.
    init(_ count: Int) throws {
        let nodes = try (1...count).map { try TestNode(number: UInt8($0)) }
        self.init(nodes, on: RegtestChain(), now: 1_700_000_000)
    }

    /// `count` nodes with mature coins of 50 bitcoin each.
    static func funded(_ count: Int) throws -> Self {
        var network = try prepared.get()
        network.nodes.removeLast(network.nodes.count - count)
        return network
    }
}

private let prepared = Result {
    var network = try TestNetwork(4)
    network.checksRecords = false
    for index in network.nodes.indices { try network.fund(index, coins: 3) }
    network.checksRecords = true
    return network
}

/// Transactions that a node offered together, and what became of it.
struct Offer {
    let node: Int
    let transactions: [Transaction]
    let outcome: BroadcastOutcome
}

// MARK: - Peers

extension NodeNetwork {
    mutating func connect(_ left: Int, _ right: Int) throws {
        links.insert(Link(left, right))
        try take([.peerConnected(nodes[right].id)], at: left)
        try take([.peerConnected(nodes[left].id)], at: right)
        try settle()
    }

    mutating func disconnect(_ left: Int, _ right: Int) throws {
        guard links.remove(Link(left, right)) != nil else { return }
        drop(from: left, to: right)
        drop(from: right, to: left)
        try take([.peerDisconnected(nodes[right].id)], at: left)
        try take([.peerDisconnected(nodes[left].id)], at: right)
        try settle()
    }

    /// Loses what is on its way.
    private mutating func drop(from sender: Int, to receiver: Int) {
        let id = nodes[sender].id
        queue.removeAll { delivery in
            guard case .peerMessage(let origin, _) = delivery.input else { return false }
            return delivery.receiver == receiver && origin == id
        }
    }

    func isConnected(_ left: Int, _ right: Int) -> Bool { links.contains(Link(left, right)) }

    /// Bytes that no well-behaved node sends.
    mutating func inject(_ bytes: [UInt8], from sender: Int, to receiver: Int) throws {
        try take([.peerMessage(nodes[sender].id, bytes)], at: receiver)
        try settle()
    }
}

// MARK: - Restarts

extension NodeNetwork {
    /// Ends a node without warning and starts it again; it has lost its connections and all that its peers had on the way
    /// to it.
    mutating func restart(_ index: Int) throws {
        let peers = nodes.indices.filter { isConnected(index, $0) }
        for peer in peers {
            links.remove(Link(index, peer))
            drop(from: peer, to: index)
            drop(from: index, to: peer)
        }
        queue.removeAll { $0.receiver == index }
        try nodes[index].restart()
        for peer in peers { try take([.peerDisconnected(nodes[index].id)], at: peer) }
        try take([.tick], at: index)
        try follow(index)
        for peer in peers { try connect(index, peer) }
    }
}

// MARK: - Batches

extension NodeNetwork {
    /// Hands a node a batch, and queues what follows from it.
    mutating func take(_ inputs: [NodeInput], at index: Int) throws {
        var moments: [Moment] = []
        for _ in 0...inputs.count { moments.append(moment()) }
        var next = 0
        let effects = nodes[index].take(inputs) {
            next += 1
            return moments[next - 1]
        }
        if let crash, crash.index == index {
            self.crash = crash.after > 1 ? (index, crash.after - 1) : nil
            guard self.crash != nil else { return try restart(index) }
        }
        for effect in effects { try perform(effect, for: index) }
        if checksRecords, nodes[index].hasWritten {
            let differences = try nodes[index].node.differences(from: nodes[index].rebuilt())
            try #require(differences.isEmpty, "node \(index): memory is not what the records make")
        }
    }

    private mutating func perform(_ effect: NodeEffect, for index: Int) throws {
        switch effect {
        case .broadcast(let transaction): offer([transaction], for: index)
        case .broadcastPackage(let transactions): offer(transactions, for: index)
        case .send(let peer, let messages):
            guard let receiver = self.index(of: peer), isConnected(index, receiver),
                !mute.contains(index)
            else { return }
            for message in messages { deliver(message, from: index, to: receiver) }
        case .disconnect(let peer):
            guard let receiver = self.index(of: peer),
                links.remove(Link(index, receiver)) != nil
            else { return }
            // What is out already arrives first; what the peer has sent meanwhile finds nobody.
            drop(from: receiver, to: index)
            queue.append(Delivery(receiver: receiver, input: .peerDisconnected(nodes[index].id)))
            queue.append(Delivery(receiver: index, input: .peerDisconnected(peer)))
        case .load(let id, let table, let prefix):
            let records = nodes[index].records(of: table, prefix: prefix)
            queue.append(Delivery(receiver: index, input: .loaded(id, records)))
        case .reply(let id, let result): nodes[index].note(result, to: id)
        case .findRoutes(let id, let query):
            let found = finder.find(query, at: now)
            queue.append(Delivery(receiver: index, input: .routesFound(id, found)))
        case .learn(let lessons): finder.learn(lessons, at: now)
        case .notify(let news): nodes[index].note(news)
        case .gossip(let messages):
            nodes[index].gossip += messages
            for receiver in nodes.indices
            where isConnected(index, receiver) && !mute.contains(index) {
                for message in messages { deliver(message, from: index, to: receiver) }
            }
        case .localChannels(let names): nodes[index].localChannels = names
        case .watchGrew, .scanAgain, .tell, .keepPeers: break
        }
    }

    /// Hands a message on; of gossip only what the peer says of its channel with the receiver comes to the node itself.
    private mutating func deliver(_ message: Message, from sender: Int, to receiver: Int) {
        switch message {
        case .channelUpdate(let update):
            queue.append(Delivery(receiver: receiver, input: .peerTerms(update)))
        case .channelAnnouncement, .nodeAnnouncement: break
        default:
            queue.append(
                Delivery(
                    receiver: receiver, input: .peerMessage(nodes[sender].id, message.encoded)))
        }
    }

    private mutating func offer(_ transactions: [Transaction], for index: Int) {
        let outcome = verdict ?? chain.offer(transactions, now: UInt32(now))
        offers.append(Offer(node: index, transactions: transactions, outcome: outcome))
        for transaction in transactions {
            queue.append(
                Delivery(receiver: index, input: .broadcastAnswered(transaction.id, outcome)))
        }
    }

    /// Delivers what is on its way until nothing is, one batch to a node at a time.
    mutating func settle() throws {
        var turns = 0
        while let first = queue.first {
            turns += 1
            try #require(turns < 100_000, "the network never comes to rest")
            let batch = queue.filter { $0.receiver == first.receiver }
            queue.removeAll { $0.receiver == first.receiver }
            try take(batch.map(\.input), at: first.receiver)
        }
    }

    /// Asks a node for something and waits until the network is at rest.
    mutating func ask(_ index: Int, _ request: NodeRequest) throws -> NodeReply {
        let id = nodes[index].nextRequest()
        try take([.request(id, request)], at: index)
        try settle()
        return try #require(nodes[index].answers[id]).get()
    }
}

import Bitcoin
import Glibc
import LightningGraph
import LightningNode
import LightningWire
@testable import NodeRuntime
import Synchronization
import Testing
import Threads

/// The thread of all connections, with a node and a graph that only take notes.
struct PeerLoopTests {
    @Test("what the graph has for a connection that has ended does not go over the next one")
    func oldConnection() throws {
        let world = try LoopWorld()
        let first = try RawPeer(world.endpoint)
        try first.greet(world.key)
        let second = try RawPeer(world.endpoint, key: first.key)
        try second.greet(world.key)
        try eventually { world.connections.count == 2 }
        let numbers = world.connections
        let key = first.key.publicKey
        let sent = Mutex(0)
        world.perform { loop in
            for number in numbers {
                let filter = GossipTimestampFilter(
                    chainHash: BlockHash(.zero), firstTimestamp: UInt32(number), timestampRange: 0)
                loop.sendGossip(
                    [Message.gossipTimestampFilter(filter).encoded], to: key, over: number
                ) { sent.withLock { $0 += 1 } }
                let isOld = number == numbers[0]
                loop.warn(key, "over \(number)", over: number, disconnects: isOld)
            }
        }
        for _ in 0..<2 {
            switch try second.receive() {
            case .gossipTimestampFilter(let filter):
                #expect(UInt64(filter.firstTimestamp) == numbers[1])
            case .warning(let warning):
                #expect(String(decoding: warning.data, as: UTF8.self) == "over \(numbers[1])")
            case let other: Issue.record("\(other)")
            }
        }
        try eventually { sent.withLock { $0 } == 2 }
        let isThere = Mutex(false)
        world.perform { loop in isThere.withLock { $0 = loop.peers[key]?.id == numbers[1] } }
        #expect(isThere.withLock { $0 })
        world.stop()
    }

    @Test("a stranger that leaves gossip unread is disconnected before much of it waits")
    func unreadGossip() throws {
        var settings = PeerSettings.local
        settings.limits.strangersUnsentBytes = 1 << 20
        let world = try LoopWorld(settings)
        let peer = try RawPeer(world.endpoint)
        try peer.greet(world.key)
        try eventually { world.connections.count == 1 }
        let (key, number) = (peer.key.publicKey, world.connections[0])
        let message = Message.unknown(type: 265, payload: [UInt8](repeating: 0, count: 60_000))
        let batch = [[UInt8]](repeating: message.encoded, count: 8)
        let waiting = Mutex(0)
        // What the kernel keeps on both sides comes on top.
        for _ in 0..<200 where waiting.withLock({ $0 }) >= 0 {
            world.perform { loop in
                loop.sendGossip(batch, to: key, over: number, onSent: nil)
                let count = loop.peers[key].map { $0.unsentCount + $0.gossip.byteCount }
                waiting.withLock { $0 = count ?? -1 }
            }
            #expect(waiting.withLock { $0 } < 2 << 20)
        }
        #expect(waiting.withLock { $0 } == -1)
        world.stop()
    }

    @Test(
        "of HTLCs without end as many are taken at once as their onions allow, and others are heard meanwhile"
    )
    func onions() throws {
        var settings = PeerSettings.local
        settings.limits.strangersWaitingOperations = 80
        settings.limits.strangersWaitingBytes = 1 << 20
        settings.limits.strangersWaitingMessages = 1_000
        let world = try LoopWorld(settings)
        world.node.isHolding.withLock { $0 = true }
        let (flooder, other) = (try RawPeer(world.endpoint), try RawPeer(world.endpoint))
        for peer in [flooder, other] { try peer.greet(world.key) }
        // What is in it is not looked at here.
        let htlc = Message.unknown(
            type: UpdateAddHTLC.type, payload: [UInt8](repeating: 0, count: 1_450)
        ).encoded
        try flooder.send(encoded: [[UInt8]](repeating: htlc, count: 200))
        let key = flooder.key.publicKey
        try eventually { world.node.count(UpdateAddHTLC.type, of: key) == 20 }
        // Whoever is heard now was read after that.
        for _ in 0..<3 { try other.send(.ping(wanting: 1)) }
        try eventually { world.node.count(Ping.type, of: other.key.publicKey) == 3 }
        #expect(world.node.count(UpdateAddHTLC.type, of: key) == 20)
        // Processed, they make room for the next ones; nothing is lost.
        world.node.isHolding.withLock { $0 = false }
        world.node.tickets.withLock { $0 = [] }
        try eventually { world.node.count(UpdateAddHTLC.type, of: key) == 200 }
        world.stop()
    }

    @Test("whoever knocks while the node stops does not keep its thread busy")
    func stopping() throws {
        let world = try LoopWorld()
        world.perform { $0.endReading() }
        // The kernel lets it in, and nobody takes it.
        let peer = try RawPeer(world.endpoint)
        let turns = world.turns
        SystemThread.sleep(milliseconds: 300)
        #expect(world.turns - turns < 20)
        withExtendedLifetime(peer) {}
        world.stop()
    }
}

/// A peers' thread whose node greets, and whose graph takes notes.
private final class LoopWorld: Sendable {
    let loop: PeerLoop
    let endpoint: PeerEndpoint
    let key: PublicKey
    let node = GreetingNode()
    private let listeners: [PeerListener]
    private let sink = NotedSink()
    private let thread: SystemThread

    init(_ settings: PeerSettings = .local) throws {
        let identity = try PrivateKey([UInt8](repeating: 77, count: 32))
        key = identity.publicKey
        listeners = try PeerListener.open(PeerEndpoint(host: "127.0.0.1", port: 0))
        endpoint = listeners[0].endpoint
        let loop = try PeerLoop(
            settings, identity: identity, listeners: listeners, log: .silent, inputs: node,
            sink: sink, customMessages: Subscribers())
        self.loop = loop
        node.loop.withLock { $0 = loop }
        thread = SystemThread("peers") { loop.run() }
    }

    /// The numbers of the connections that the graph was told of.
    var connections: [UInt64] { sink.connections.withLock { $0 } }

    /// How often the thread has looked what there is to do.
    var turns: UInt64 {
        let count = Mutex<UInt64>(0)
        perform { loop in count.withLock { $0 = loop.turnCount } }
        return count.withLock { $0 }
    }

    /// Runs `body` on the thread, and waits for it.
    func perform(_ body: @escaping @Sendable (PeerLoop) -> Void) {
        let box = Waiter<Void>()
        loop.post { loop in
            body(loop)
            box.fill(())
        }
        box.wait()
    }

    func stop() {
        loop.post { $0.end() }
        thread.join()
    }
}

/// A node that greets every peer, and counts what it hears.
private final class GreetingNode: PeerInputs {
    let loop = Mutex<PeerLoop?>(nil)

    func connectionChanged(_ input: NodeInput) {
        guard case .peerConnected(let key) = input, let loop = loop.withLock({ $0 }) else { return }
        let greeting = Init(globalFeatures: Features(), features: .standard)
        loop.post { $0.send([.initialize(greeting)], to: key) }
    }

    /// Whether what it hears stays unprocessed.
    let isHolding = Mutex(false)
    let tickets = Mutex<[InboundTicket]>([])
    private let heard = Mutex<[PublicKey: [UInt16: Int]]>([:])

    /// How many messages of a type a peer has sent.
    func count(_ type: UInt16, of peer: PublicKey) -> Int {
        heard.withLock { $0[peer]?[type] ?? 0 }
    }

    func received(_ messages: [[UInt8]], from peer: PublicKey, ticket: InboundTicket) {
        heard.withLock { heard in
            for message in messages {
                let type = UInt16(message[0]) << 8 | UInt16(message[1])
                heard[peer, default: [:]][type, default: 0] += 1
            }
        }
        if isHolding.withLock({ $0 }) { tickets.withLock { $0.append(ticket) } }
    }
}

/// A graph that remembers connections.
private final class NotedSink: GossipSink {
    let connections = Mutex<[UInt64]>([])

    func peerConnected(
        _ peer: NodeID, over connection: UInt64, features: Features, chains: [BlockHash]?
    ) { connections.withLock { $0.append(connection) } }

    func receive(_ messages: [[UInt8]], from peer: NodeID, ticket: InboundTicket) {}

    func peerDisconnected(_ peer: NodeID) {}
}

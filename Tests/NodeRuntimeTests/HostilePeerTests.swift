import Bitcoin
import ChainBackend
import LightningNode
import LightningWire
import NodeRuntime
import NodeStorage
import Synchronization
import Testing
import Threads

/// No peer grows the node's memory, keeps others from being served, or is dropped in silence.
struct HostilePeerTests {
    private static func node(
        _ store: any RecordStore = MemoryStore(), _ change: (inout PeerSettings) -> Void
    ) throws -> NodeFixture {
        var settings = PeerSettings.local
        change(&settings)
        return try NodeFixture(store: store, peers: settings)
    }

    @Test(
        "a peer's socket is not read while what it sent waits for the node, and nothing of it is lost"
    )
    func backPressure() throws {
        let store = GatedStore()
        let node = try Self.node(store) { settings in
            settings.limits.strangersWaitingMessages = 50
            settings.limits.strangersWaitingBytes = 200_000
        }
        let peer = try RawPeer(node.peerAddress.endpoint)
        try peer.greet(node.key)
        store.behaviour = .hold
        node.service.submit(.books(.newAddress(.taproot, reuse: false))) { _ in }
        let ping = Ping(pongByteCount: 0, ignored: [UInt8](repeating: 7, count: 60_000))
        let poured = try peer.pour([ping.encoded], upTo: 200 << 20)
        // What the kernel keeps on both sides comes on top of the node's own limit.
        #expect(poured < 64 << 20)
        let received = try #require(node.service.peers.reports.first).bytesReceived
        #expect(received < 1 << 20)
        store.behaviour = .pass
        // Each ping that was sent whole is answered.
        for _ in 0..<(poured / 60_100) {
            _ = try peer.receivePong()
        }
        node.service.stop()
    }

    @Test("what waits for the node is bounded over all peers, and nothing of it is lost")
    func commonBackPressure() throws {
        let store = GatedStore()
        let node = try Self.node(store) { settings in
            settings.limits.strangersWaitingBytes = 200_000
            settings.limits.waitingInAll = 400_000
        }
        let endpoint = try node.peerAddress.endpoint
        let peers = try (0..<5).map { _ in try RawPeer(endpoint) }
        for peer in peers { try peer.greet(node.key) }
        store.behaviour = .hold
        node.service.submit(.books(.newAddress(.taproot, reuse: false))) { _ in }
        let ping = Ping(pongByteCount: 0, ignored: [UInt8](repeating: 7, count: 20_000))
        let poured = try peers.map { try $0.pour([ping.encoded], upTo: 400_000) }
        // Each of them has had one more read.
        let received = node.service.peers.reports.reduce(0) { $0 + $1.bytesReceived }
        #expect(received < 800_000)
        store.behaviour = .pass
        for (peer, bytes) in zip(peers, poured) {
            for _ in 0..<(bytes / 20_100) { _ = try peer.receivePong() }
        }
        node.service.stop()
    }

    @Test("a peer that does not read is disconnected")
    func noReader() throws {
        let node = try Self.node { $0.limits.strangersUnsentBytes = 2 << 20 }
        let peer = try RawPeer(node.peerAddress.endpoint)
        try peer.greet(node.key)
        let flood = [[UInt8]](repeating: Message.ping(wanting: 65_000).encoded, count: 100)
        #expect(throws: RawPeer.Failure.closed) {
            for _ in 0..<200 { _ = try peer.pour(flood, upTo: 1) }
        }
        try eventually { node.service.peers.reports.isEmpty }
        node.service.stop()
    }

    @Test("a peer that leaves what is sent to it unread for too long is disconnected")
    func stalled() throws {
        let node = try Self.node { settings in
            settings.limits.stallTimeout = 300
            settings.limits.strangersUnsentBytes = 64 << 20
        }
        let peer = try RawPeer(node.peerAddress.endpoint)
        try peer.greet(node.key)
        // More than the kernel keeps, and less than the node does.
        let flood = [[UInt8]](repeating: Message.ping(wanting: 65_000).encoded, count: 300)
        _ = try peer.pour(flood, upTo: 1)
        try eventually { node.service.peers.reports.isEmpty }
        node.service.stop()
    }

    @Test("whoever proves nothing is disconnected after a while")
    func silence() throws {
        let node = try Self.node { $0.limits.handshakeTimeout = 200 }
        let silent = try RawPeer(node.peerAddress.endpoint)
        #expect(silent.isClosed())
        // So is who proves a key and does not greet.
        let mute = try RawPeer(node.peerAddress.endpoint)
        try mute.shakeHands(with: node.key)
        #expect(mute.isClosed())
        node.service.stop()
    }

    @Test("one address has few connections that prove nothing")
    func crowd() throws {
        let node = try Self.node { $0.limits.unprovenPerNetwork = 3 }
        let endpoint = try node.peerAddress.endpoint
        let first = try (0..<3).map { _ in try RawPeer(endpoint) }
        let late = try RawPeer(endpoint)
        #expect(late.isClosed())
        // Others are not concerned.
        let other = try RawPeer(endpoint, source: "127.0.0.9")
        try other.greet(node.key)
        withExtendedLifetime(first) {}
        node.service.stop()
    }

    @Test("whom Tor hands on from this machine is not counted as one address")
    func crowdThroughTor() throws {
        let node = try Self.node { settings in
            settings.limits.unprovenPerNetwork = 3
            settings.torHost = "localhost"
        }
        let endpoint = try node.peerAddress.endpoint
        let crowd = try (0..<6).map { _ in try RawPeer(endpoint) }
        let honest = try RawPeer(endpoint)
        try honest.greet(node.key)
        withExtendedLifetime(crowd) {}
        node.service.stop()
    }

    @Test("with too many connections that prove nothing the oldest of whoever has most goes")
    func eviction() throws {
        let node = try Self.node { $0.limits.unproven = 4 }
        let endpoint = try node.peerAddress.endpoint
        let crowd = try (0..<4).map { _ in try RawPeer(endpoint) }
        let honest = try RawPeer(endpoint, source: "127.0.0.9")
        try honest.greet(node.key)
        #expect(crowd[0].isClosed())
        node.service.stop()
    }

    @Test("connections beyond the rate wait for their turn")
    func rate() throws {
        let node = try Self.node { settings in
            settings.limits.acceptedAtOnce = 2
            settings.limits.acceptedPerSecond = 10
        }
        let (endpoint, key) = (try node.peerAddress.endpoint, try node.key)
        let begin = ContinuousClock.now
        for _ in 0..<6 { try RawPeer(endpoint).greet(key) }
        #expect(ContinuousClock.now - begin > .milliseconds(300))
        node.service.stop()
    }

    @Test("there is room for so many peers without channels, and then for none")
    func strangers() throws {
        let node = try Self.node { $0.limits.strangers = 2 }
        let (endpoint, key) = (try node.peerAddress.endpoint, try node.key)
        let peers = try (0..<2).map { _ in try RawPeer(endpoint) }
        for peer in peers { try peer.greet(key) }
        let late = try RawPeer(endpoint)
        try late.shakeHands(with: key)
        #expect(late.isClosed())
        // One that comes back takes its own place.
        let again = try RawPeer(endpoint, key: peers[0].key)
        try again.greet(key)
        #expect(peers[0].isClosed())
        node.service.stop()
    }

    @Test("bytes that nobody encrypted end the connection, and the node serves others")
    func garbage() throws {
        let node = try Self.node { _ in }
        let (endpoint, key) = (try node.peerAddress.endpoint, try node.key)
        let noise = try RawPeer(endpoint)
        try noise.sendRaw([UInt8](repeating: 0xff, count: 50))
        #expect(noise.isClosed())
        let liar = try RawPeer(endpoint)
        try liar.greet(key)
        try liar.sendRaw([UInt8](repeating: 0x55, count: 18))
        #expect(liar.isClosed())
        let honest = try RawPeer(endpoint)
        try honest.greet(key)
        try honest.send(.ping(wanting: 3))
        #expect(try honest.receivePong().ignored.count == 3)
        node.service.stop()
    }

    @Test("a peer is served while another floods the node")
    func fairness() throws {
        let node = try Self.node { _ in }
        let (endpoint, key) = (try node.peerAddress.endpoint, try node.key)
        let flooder = try RawPeer(endpoint)
        try flooder.greet(key)
        let flood = [[UInt8]](repeating: Message.ping(wanting: 65_535).encoded, count: 500)
        let parcel = Parcel(flooder)
        let stop = Mutex(false)
        let thread = SystemThread("flooder") {
            while !stop.withLock({ $0 }) {
                guard (try? parcel.peer.send(encoded: flood)) != nil else { return }
            }
        }
        let honest = try RawPeer(endpoint)
        try honest.greet(key)
        for _ in 0..<20 {
            let begin = ContinuousClock.now
            try honest.send(.ping(wanting: 1))
            _ = try honest.receivePong()
            #expect(ContinuousClock.now - begin < .seconds(2))
        }
        stop.withLock { $0 = true }
        thread.join()
        node.service.stop()
    }
}

/// Hands a peer to another thread, which alone uses it from then on.
private final class Parcel: @unchecked Sendable {
    let peer: RawPeer

    init(_ peer: RawPeer) { self.peer = peer }
}

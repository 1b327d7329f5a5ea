import Bitcoin
import Glibc
import LightningNode
import LightningWire
import NodeRuntime
import NodeStorage
import Synchronization
import Testing
import Threads

/// Making connections, and why there is none.
struct ConnectingTests {
    @Test("each reason for which there is no connection is told")
    func reasons() throws {
        let node = try NodeFixture()
        let other = try NodeFixture(chain: node.chain)
        let address = try other.peerAddress
        func connect(_ key: PublicKey, _ endpoint: PeerEndpoint) throws {
            try node.service.peers.connect(
                PeerAddress(key: key, endpoint: endpoint), permanent: false)
        }
        let stranger = try PrivateKey(SystemEntropy.hash()).publicKey
        #expect(throws: PeerConnectError.isSelf) { try connect(node.key, address.endpoint) }
        // BOLT 8 lets who has another key end the connection without a word.
        #expect(throws: PeerConnectError.handshakeRefused(address.endpoint)) {
            try connect(stranger, address.endpoint)
        }
        let onion = PeerEndpoint(host: String(repeating: "a", count: 56) + ".onion")
        #expect(throws: PeerConnectError.needsTor(onion)) { try connect(address.key, onion) }
        let nowhere = PeerEndpoint(host: "no-such-host.invalid")
        #expect {
            try connect(address.key, nowhere)
        } throws: { error in
            guard case PeerConnectError.unknownHost(let host, _) = error else { return false }
            return host == nowhere.host
        }
        try connect(address.key, address.endpoint)
        #expect(throws: PeerConnectError.alreadyConnected(address.endpoint)) {
            try connect(address.key, address.endpoint)
        }
        other.service.stop()
        #expect(throws: PeerConnectError.refused(address.endpoint)) {
            try eventually { node.service.peers.reports.isEmpty }
            try connect(address.key, address.endpoint)
        }
        node.service.stop()
        #expect(throws: PeerConnectError.notRunning) {
            try connect(address.key, address.endpoint)
        }
    }

    @Test("what listens and says nothing is given up on")
    func silence() throws {
        var settings = PeerSettings.local
        settings.limits.handshakeTimeout = 200
        let node = try NodeFixture(peers: settings)
        let silent = PeerManager(.local, log: .silent)
        try silent.listen()
        let endpoint = try #require(silent.listening.first)
        let key = try PrivateKey(SystemEntropy.hash()).publicKey
        #expect(throws: PeerConnectError.timedOut(endpoint)) {
            try node.service.peers.connect(
                PeerAddress(key: key, endpoint: endpoint), permanent: false)
        }
        node.service.stop()
    }

    @Test("who does not want to wait any longer is told so, and the try goes on")
    func impatience() throws {
        var settings = PeerSettings.local
        settings.limits.handshakeTimeout = 600_000
        let node = try NodeFixture(peers: settings)
        let silent = PeerManager(.local, log: .silent)
        try silent.listen()
        let endpoint = try #require(silent.listening.first)
        let address = PeerAddress(
            key: try PrivateKey(SystemEntropy.hash()).publicKey, endpoint: endpoint)
        let answers = Mutex<[Result<Void, PeerConnectError>]>([])
        for timeout in [100, 200, nil] as [UInt64?] {
            node.service.peers.connect(address, permanent: false, timeout: timeout) { result in
                answers.withLock { $0.append(result) }
            }
        }
        try eventually { answers.withLock { $0.count } == 2 }
        for answer in answers.withLock({ $0 }) {
            #expect(throws: PeerConnectError.tooSlow) { try answer.get() }
        }
        node.service.stop()
        #expect(answers.withLock { $0.count } == 3)
        #expect(throws: PeerConnectError.notRunning) { try answers.withLock { $0[2] }.get() }
    }

    @Test("a peer that demands what the node does not know is told so, and the connection ends")
    func otherFeatures() throws {
        let node = try NodeFixture()
        let peer = try RawPeer(node.peerAddress.endpoint)
        var features = Features.standard
        features.set(1_000)
        try peer.greet(node.key, features: features)
        var warning: WarningMessage?
        while warning == nil {
            if case .warning(let message) = try peer.receive() { warning = message }
        }
        let reason = String(decoding: try #require(warning).data, as: UTF8.self)
        #expect(reason.contains("1000"))
        #expect(peer.isClosed())
        node.service.stop()
    }

    @Test("two nodes that connect to each other at the same moment keep one connection, for good")
    func simultaneous() throws {
        let alice = try NodeFixture()
        let bob = try NodeFixture(chain: alice.chain)
        let (toAlice, toBob) = (try alice.peerAddress, try bob.peerAddress)
        for _ in 0..<20 {
            let threads = [
                SystemThread("alice") { try? alice.service.peers.connect(toBob, permanent: false) },
                SystemThread("bob") { try? bob.service.peers.connect(toAlice, permanent: false) },
            ]
            for thread in threads { thread.join() }
            try eventually { try alice.isConnected(to: bob) && bob.isConnected(to: alice) }
            SystemThread.sleep(milliseconds: 50)
            let left = alice.service.peers.reports
            let right = bob.service.peers.reports
            #expect(left.count == 1 && right.count == 1)
            #expect(left.first?.isInbound != right.first?.isInbound)
            SystemThread.sleep(milliseconds: 50)
            #expect(alice.service.peers.reports.first?.flapCount == left.first?.flapCount)
            #expect(alice.service.peers.disconnect(toBob.key))
            try eventually {
                alice.service.peers.reports.isEmpty && bob.service.peers.reports.isEmpty
            }
        }
        alice.service.stop()
        bob.service.stop()
    }

    @Test("a permanent peer is connected again after it went, and after a restart")
    func permanent() throws {
        let alice = try NodeFixture()
        let bob = try NodeFixture(chain: alice.chain)
        let address = try bob.peerAddress
        try alice.connect(to: bob, permanent: true)
        let key = try alice.key
        try eventually { bob.service.peers.reports.contains { $0.key == key } }
        // The peer hangs up, as when it restarts.
        #expect(bob.service.peers.disconnect(key))
        try eventually { (alice.service.peers.reports.first?.flapCount ?? 0) > 0 }
        alice.service.stop()
        let again = try NodeFixture(chain: alice.chain, store: alice.store)
        try eventually { try again.isConnected(to: bob) }
        // Once the user does not want it any more it stays away.
        #expect(again.service.peers.disconnect(address.key))
        try eventually { again.service.peers.reports.isEmpty }
        SystemThread.sleep(milliseconds: 300)
        #expect(again.service.peers.reports.isEmpty)
        again.service.stop()
        bob.service.stop()
    }

    @Test("messages of other programs go from node to node")
    func custom() throws {
        let alice = try NodeFixture()
        let bob = try NodeFixture(chain: alice.chain)
        try alice.connect(to: bob)
        let (left, right) = (try alice.key, try bob.key)
        let received = Mutex<[CustomMessage]>([])
        let subscription = bob.service.peers.subscribeToCustomMessages { message in
            received.withLock { $0.append(message) }
        }
        try eventually { try bob.isConnected(to: alice) }
        #expect(
            alice.service.peers.send(CustomMessage(peer: right, type: 40_001, payload: [1, 2, 3])))
        let expected = CustomMessage(peer: left, type: 40_001, payload: [1, 2, 3])
        try eventually { received.withLock { $0 } == [expected] }
        #expect(!alice.service.peers.send(CustomMessage(peer: left, type: 40_001, payload: [])))
        withExtendedLifetime(subscription) {}
        alice.service.stop()
        bob.service.stop()
    }

    @Test(
        "places are read in all forms that people write",
        arguments: [
            ("127.0.0.1:9736", "127.0.0.1:9736"), ("127.0.0.1", "127.0.0.1:9735"),
            ("[::1]:10009", "[::1]:10009"), ("::1", "[::1]:9735"), ("[::1]", "[::1]:9735"),
            ("node.example", "node.example:9735"), ("node.example:1", "node.example:1"),
        ])
    func endpoints(_ text: String, _ expected: String) {
        #expect(PeerEndpoint(text)?.text == expected)
    }

    @Test(
        "what is no place is refused",
        arguments: ["", ":1", "a:b", "a:1:2", "a:70000", "[::1", "[::1]x", "[a]:1", "a b", "a/b"])
    func wrongEndpoints(_ text: String) {
        #expect(PeerEndpoint(text) == nil)
    }
}

import Bitcoin
@_spi(Release) import LightningNode
import LightningWire
@testable import NodeFixtures
import Testing

/// Connections, from `init` to their end.
struct PeerTests {
    /// A node of the test's own and a peer played by the test.
    struct Peer {
        var network: TestNetwork
        let peer: PublicKey

        init() throws {
            network = try TestNetwork(2)
            peer = network.nodes[1].id
        }

        /// What the node asks for when it gets `input`.
        mutating func give(_ input: NodeInput) -> [NodeEffect] {
            let now = network.now
            return network.nodes[0].take([input]) {
                Moment(time: now, entropy: SHA256.hash([1]))
            }
        }

        mutating func send(_ message: Message) -> [NodeEffect] {
            give(.peerMessage(peer, message.encoded))
        }

        /// Connects, with both sides' `init` exchanged.
        static func greeted() throws -> Peer {
            var peer = try Peer()
            _ = peer.give(.peerConnected(peer.peer))
            #expect(peer.send(greeting()).messages.isEmpty)
            return peer
        }

        static func greeting(
            _ features: Features = .standard, networks: [BlockHash]? = nil
        ) -> Message {
            .initialize(
                Init(
                    globalFeatures: Features(), features: features,
                    tlvs: InitTLVs(networks: networks)))
        }
    }

    @Test("two nodes greet each other and stay connected")
    func greeting() throws {
        var network = try TestNetwork(2)
        try network.connect(0, 1)
        #expect(network.isConnected(0, 1))
        #expect(network.nodes[0].log.contains { $0.message.hasSuffix("is connected") })
    }

    @Test("the first message of the node is its init, with its features and its chain")
    func firstMessage() throws {
        var peer = try Peer()
        let sent = peer.give(.peerConnected(peer.peer)).messages
        guard case .initialize(let greeting) = sent.first, sent.count == 1 else {
            Issue.record("no init was sent")
            return
        }
        #expect(greeting.features == .standard)
        #expect(greeting.tlvs.networks == [Network.regtest.genesisHash])
    }

    @Test(
        "what must not be accepted ends the connection with a warning",
        arguments: [
            ("an unknown even message", [0x00, 0xFE]),
            ("a cut off message", [0x00, 0x84, 0x01]),
            ("no type", [0x01]),
            ("nothing", []),
            ("a second init", Peer.greeting().encoded),
            ("a pong that nobody asked for", Message.pong(Pong(ignored: [0])).encoded),
        ] as [(String, [UInt8])])
    func garbage(what: String, bytes: [UInt8]) throws {
        var peer = try Peer.greeted()
        let effects = peer.give(.peerMessage(peer.peer, bytes))
        #expect(effects.endsConnection)
        guard case .warning = effects.messages.first else {
            Issue.record("no warning was sent")
            return
        }
        // What the peer had sent before it learnt of that means nothing.
        let ping = Message.ping(Ping(pongByteCount: 1, ignored: []))
        #expect(peer.send(ping).isEmpty)
    }

    @Test(
        "a peer is told which field of its message is wrong, and why",
        arguments: [
            (
                [0x00, 0xFE],
                "message of type 254: not known here, and its even number says that it must be"
            ),
            (
                [0x00, 0x84, 0x01],
                "commitment_signed: channel_id: it ends early: 32 bytes are needed, 1 are there"
            ),
            ([0x01], "a message of 1 bytes has no type"),
            (
                [0x00, 0x12, 0x00, 0x01, 0x00, 0x04, 0x00],
                "ping: ignored: it ends early: 4 bytes are needed, 1 are there"
            ),
            (
                Message.shutdown(Shutdown(channelID: .all, script: Script([]))).encoded
                    + [0x02, 0x00],
                "extension: type 2: not known here, and its even number says that it must be"
            ),
        ] as [([UInt8], String)])
    func texts(bytes: [UInt8], text: String) throws {
        var peer = try Peer.greeted()
        guard case .warning(let warning) = peer.give(.peerMessage(peer.peer, bytes)).messages.first
        else {
            Issue.record("no warning was sent")
            return
        }
        #expect(String(decoding: warning.data, as: UTF8.self) == text)
    }

    @Test("an unknown odd message is ignored")
    func unknownOdd() throws {
        var peer = try Peer.greeted()
        #expect(peer.send(.unknown(type: 0xFFFF, payload: [1, 2, 3])).isEmpty)
    }

    @Test(
        "an init that does not fit ends the connection",
        arguments: [
            Peer.greeting(Features(bits: [1_000])),
            Peer.greeting(Features(bits: [Feature.basicMultiPartPayment.evenBit])),
            Peer.greeting(networks: [Network.mainnet.genesisHash]),
            .ping(Ping(pongByteCount: 1, ignored: [])),
        ])
    func misfit(message: Message) throws {
        var peer = try Peer()
        _ = peer.give(.peerConnected(peer.peer))
        #expect(peer.send(message).endsConnection)
    }

    @Test("a ping is answered with as many bytes as it asks for", arguments: [0, 7, 65_531])
    func ping(count: UInt16) throws {
        var peer = try Peer.greeted()
        let answer = peer.send(.ping(Ping(pongByteCount: count, ignored: [1, 2])))
        #expect(answer.messages == [.pong(Pong(ignored: Array(repeating: 0, count: Int(count))))])
    }

    @Test("a ping that asks for more than fits a message is ignored")
    func ignoredPing() throws {
        var peer = try Peer.greeted()
        #expect(peer.send(.ping(Ping(pongByteCount: 65_532, ignored: []))).isEmpty)
    }

    @Test("a silent peer is pinged; one that answers stays, one that does not is given up")
    func silence() throws {
        var peer = try Peer.greeted()
        peer.network.now += 60
        guard case .ping(let ping) = peer.give(.tick).messages.first else {
            Issue.record("no ping was sent")
            return
        }
        let padding = [UInt8](repeating: 0, count: Int(ping.pongByteCount))
        #expect(peer.send(.pong(Pong(ignored: padding))).isEmpty)
        peer.network.now += 60
        #expect(peer.give(.tick).messages.count == 1)
        peer.network.now += 29
        #expect(peer.give(.tick).isEmpty)
        peer.network.now += 1
        #expect(peer.give(.tick).endsConnection)
    }

    @Test("a peer that is never silent is pinged too, and not given up while it speaks")
    func talkative() throws {
        var peer = try Peer.greeted()
        var pings = 0
        for _ in 0..<20 {
            peer.network.now += 9
            for case .ping in peer.give(.tick).messages { pings += 1 }
            #expect(peer.send(.unknown(type: 0xFFFF, payload: [])).isEmpty)
        }
        #expect(pings == 1)
        peer.network.now += 30
        #expect(peer.give(.tick).endsConnection)
    }

    @Test("what is said of a channel that is not known is answered with an error that names it")
    func unknownChannel() throws {
        var peer = try Peer.greeted()
        let id = ChannelID(SHA256.hash([9]))
        let answer = peer.send(.shutdown(Shutdown(channelID: id, script: TestNode.nobody)))
        guard case .error(let error) = answer.messages.first else {
            Issue.record("no error was sent")
            return
        }
        #expect(error.channelID == id)
    }
}

extension [NodeEffect] {
    /// The messages to peers, in order.
    var messages: [Message] {
        flatMap { effect -> [Message] in
            if case .send(_, let messages) = effect { messages } else { [] }
        }
    }

    var endsConnection: Bool {
        contains { effect in
            if case .disconnect = effect { true } else { false }
        }
    }
}

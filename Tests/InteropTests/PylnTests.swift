import Bitcoin
import FoundationEssentials
import Glibc
import LightningCrypto
import LightningWire
import TestSupport
import Testing

/// The transport and the messages of a connection's start, against pyln-proto: a second implementation of BOLT 8 and BOLT 1.
@Suite(
    "A peer of another make", .serialized,
    .enabled(if: PackageFiles.pyln != nil, "there is no pyln-proto: see scripts/pyln"))
struct PylnTests {
    private let local: PrivateKey
    private let ephemeral: PrivateKey
    private let features = Features(bits: [1, 9, 12, 14, 23, 45])

    /// Past 500 messages each way both keys of a direction have been rotated once; half as much again makes sure.
    private static let rounds = 760

    init() throws {
        local = try PrivateKey([UInt8](repeating: 0x21, count: 32))
        ephemeral = try PrivateKey([UInt8](repeating: 0x12, count: 32))
    }

    @Test("as initiator: handshake, init, and messages past the rotation of keys")
    func initiator() throws {
        let peer = try PylnPeer(["listen", Hex.encode(features.bytes)])
        let node = try PublicKey(Hex.decode(peer.line(0).text("node")))
        let connection = try LoopbackConnection.connect(
            port: UInt16(try #require(peer.line(1)["port"]?.integer)))
        var (handshake, output) = TransportHandshake.initiate(
            local: local, remote: node, ephemeral: ephemeral)
        try connection.send(output)
        while !handshake.isFinished {
            output = try handshake.receive(connection.receive())
            try connection.send(output)
        }
        let session = try #require(Session(handshake, connection))
        try converse(session, peer, firstLine: 2)
    }

    @Test("as responder: handshake, init, and messages past the rotation of keys")
    func responder() throws {
        let listener = try LoopbackConnection.Listener()
        let peer = try PylnPeer([
            "connect", "\(listener.port)", "\(local.publicKey)", Hex.encode(features.bytes),
        ])
        let connection = try listener.accept()
        var handshake = TransportHandshake.respond(local: local, ephemeral: ephemeral)
        while !handshake.isFinished {
            try connection.send(try handshake.receive(connection.receive()))
        }
        let session = try #require(Session(handshake, connection))
        try converse(session, peer, firstLine: 1)
    }

    @Test("a peer that is not who it was said to be is left at act two")
    func wrongNode() throws {
        let peer = try PylnPeer(["listen", ""])
        let connection = try LoopbackConnection.connect(
            port: UInt16(try #require(peer.line(1)["port"]?.integer)))
        var (handshake, output) = TransportHandshake.initiate(
            local: local, remote: local.publicKey, ephemeral: ephemeral)
        try connection.send(output)
        let answer = try connection.receive()
        #expect(throws: TransportError.invalidTag(act: 2)) { try handshake.receive(answer) }
        #expect(!handshake.isFinished)
    }

    /// Exchanges `init`, then pings and pongs, and compares what each side understood.
    private func converse(_ session: Session, _ peer: PylnPeer, firstLine: Int) throws {
        let node = try peer.line(0).text("node")
        #expect("\(session.remote)" == node)
        let regtest = Network.regtest.genesisHash
        try session.send(
            .initialize(
                Init(
                    globalFeatures: Features(), features: features,
                    tlvs: InitTLVs(networks: [regtest]))))
        guard case .initialize(let theirs) = try session.receive() else {
            Issue.record("the first message is not init")
            return
        }
        #expect(theirs.features == features)
        #expect(theirs.tlvs.networks == [regtest])

        let understood = try peer.line(firstLine)
        #expect(try understood.text("peer") == "\(local.publicKey)")
        #expect(try understood.text("name") == "init")
        let message = try #require(understood["message"])
        #expect(try message.text("features") == Hex.encode(features.bytes))
        let chains = message["tlvs"]?["networks"]?["chains"]?.array
        #expect(try chains?.map { try $0.text() } == [regtest.hash.hex])

        guard case .ping(let ping) = try session.receive() else {
            Issue.record("the second message is not ping")
            return
        }
        #expect(ping.ignored.count == 60_000 && ping.pongByteCount == 65_531)
        try session.send(.pong(Pong(ignored: [UInt8](repeating: 0, count: 65_531))))
        for round in 0..<Self.rounds {
            try session.send(
                .ping(Ping(pongByteCount: UInt16(round), ignored: [UInt8](repeating: 0, count: 3))))
            let answer = try session.receive()
            guard case .pong(let pong) = answer, pong.ignored.count == round else {
                Issue.record("round \(round): \(answer)")
                return
            }
        }
        session.close()
        let counts = try peer.line(firstLine + 1)
        #expect(counts["pings"]?.integer == Int64(Self.rounds))
        #expect(counts["pongs"]?.array?.map(\.integer) == [65_531])
        #expect(try peer.process.wait() == 0)
    }
}

/// The program at the other end of the connection.
private final class PylnPeer {
    let process: ChildProcess

    init(_ arguments: [String]) throws {
        let script = PackageFiles.root.appending(path: "Tests/Interop/pyln_peer.py").path
        process = try ChildProcess(try #require(PackageFiles.pyln), [script] + arguments)
    }

    deinit { process.end(with: SIGKILL) }

    /// A line that it prints, as JSON; waits for it.
    func line(_ index: Int) throws -> JSONValue {
        let deadline = ContinuousClock.now + .seconds(20)
        while true {
            let lines = process.output.split(separator: "\n", omittingEmptySubsequences: false)
            // The last piece is what stands behind the last line's end.
            if index < lines.count - 1 {
                return try JSONDecoder().decode(JSONValue.self, from: Data(lines[index].utf8))
            }
            guard ContinuousClock.now < deadline else {
                throw PylnError.silent(line: index, errors: process.errors)
            }
            usleep(5_000)
        }
    }
}

private enum PylnError: Error { case silent(line: Int, errors: String) }

/// An encrypted connection that sends and receives messages.
private final class Session {
    private var transport: EstablishedTransport
    private let connection: LoopbackConnection

    init?(_ handshake: TransportHandshake, _ connection: LoopbackConnection) {
        guard let established = handshake.establish() else { return nil }
        transport = established
        self.connection = connection
    }

    var remote: NodeID { transport.remote }

    func send(_ message: Message) throws {
        var output: [UInt8] = []
        transport.sender.append(message.encoded, to: &output)
        try connection.send(output)
    }

    func receive() throws -> Message {
        while true {
            if let bytes = try transport.receiver.next() { return try Message(decoding: bytes) }
            transport.receiver.append(try connection.receive())
        }
    }

    func close() { connection.shutdown() }
}

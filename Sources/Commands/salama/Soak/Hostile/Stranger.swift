import Bitcoin
import LightningCrypto
import LightningNode
import LightningWire
import NodeRuntime

/// A peer without channels that says whatever it is told to.
final class Stranger {
    private let socket: TCPSocket
    private var transport: EstablishedTransport?
    private var buffer = [UInt8](repeating: 0, count: 1 << 16)

    /// Connects, proves a fresh key and says `init`.
    init(_ port: UInt16, _ node: PublicKey) throws {
        socket = try TCPSocket.connected(to: port, from: TCPSocket.anyAddress(), patience: 2_000)
        var (handshake, output) = TransportHandshake.initiate(
            local: try Self.freshKey(), remote: node, ephemeral: try Self.freshKey())
        while true {
            guard socket.writeAll(output) else { throw Self.refused }
            if handshake.isFinished { break }
            guard case .some(let count) = socket.read(into: &buffer) else { throw Self.refused }
            output = try handshake.receive(Array(buffer[..<count]))
        }
        transport = handshake.establish()
        try send([Message.initialize(Init(globalFeatures: Features(), features: .standard)).encoded]
        )
    }

    private static let refused = CommandFailure("the node refuses the connection")

    /// A key that nobody knows.
    static func freshKey() throws -> PrivateKey { try PrivateKey(SystemEntropy.hash()) }

    /// The first bytes of a handshake with that node.
    static func firstAct(to node: PublicKey) throws -> [UInt8] {
        TransportHandshake.initiate(
            local: try freshKey(), remote: node, ephemeral: try freshKey()
        ).output
    }

    /// Sends encoded messages, and drops what the node has to say meanwhile.
    func send(_ messages: [[UInt8]]) throws {
        var output: [UInt8] = []
        for message in messages { transport?.sender.append(message, to: &output) }
        guard socket.writeAll(output) else { throw Self.refused }
        socket.drop(&buffer)
    }
}

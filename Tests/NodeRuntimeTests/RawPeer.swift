import Bitcoin
import Glibc
import LightningCrypto
import LightningNode
import LightningWire
import NodeRuntime

/// A peer played by the test over a blocking socket: it does only what it is told.
final class RawPeer {
    enum Failure: Error { case noConnection, closed }

    let key: PrivateKey
    private let descriptor: Int32
    private var transport: EstablishedTransport?

    /// Connects, from another address of this machine where `source` names one.
    init(
        _ endpoint: PeerEndpoint, source: String = "127.0.0.1", key: PrivateKey? = nil
    ) throws {
        self.key = try key ?? PrivateKey(SystemEntropy.hash())
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var time = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        let isThere =
            Self.with(source, 0) { bind(descriptor, $0, $1) == 0 }
            && Self.with(endpoint.host, endpoint.port) { connect(descriptor, $0, $1) == 0 }
        guard isThere else { throw Failure.noConnection }
    }

    deinit { close(descriptor) }

    private static func with<Result>(
        _ host: String, _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        inet_pton(AF_INET, host, &address.sin_addr)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    /// Proves its key.
    func shakeHands(with node: PublicKey) throws {
        var (handshake, output) = TransportHandshake.initiate(
            local: key, remote: node, ephemeral: try PrivateKey(SystemEntropy.hash()))
        try sendRaw(output)
        while !handshake.isFinished { try sendRaw(handshake.receive(read())) }
        transport = handshake.establish()
    }

    /// Proves its key and says `init`, and reads the node's.
    func greet(_ node: PublicKey, features: Features = .standard) throws {
        try shakeHands(with: node)
        let greeting = Init(globalFeatures: Features(), features: features)
        try send(.initialize(greeting))
        _ = try receive()
    }

    func sendRaw(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = Glibc.send(
                descriptor, Array(bytes[sent...]), bytes.count - sent, Int32(MSG_NOSIGNAL))
            guard count > 0 else { throw Failure.closed }
            sent += count
        }
    }

    func send(_ message: Message) throws { try send(encoded: [message.encoded]) }

    func send(encoded messages: [[UInt8]]) throws { try sendRaw(encrypted(messages)) }

    private func encrypted(_ messages: [[UInt8]]) -> [UInt8] {
        var output: [UInt8] = []
        for message in messages { transport?.sender.append(message, to: &output) }
        return output
    }

    /// Sends as much of it as is taken without waiting long; answers how many bytes those are.
    func pour(_ messages: [[UInt8]], upTo limit: Int) throws -> Int {
        var time = timeval(tv_sec: 0, tv_usec: 500_000)
        setsockopt(
            descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        var total = 0
        while total < limit {
            let bytes = encrypted(messages)
            var sent = 0
            while sent < bytes.count {
                let count = Glibc.send(
                    descriptor, Array(bytes[sent...]), bytes.count - sent, Int32(MSG_NOSIGNAL))
                if count < 0, errno == EAGAIN { return total + sent }
                guard count > 0 else { throw Failure.closed }
                sent += count
            }
            total += sent
        }
        return total
    }

    /// The next message.
    func receive() throws -> Message {
        while true {
            if let bytes = try transport?.receiver.next() { return try Message(decoding: bytes) }
            let bytes = try read()
            transport?.receiver.append(bytes)
        }
    }

    /// The next answer to a `ping`; the node may speak of other things.
    func receivePong() throws -> Pong {
        while true {
            if case .pong(let pong) = try receive() { return pong }
        }
    }

    /// Some bytes as they come.
    func read() throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { throw Failure.closed }
        return Array(bytes[..<count])
    }

    /// Whether the node closes the connection within some seconds; what it sends before is dropped.
    func isClosed(within seconds: Int = 10) -> Bool {
        var time = timeval(tv_sec: seconds, tv_usec: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        var bytes = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &bytes, bytes.count, 0)
            if count > 0 { continue }
            return count == 0 || (errno != EAGAIN && errno != EWOULDBLOCK)
        }
    }
}

extension Message {
    static func ping(wanting count: UInt16) -> Message {
        .ping(Ping(pongByteCount: count, ignored: []))
    }
}

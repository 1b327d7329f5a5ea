import Bitcoin
import CZeroMQ
import ChainBackend
import Glibc
import Testing

/// Notifications over ZeroMQ from a publisher under the test's command.
struct ZMQTests {
    private let server: FakeServer
    private let publisher: Publisher
    private let backend: BitcoindBackend
    private let log = EventLog()

    init() throws {
        server = try FakeServer()
        publisher = try Publisher()
        var configuration = BitcoindConfiguration(
            network: .regtest, port: server.port,
            authentication: .password(user: "user", password: "password"))
        configuration.rawTransactionEndpoint = publisher.endpoint
        configuration.hashBlockEndpoint = publisher.endpoint
        // Polling sees nothing of what is published here.
        configuration.pollInterval = .milliseconds(100)
        backend = try BitcoindBackend(configuration)
    }

    private func transaction(_ number: UInt32) -> Transaction {
        Transaction(
            inputs: [TransactionInput(previousOutput: OutPoint(TransactionID(.zero), number))],
            outputs: [TransactionOutput(amount: Satoshi(1), scriptPubKey: Script())])
    }

    private func publish(_ number: UInt32) {
        publisher.publish("rawtx", transaction(number).encoded, number)
    }

    @Test("messages come in order, and a gap in their count is told")
    func gaps() throws {
        let subscription = log.subscribe(to: backend)
        try eventually("the stream to stand") { log.events.contains(.eventsLost) }
        log.clear()
        for number: UInt32 in [7, 8, 9] { publish(number) }
        try eventually("three transactions") { log.events.count == 3 }
        #expect(log.events == [7, 8, 9].map { .transaction(transaction($0)) })
        log.clear()
        for number: UInt32 in [11, 12] { publish(number) }
        try eventually("the gap") { log.events.count == 3 }
        #expect(
            log.events
                == [.eventsLost, .transaction(transaction(11)), .transaction(transaction(12))])
        log.clear()
        // A count that begins anew is one too, and one that wraps is none.
        publish(0)
        publish(.max)
        publisher.publish("rawtx", transaction(1).encoded, 0)
        try eventually("the last one") { log.events.last == .transaction(transaction(1)) }
        #expect(log.events.filter { $0 == .eventsLost }.count == 2)
        withExtendedLifetime(subscription) {}
    }

    @Test("a hash of a block is a new tip, and the counts of topics are apart")
    func blocks() throws {
        let subscription = log.subscribe(to: backend)
        try eventually("the stream to stand") { log.events.contains(.eventsLost) }
        log.clear()
        publish(1)
        publisher.publish("hashblock", [UInt8](repeating: 1, count: 32), 500)
        publish(2)
        try eventually("all three") { log.events.count >= 3 }
        #expect(
            log.events.prefix(3)
                == [.transaction(transaction(1)), .tipChanged, .transaction(transaction(2))])
        withExtendedLifetime(subscription) {}
    }

    @Test("messages that make no sense are passed over")
    func garbage() throws {
        let subscription = log.subscribe(to: backend)
        try eventually("the stream to stand") { log.events.contains(.eventsLost) }
        log.clear()
        publisher.publish("rawtx", [], 1)
        publisher.publish("rawtx", [1, 2, 3], 2)
        publisher.publish("hashblock", [1, 2, 3], 1)
        publisher.publish("hashblocks", [1, 2, 3], 1)
        publisher.publish(parts: [Array("rawtx".utf8)])
        publisher.publish(parts: [Array("rawtx".utf8), [], [1], [2], [3], [4]])
        publish(3)
        try eventually("the one that does") { log.events.contains(.transaction(transaction(3))) }
        #expect(log.events == [.transaction(transaction(3))])
        withExtendedLifetime(subscription) {}
    }

    @Test("a publisher that goes and comes back is connected to again")
    func reconnects() throws {
        let subscription = log.subscribe(to: backend)
        try eventually("the stream to stand") { log.events.contains(.eventsLost) }
        publish(1)
        try eventually("a transaction") { log.events.contains(.transaction(transaction(1))) }
        publisher.stop()
        log.clear()
        try publisher.start()
        try eventually("the stream to stand again") { log.events.contains(.eventsLost) }
        publish(2)
        try eventually("a transaction") { log.events.contains(.transaction(transaction(2))) }
        withExtendedLifetime(subscription) {}
    }

    @Test("an endpoint that is none is told at once")
    func badEndpoint() {
        var configuration = BitcoindConfiguration(
            network: .regtest, port: 1, authentication: .cookie(path: ""))
        configuration.rawBlockEndpoint = "nonsense"
        #expect(
            throws: ChainError.unavailable(
                reason: "the ZeroMQ endpoint `nonsense`: Invalid argument")
        ) { try BitcoindBackend(configuration) }
    }
}

/// A publisher as bitcoind is one.
private final class Publisher {
    private let context = zmq_ctx_new()
    private var socket: UnsafeMutableRawPointer?
    private(set) var endpoint = "tcp://127.0.0.1:*"

    init() throws { try start() }

    deinit {
        stop()
        zmq_ctx_term(context)
    }

    /// Publishes where it did before, if it did.
    func start() throws {
        let socket = zmq_socket(context, ZMQ_PUB)
        self.socket = socket
        var linger: Int32 = 0
        zmq_setsockopt(socket, ZMQ_LINGER, &linger, MemoryLayout<Int32>.size)
        try eventually("the endpoint to be free") { zmq_bind(socket, endpoint) == 0 }
        var bound = [CChar](repeating: 0, count: 100)
        var length = bound.count
        #expect(zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, &bound, &length) == 0)
        endpoint = String(
            decoding: bound.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    func stop() {
        zmq_close(socket)
        socket = nil
    }

    func publish(_ topic: String, _ body: [UInt8], _ sequence: UInt32) {
        publish(parts: [
            Array(topic.utf8), body, withUnsafeBytes(of: sequence.littleEndian) { Array($0) },
        ])
    }

    func publish(parts: [[UInt8]]) {
        for (index, part) in parts.enumerated() {
            let flags = index + 1 < parts.count ? ZMQ_SNDMORE : 0
            #expect(zmq_send(socket, part, part.count, flags) == part.count)
        }
    }
}

import Bitcoin
import CZeroMQ
import Glibc
import RegtestChain

/// Publishes what happens to the chain over ZeroMQ, in bitcoind's messages: topic, body, and the count of messages.
///
/// Unchecked sendability: the sockets and counts are set up before the publisher is shared, and from then on touched only
/// by `publish`, which the chain calls from one serial queue, and by `deinit`, after the last call.
final class ZMQPublisher: @unchecked Sendable {
    private let context: UnsafeMutableRawPointer
    private var sockets: [String: UnsafeMutableRawPointer] = [:]
    private var counts: [ZMQPublication: UInt32] = [:]
    /// What is published, with the addresses that the system chose where a port was left open.
    private(set) var publications: [ZMQPublication] = []

    /// Binds the address of each publication; topics may share one.
    init(_ wanted: [ZMQPublication]) throws(ChainServerError) {
        guard let context = zmq_ctx_new() else {
            throw .publish(address: "", reason: ZMQPublisher.lastError())
        }
        self.context = context
        var bound: [String: String] = [:]
        for publication in wanted {
            let address: String
            if let known = bound[publication.address] {
                address = known
            } else {
                address = try bind(publication)
                bound[publication.address] = address
            }
            publications.append(
                ZMQPublication(
                    topic: publication.topic, address: address,
                    highWaterMark: publication.highWaterMark))
        }
    }

    deinit {
        for socket in sockets.values { zmq_close(socket) }
        zmq_ctx_term(context)
    }

    /// Publishes what one notice means to each topic.
    func publish(_ notice: ChainNotice) {
        switch notice {
        case .tipChanged(let block, let hash):
            send("hashblock", hash.hash.reversed.bytes)
            send("rawblock", block.encoded)
        case .transactionAdded(let transaction, let id, let sequence):
            send(transaction, id)
            send("sequence", Self.sequenceBody(id.hash, "A", sequence))
        case .transactionRemoved(let id, let sequence):
            send("sequence", Self.sequenceBody(id.hash, "R", sequence))
        case .blockConnected(let block, let hash):
            for transaction in block.transactions { send(transaction, transaction.id) }
            send("sequence", Self.sequenceBody(hash.hash, "C", nil))
        case .blockDisconnected(let block, let hash):
            for transaction in block.transactions { send(transaction, transaction.id) }
            send("sequence", Self.sequenceBody(hash.hash, "D", nil))
        }
    }

    private func send(_ transaction: Transaction, _ id: TransactionID) {
        send("hashtx", id.hash.reversed.bytes)
        guard publications.contains(where: { $0.topic == "rawtx" }) else { return }
        send("rawtx", transaction.encoded)
    }

    private func send(_ topic: String, _ body: [UInt8]) {
        for publication in publications where publication.topic == topic {
            guard let socket = sockets[publication.address] else { continue }
            let count = counts[publication] ?? 0
            counts[publication] = count &+ 1
            let number = withUnsafeBytes(of: count.littleEndian) { Array($0) }
            let topicBytes = Array(topic.utf8)
            // A publisher never blocks: what a slow reader has no room for is dropped, and the count tells.
            zmq_send(socket, topicBytes, topicBytes.count, ZMQ_SNDMORE)
            zmq_send(socket, body, body.count, ZMQ_SNDMORE)
            zmq_send(socket, number, number.count, 0)
        }
    }

    private static func sequenceBody(
        _ hash: Hash256, _ kind: Character, _ sequence: UInt64?
    ) -> [UInt8] {
        let number = sequence.map { withUnsafeBytes(of: $0.littleEndian) { Array($0) } } ?? []
        return hash.reversed.bytes + Array(String(kind).utf8) + number
    }

    /// Opens a socket, and gives the address in the form that can be connected to.
    private func bind(_ publication: ZMQPublication) throws(ChainServerError) -> String {
        guard let socket = zmq_socket(context, ZMQ_PUB) else {
            throw .publish(address: publication.address, reason: Self.lastError())
        }
        var mark = Int32(clamping: publication.highWaterMark)
        zmq_setsockopt(socket, ZMQ_SNDHWM, &mark, MemoryLayout<Int32>.size)
        var linger: Int32 = 0
        zmq_setsockopt(socket, ZMQ_LINGER, &linger, MemoryLayout<Int32>.size)
        guard zmq_bind(socket, publication.address) == 0 else {
            let reason = Self.lastError()
            zmq_close(socket)
            throw .publish(address: publication.address, reason: reason)
        }
        var endpoint = [CChar](repeating: 0, count: 256)
        var length = endpoint.count
        zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, &endpoint, &length)
        let text = String(
            decoding: endpoint.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let address = text.isEmpty ? publication.address : text
        sockets[address] = socket
        return address
    }

    private static func lastError() -> String { String(cString: zmq_strerror(zmq_errno())) }
}

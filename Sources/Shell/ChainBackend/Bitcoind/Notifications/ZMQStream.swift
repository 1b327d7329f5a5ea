import CZeroMQ
import Glibc

/// A socket subscribed to topics at one endpoint, and the socket that tells of its connections.
struct ZMQStream {
    let topics: [ZMQTopic]
    let socket: UnsafeMutableRawPointer
    let monitor: UnsafeMutableRawPointer

    /// bitcoind publishes each transaction of a new block: more than ZeroMQ's default of 1,000 messages would hold.
    private static let queuedMessages: Int32 = 50_000
    /// Above the size of any block.
    private static let largestMessage: Int64 = 4_100_000

    init(
        _ context: UnsafeMutableRawPointer, endpoint: String, topics: [ZMQTopic]
    ) throws(ChainError) {
        guard let socket = zmq_socket(context, ZMQ_SUB) else {
            throw ZMQSubscriber.error("cannot make a ZeroMQ socket")
        }
        let options: [(Int32, Int32)] = [
            (ZMQ_LINGER, 0), (ZMQ_RCVHWM, Self.queuedMessages), (ZMQ_RECONNECT_IVL, 100),
            (ZMQ_RECONNECT_IVL_MAX, 5_000),
            // A connection that a firewall forgot is found dead within a minute.
            (ZMQ_HEARTBEAT_IVL, 20_000), (ZMQ_HEARTBEAT_TIMEOUT, 40_000), (ZMQ_TCP_KEEPALIVE, 1),
        ]
        for (name, value) in options {
            var value = value
            zmq_setsockopt(socket, name, &value, MemoryLayout<Int32>.size)
        }
        var largest = Self.largestMessage
        zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &largest, MemoryLayout<Int64>.size)
        for topic in topics {
            zmq_setsockopt(socket, ZMQ_SUBSCRIBE, topic.rawValue, topic.rawValue.utf8.count)
        }

        let address = "inproc://monitor-\(UInt(bitPattern: socket))"
        let events = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED
        guard zmq_socket_monitor(socket, address, events) == 0,
            let monitor = zmq_socket(context, ZMQ_PAIR)
        else {
            let error = ZMQSubscriber.error("cannot watch a ZeroMQ socket")
            zmq_close(socket)
            throw error
        }
        self.topics = topics
        self.socket = socket
        self.monitor = monitor
        guard zmq_connect(monitor, address) == 0, zmq_connect(socket, endpoint) == 0 else {
            let error = ZMQSubscriber.error("the ZeroMQ endpoint `\(endpoint)`")
            close()
            throw error
        }
    }

    func close() {
        zmq_socket_monitor(socket, nil, 0)
        zmq_close(socket)
        zmq_close(monitor)
    }

    func item(of socket: UnsafeMutableRawPointer) -> zmq_pollitem_t {
        zmq_pollitem_t(socket: socket, fd: 0, events: Int16(ZMQ_POLLIN), revents: 0)
    }

    /// What a socket had to give.
    enum Reception {
        case parts([[UInt8]])
        case none
        /// The context was shut down.
        case failed
    }

    /// Takes one message of a socket without waiting.
    func receive(from socket: UnsafeMutableRawPointer) -> Reception {
        var parts: [[UInt8]] = []
        repeat {
            var message = zmq_msg_t()
            zmq_msg_init(&message)
            defer { zmq_msg_close(&message) }
            guard zmq_msg_recv(&message, socket, ZMQ_DONTWAIT) >= 0 else {
                return [EAGAIN, EINTR].contains(zmq_errno()) ? .none : .failed
            }
            // Messages have three parts at most.
            if parts.count < 4 {
                parts.append(
                    Array(
                        UnsafeRawBufferPointer(
                            start: zmq_msg_data(&message), count: zmq_msg_size(&message))))
            }
            if zmq_msg_more(&message) == 0 { return .parts(parts) }
        } while true
    }
}

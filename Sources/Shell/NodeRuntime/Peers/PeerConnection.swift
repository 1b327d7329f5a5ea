import Bitcoin
import Glibc
import LightningCrypto
import LightningWire

/// One TCP connection, on the peers' thread.
///
///     dialled:   connecting ──> (proxying) ──> shaking ──> open ──> leaving
///     accepted:                                shaking ──> open ──> leaving
final class PeerConnection {
    enum Stage {
        /// TCP is being set up.
        case connecting
        /// A proxy is asked to connect.
        case proxying(SOCKSConnect)
        /// Both sides prove who they are (BOLT 8).
        case shaking(TransportHandshake)
        /// Messages flow.
        case open
        /// What is left is sent; what comes is not looked at.
        case leaving
        case closed
    }

    /// What a call of the system for bytes came to.
    enum Transfer {
        case some(Int)
        /// Nothing now.
        case later
        /// The other side has closed, or the connection broke; the reason where there is one.
        case ended(String?)
    }

    let id: UInt64
    private(set) var descriptor: Int32
    let endpoint: PeerEndpoint
    /// The peer's address where it made the connection; nil for one that this node made.
    let source: IPAddress?
    /// What this connection was made for; nil for an inbound one.
    let dial: PeerDial?
    var stage: Stage
    /// When the stage has to have ended, on the loop's clock; nil for no limit.
    var deadline: UInt64?
    /// What is waited for at the socket.
    var interest: Poller.Interest

    /// The key that was proven.
    var key: PublicKey?
    var transport: EstablishedTransport?
    /// When the handshake was done, on the loop's clock, and in seconds since 1970.
    var provenAt: UInt64 = 0
    var since: UInt64 = 0
    /// Whether this side's `init` is out: before, nothing else may be, and what the node sends is meant for a connection
    /// that was there before.
    var hasGreeted = false
    /// The peer's `init`.
    var greeting: Init?
    /// Whether the graph was told of the peer.
    var isToldToGraph = false
    /// The last warning or error of the peer, for whoever waits for the connection.
    var complaint: String?

    let budget: InboundBudget
    let gossipBudget: InboundBudget
    /// Whether the socket is not read because the peer's messages are not processed yet.
    var isPaused = false

    /// Encrypted bytes that wait to be sent, from `outputStart` on.
    var output: [UInt8] = []
    private var outputStart = 0
    /// Since when nothing could be sent, on the loop's clock.
    var stalledSince: UInt64?
    /// Messages about the graph: they are sent when nothing else waits.
    var gossip = GossipQueue()

    var bytesSent: UInt64 = 0
    var bytesReceived: UInt64 = 0
    var messagesSent: UInt64 = 0
    var messagesReceived: UInt64 = 0
    /// When a `ping` that is not answered yet was sent, in microseconds.
    var pingSentAt: UInt64?
    /// In microseconds.
    var pingTime: UInt64?

    init(
        id: UInt64, descriptor: Int32, endpoint: PeerEndpoint, source: IPAddress?, dial: PeerDial?,
        stage: Stage, interest: Poller.Interest,
        budgets: (loop: InboundBudget, gossip: InboundBudget)
    ) {
        self.id = id
        self.descriptor = descriptor
        self.endpoint = endpoint
        self.source = source
        self.dial = dial
        self.stage = stage
        self.interest = interest
        budget = budgets.loop
        gossipBudget = budgets.gossip
    }

    deinit { closeSocket() }

    /// Gives the socket back.
    func closeSocket() {
        guard descriptor >= 0 else { return }
        close(descriptor)
        descriptor = -1
    }

    /// The peer, as far as it is known, for the log.
    var name: String { key.map { "\($0) at \(endpoint)" } ?? endpoint.text }

    var isInbound: Bool { dial == nil }

    var isOpen: Bool { if case .open = stage { true } else { false } }

    /// Encrypted bytes that wait to be sent.
    var unsentCount: Int { output.count - outputStart }

    /// Encrypts a message: a type and a payload.
    func append(_ message: [UInt8]) {
        messagesSent += 1
        transport?.sender.append(message, to: &output)
    }

    /// Reads at most as much as the buffer holds.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
        while true {
            let count = Glibc.recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if count > 0 {
                bytesReceived += UInt64(count)
                return .some(count)
            }
            if count == 0 { return .ended(nil) }
            if errno == EINTR { continue }
            if errno == EAGAIN || errno == EWOULDBLOCK { return .later }
            return .ended(SystemFailure.last.reason)
        }
    }

    /// Sends what waits, as much as the kernel takes.
    func write() -> Transfer {
        var total = 0
        while unsentCount > 0 {
            let count = output.withUnsafeBytes { bytes in
                Glibc.send(
                    descriptor, bytes.baseAddress?.advanced(by: outputStart),
                    bytes.count - outputStart, Int32(MSG_NOSIGNAL))
            }
            if count < 0 {
                if errno == EINTR { continue }
                if errno == EAGAIN || errno == EWOULDBLOCK { break }
                return .ended(SystemFailure.last.reason)
            }
            outputStart += count
            total += count
        }
        bytesSent += UInt64(total)
        dropSent()
        return total > 0 ? .some(total) : .later
    }

    /// Gives the memory of what was sent back to what comes.
    private func dropSent() {
        if outputStart == output.count {
            output.removeAll(keepingCapacity: output.capacity <= 256 << 10)
            outputStart = 0
        } else if outputStart >= 1 << 20 {
            output.removeSubrange(..<outputStart)
            outputStart = 0
        }
    }
}

/// Messages about the graph that wait for one peer, in order.
struct GossipQueue {
    /// Called when what was put in with it is sent, or never will be.
    typealias Sent = @Sendable () -> Void

    private struct Item {
        let message: [UInt8]
        let onSent: Sent?
    }

    private var items: [Item] = []
    private var next = 0
    private(set) var byteCount = 0

    var isEmpty: Bool { next == items.count }

    mutating func append(_ messages: [[UInt8]], onSent: Sent?) {
        for (index, message) in messages.enumerated() {
            byteCount += message.count
            let isLast = index == messages.count - 1
            items.append(Item(message: message, onSent: isLast ? onSent : nil))
        }
    }

    mutating func takeFirst() -> (message: [UInt8], onSent: Sent?)? {
        guard !isEmpty else { return nil }
        let item = items[next]
        next += 1
        byteCount -= item.message.count
        if next == items.count || next >= 1_000 {
            items.removeSubrange(..<next)
            next = 0
        }
        return (item.message, item.onSent)
    }
}

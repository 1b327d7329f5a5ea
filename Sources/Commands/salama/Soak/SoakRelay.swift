import Glibc
import Synchronization
import Threads

/// What the connections between nodes run through: one thread that hands bytes on, late or never where that is tried.
final class SoakRelay: Sendable {
    /// How a node's connections do.
    enum Weather: Sendable, Equatable {
        case fair
        /// Bytes take up to so many milliseconds each way.
        case slow(Int)
        /// Nothing passes, nothing ends, and new connections are taken all the same.
        case still
    }

    fileprivate struct Orders {
        var weathers: [Weather]
        /// The nodes whose connections are never heard of again, though nobody is told that they ended.
        var lost: Set<Int> = []
    }

    private let orders: Mutex<Orders>

    /// Listens at each node's door and hands on to where it listens itself, until this process ends.
    init(_ doors: [(door: UInt16, target: UInt16)]) throws {
        orders = Mutex(Orders(weathers: doors.map { _ in .fair }))
        let listeners = try doors.map { try TCPSocket.listening(at: $0.door) }
        _ = SystemThread.detached("relay") { [self] in
            var work = RelayWork(listeners, doors.map(\.target))
            while true { work.turn(takeOrders()) }
        }
    }

    private func takeOrders() -> Orders {
        orders.withLock { orders in
            defer { orders.lost = [] }
            return orders
        }
    }

    /// From now on that node's connections do so.
    func set(_ weather: Weather, of node: Int) {
        orders.withLock { $0.weathers[node] = weather }
    }

    /// Lets the connections that a node has now vanish without an end, as when a cable is cut.
    func lose(_ node: Int) { orders.withLock { _ = $0.lost.insert(node) } }
}

/// The relay's thread: its connections, and what is on its way.
private struct RelayWork {
    private let listeners: [TCPSocket]
    private let targets: [UInt16]
    private var links: [RelayLink] = []
    /// Connections that are never heard of again; closing them would tell.
    private var lost: [RelayLink] = []
    private var buffer = [UInt8](repeating: 0, count: 1 << 16)

    init(_ listeners: [TCPSocket], _ targets: [UInt16]) {
        self.listeners = listeners
        self.targets = targets
    }

    /// Waits for what comes, at most a twentieth of a second, and hands it on.
    mutating func turn(_ orders: SoakRelay.Orders) {
        lost += links.filter { orders.lost.contains($0.node) }
        links.removeAll { orders.lost.contains($0.node) }
        let now = ContinuousClock.now
        let awake = links.indices.filter { orders.weathers[links[$0].node] != .still }
        var polled = listeners.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        for index in awake {
            polled += links[index].ways.indices.map { links[index].interest($0, now) }
        }
        let isWaiting = awake.contains { !links[$0].isEmpty }
        poll(&polled, nfds_t(polled.count), isWaiting ? 5 : 50)
        for (node, listener) in listeners.enumerated() where polled[node].revents != 0 {
            while let inner = listener.accepted() {
                guard let outer = try? TCPSocket.connected(to: targets[node]) else { continue }
                outer.stopWaiting()
                links.append(RelayLink(node, inner, outer))
            }
        }
        let later = ContinuousClock.now
        for (position, index) in awake.enumerated() {
            let delay: Duration =
                if case .slow(let most) = orders.weathers[links[index].node] {
                    .milliseconds(Int.random(in: 0...most))
                } else { .zero }
            for way in links[index].ways.indices {
                let events = polled[listeners.count + position * 2 + way].revents
                links[index].move(way, isReadable: events != 0, &buffer, later, delay)
            }
        }
        links.removeAll(where: \.hasEnded)
    }
}

/// Two connections whose bytes are handed on to each other.
private struct RelayLink {
    /// Bytes on their way from one socket to the other.
    struct Way {
        var waiting: [(bytes: ArraySlice<UInt8>, due: ContinuousClock.Instant)] = []
        var count = 0
        /// Nothing more comes.
        var isClosed = false
    }

    let node: Int
    private let sockets: [TCPSocket]
    private(set) var ways = [Way(), Way()]
    private(set) var hasEnded = false

    /// Where nothing more is read until it is handed on.
    private static let most = 1 << 20

    init(_ node: Int, _ inner: TCPSocket, _ outer: TCPSocket) {
        self.node = node
        sockets = [inner, outer]
    }

    var isEmpty: Bool { ways.allSatisfy(\.waiting.isEmpty) }

    /// What is waited for at the socket of a number.
    func interest(_ socket: Int, _ now: ContinuousClock.Instant) -> pollfd {
        var events: Int16 = 0
        if ways[socket].count < Self.most, !ways[socket].isClosed { events |= Int16(POLLIN) }
        if let next = ways[1 - socket].waiting.first, next.due <= now { events |= Int16(POLLOUT) }
        // The system tells of errors at a descriptor of which nothing else is asked; it is none then.
        return pollfd(fd: events == 0 ? -1 : sockets[socket].descriptor, events: events, revents: 0)
    }

    /// Reads from the socket of a number where something is there, and writes what is due to the other.
    mutating func move(
        _ from: Int, isReadable: Bool, _ buffer: inout [UInt8], _ now: ContinuousClock.Instant,
        _ delay: Duration
    ) {
        if isReadable, !ways[from].isClosed, ways[from].count < Self.most {
            switch sockets[from].read(into: &buffer) {
            case .some(let count):
                // Bytes never overtake those before them.
                let due = max(now + delay, ways[from].waiting.last?.due ?? now)
                ways[from].waiting.append((buffer[..<count], due))
                ways[from].count += count
            case .none: break
            case .ended: ways[from].isClosed = true
            }
        }
        while let next = ways[from].waiting.first, next.due <= now {
            guard case .some(let count) = sockets[1 - from].write(next.bytes) else { break }
            ways[from].count -= count
            if count == next.bytes.count {
                ways[from].waiting.removeFirst()
            } else {
                ways[from].waiting[0].bytes = next.bytes.dropFirst(count)
            }
        }
        if ways[from].isClosed { hasEnded = hasEnded || ways[from].waiting.isEmpty }
    }
}

import CEvent
import CLinux
import CTLS
import Glibc
import HTTP
import Synchronization

/// The event loop of a server: its listeners, its connections and the mailbox through which other threads reach them.
///
/// Unchecked sendability: other threads touch only `configuration`, `router`, `workers`, `connectionCount` and `post`,
/// which are constant or guarded. All else is touched by the loop's thread alone, or before that thread starts and
/// after it ends.
final class ServerLoop: @unchecked Sendable {
    typealias Letter = @Sendable (ServerLoop) -> Void

    private struct Mailbox {
        var letters: [Letter] = []
        var isOpen = true
    }

    let configuration: HTTPServerConfiguration
    let router: HTTPRouter
    let workers: WorkerPool
    let connectionCount = Atomic<Int>(0)
    private let mailbox = Mutex(Mailbox())
    private let wakeDescriptor: Int32

    let base: OpaquePointer
    var tls: TLSServerContext?
    private var listeners: [OpaquePointer] = []
    private var events: [OpaquePointer] = []
    private var ticker: OpaquePointer?
    private var isTicking = false
    private(set) var connections: [UInt64: ServerConnection] = [:]
    private var countByAddress: [String: Int] = [:]
    private var nextIdentifier: UInt64 = 0
    /// How many connections there were at most since memory was given back.
    private var mostConnections = 0
    /// So many connections hold memory that is worth giving back.
    private static let manyConnections = 64
    /// The bytes of the bodies of all requests that are being received or answered.
    var bodyBytes = 0
    private(set) var stopDeadline: UInt64?

    init(_ configuration: HTTPServerConfiguration, router: HTTPRouter) throws(HTTPServerError) {
        guard let base = event_base_new() else { throw .system("cannot make an event loop") }
        self.base = base
        self.configuration = configuration
        self.router = router
        workers = WorkerPool(size: configuration.workers, queueLimit: configuration.workQueueLimit)
        wakeDescriptor = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        guard wakeDescriptor >= 0 else { throw .system("cannot make an eventfd") }
        if let identity = configuration.tls { tls = try TLSServerContext(identity) }
        let context = Unmanaged.passUnretained(self).toOpaque()
        let wake = event_new(
            base, wakeDescriptor, Int16(EV_READ | EV_PERSIST),
            { _, _, context in
                if let context { ServerLoop.from(context).readMail() }
            }, context)
        ticker = event_new(
            base, -1, Int16(EV_PERSIST),
            { _, _, context in
                if let context { ServerLoop.from(context).tick() }
            }, context)
        guard let wake, let ticker else { throw .system("cannot make an event") }
        events = [wake, ticker]
        event_add(wake, nil)
    }

    deinit {
        for listener in listeners { evconnlistener_free(listener) }
        for event in events { event_free(event) }
        event_base_free(base)
        Glibc.close(wakeDescriptor)
    }

    static func from(_ context: UnsafeMutableRawPointer) -> ServerLoop {
        Unmanaged<ServerLoop>.fromOpaque(context).takeUnretainedValue()
    }

    /// Milliseconds of a clock that only goes forward.
    static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1000 + UInt64(time.tv_nsec) / 1_000_000
    }

    // MARK: Other threads

    /// Has `letter` run on the loop's thread; false where the loop has ended.
    @discardableResult
    func post(_ letter: @escaping Letter) -> Bool {
        let (wasEmpty, isOpen) = mailbox.withLock { mailbox in
            guard mailbox.isOpen else { return (false, false) }
            mailbox.letters.append(letter)
            return (mailbox.letters.count == 1, true)
        }
        if wasEmpty {
            var one: UInt64 = 1
            _ = write(wakeDescriptor, &one, 8)
        }
        return isOpen
    }

    private func readMail() {
        var count: UInt64 = 0
        _ = read(wakeDescriptor, &count, 8)
        let letters = mailbox.withLock { mailbox in
            defer { mailbox.letters = [] }
            return mailbox.letters
        }
        for letter in letters { letter(self) }
    }

    // MARK: Running

    /// Opens the listening sockets and returns their addresses.
    func listen() throws(HTTPServerError) -> [ListenAddress] {
        var addresses: [ListenAddress] = []
        for address in configuration.listen {
            for socket in try ListeningSocket.open(address) {
                let listener = evconnlistener_new(
                    base,
                    { _, descriptor, address, length, context in
                        guard let context, let address else { return }
                        ServerLoop.from(context).accept(
                            descriptor, ListeningSocket.peer(address, socklen_t(length)))
                    },
                    Unmanaged.passUnretained(self).toOpaque(),
                    UInt32(LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC), 0, socket.descriptor)
                guard let listener else {
                    Glibc.close(socket.descriptor)
                    throw .cannotListen(address, reason: "no memory")
                }
                evconnlistener_set_error_cb(listener) { listener, context in
                    // Out of descriptors: without a pause the loop would spin. The tick enables it again.
                    evconnlistener_disable(listener)
                    if let context { ServerLoop.from(context).startTicking() }
                }
                listeners.append(listener)
                if !addresses.contains(socket.address) { addresses.append(socket.address) }
            }
        }
        return addresses
    }

    /// Runs until the server is stopped.
    func run() {
        event_base_dispatch(base)
        // Connections that were let go last are closed by the loop's next round.
        event_base_loop(base, EVLOOP_NONBLOCK)
        workers.stop()
        let letters = mailbox.withLock { mailbox in
            mailbox.isOpen = false
            defer { mailbox.letters = [] }
            return mailbox.letters
        }
        // What is left finds no connection, and so tells its sender of the end.
        for letter in letters { letter(self) }
    }

    private func accept(_ descriptor: Int32, _ peer: HTTPPeer) {
        let mayEnter =
            stopDeadline == nil
            && (peer.isLoopback
                || countByAddress[peer.address, default: 0] < configuration.connectionsPerAddress)
            && (connections.count < configuration.connections || evictIdle())
        guard mayEnter else {
            Glibc.close(descriptor)
            return
        }
        ListeningSocket.prepare(descriptor)
        nextIdentifier += 1
        let connection = ServerConnection(
            loop: self, id: nextIdentifier, descriptor: descriptor, peer: peer)
        guard let connection else {
            Glibc.close(descriptor)
            return
        }
        connections[connection.id] = connection
        countByAddress[peer.address, default: 0] += 1
        connectionCount.store(connections.count, ordering: .relaxed)
        startTicking()
    }

    /// Closes the connection that has waited longest for a request; false where all are at work.
    private func evictIdle() -> Bool {
        let idle = connections.values.filter(\.isIdle).min { $0.deadline < $1.deadline }
        guard let idle else { return false }
        idle.close(.timedOut)
        return true
    }

    func remove(_ connection: ServerConnection) {
        guard connections.removeValue(forKey: connection.id) != nil else { return }
        let count = countByAddress[connection.peer.address, default: 1] - 1
        countByAddress[connection.peer.address] = count == 0 ? nil : count
        connectionCount.store(connections.count, ordering: .relaxed)
        endIfDone()
    }

    // MARK: Time

    private func startTicking() {
        guard !isTicking, let ticker else { return }
        isTicking = true
        var interval = timeval(tv_sec: 0, tv_usec: 250_000)
        event_add(ticker, &interval)
    }

    private func tick() {
        let now = Self.now()
        for connection in Array(connections.values) { connection.tick(now) }
        if let stopDeadline, now >= stopDeadline {
            for connection in Array(connections.values) { connection.close(.stopping) }
        }
        if stopDeadline == nil { for listener in listeners { evconnlistener_enable(listener) } }
        giveMemoryBack()
        if connections.isEmpty, let ticker {
            event_del(ticker)
            isTicking = false
        }
    }

    /// Hands the system what a flood of connections held: the allocator alone keeps what is free between what is not.
    private func giveMemoryBack() {
        mostConnections = max(mostConnections, connections.count)
        guard mostConnections >= Self.manyConnections, connections.count <= mostConnections / 2
        else { return }
        mostConnections = connections.count
        malloc_trim(0)
    }

    /// Takes no more connections, and lets those at work finish within `grace` seconds.
    func beginStop(grace: Double) {
        guard stopDeadline == nil else { return }
        stopDeadline = Self.now() + UInt64(max(grace, 0) * 1000)
        for listener in listeners { evconnlistener_free(listener) }
        listeners = []
        for connection in Array(connections.values) { connection.beginStop() }
        startTicking()
        endIfDone()
    }

    private func endIfDone() {
        if stopDeadline != nil, connections.isEmpty { event_base_loopbreak(base) }
    }
}

/// One request of one connection, as other threads name it.
struct ConnectionReference: Sendable {
    let loop: ServerLoop
    let id: UInt64
    /// Which request of the connection this is: an answer to another one is late and dropped.
    let sequence: UInt64

    /// Has `body` run on the loop's thread if the connection still deals with this request, else `orElse`.
    func perform(
        orElse: @escaping @Sendable () -> Void = {},
        _ body: @escaping @Sendable (ServerConnection) -> Void
    ) {
        let isPosted = loop.post { loop in
            if let connection = loop.connections[id], connection.sequence == sequence {
                body(connection)
            } else {
                orElse()
            }
        }
        if !isPosted { orElse() }
    }
}

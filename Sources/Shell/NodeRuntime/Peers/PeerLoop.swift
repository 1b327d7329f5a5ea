import Bitcoin
import Glibc
import LightningNode
import LightningWire
import Synchronization

/// The thread of all connections to peers: their sockets, their handshakes, and all encryption and decryption.
///
///     sockets ──> read, decrypt ──> the node's loop, the graph
///     the node's loop, the graph ──> letters ──> encrypt, write ──> sockets
///
/// Each turn serves every socket that is ready once, then takes the letters of other threads, and then sends what came of
/// both: messages to one peer that are there together leave in one write.
///
/// Unchecked sendability: other threads touch only `settings`, `local`, `log` and ``post(_:)``, which are constant or
/// guarded. All else is touched by the loop's thread alone, or before it starts.
final class PeerLoop: @unchecked Sendable {
    typealias Letter = @Sendable (PeerLoop) -> Void

    private struct Mailbox: Sendable {
        var letters: [Letter] = []
        var isOpen = true
    }

    let settings: PeerSettings
    let identity: PrivateKey
    /// The node's own key.
    let local: PublicKey
    let log: Log
    let inputs: any PeerInputs
    let sink: (any GossipSink)?
    let customMessages: Subscribers<CustomMessage>
    let resolver = NameResolver()
    private let mailbox = Mutex(Mailbox())
    private let wakeUp: WakeUp

    var poller: Poller
    var listeners: [UInt64: PeerListener]
    private var nextID: UInt64 = 1
    var connections: [UInt64: PeerConnection] = [:]
    /// The connections whose peers have proven their keys, one for each.
    var peers: [PublicKey: PeerConnection] = [:]
    /// How many `init`s the node will still send to a peer for connections that it was told of.
    var greetingsDue: [PublicKey: Int] = [:]
    var dials: [PublicKey: PeerDial] = [:]
    /// The peers to stay connected with.
    var kept: [PublicKey: KeptPeer] = [:]
    /// When a seed may be asked again.
    var nextBootstrap: UInt64 = 0
    var flaps: [PublicKey: Int] = [:]
    /// The connections that have something to send in this turn.
    private var unflushed: Set<UInt64> = []
    var admission: AdmissionControl
    /// What all peers sent and nobody has processed.
    private(set) lazy var inbound = InboundTotal(limit: settings.limits.waitingInAll) {
        [weak self] in
        self?.post { loop in loop.resumeAll() }
    }
    private var scratch = [UInt8](repeating: 0, count: 64 << 10)
    /// The present, in milliseconds of a clock that only goes forward.
    private(set) var now: UInt64 = PeerLoop.clock() / 1_000
    private var nextTick: UInt64 = 0
    /// How many turns there were.
    private(set) var turnCount: UInt64 = 0
    private var isEnding = false
    /// Whether nothing more of peers is read.
    private(set) var isReading = true

    /// Whom sockets belong to that are no connection.
    private static let wakeOwner: UInt64 = 0

    init(
        _ settings: PeerSettings, identity: PrivateKey, listeners: [PeerListener], log: Log,
        inputs: any PeerInputs, sink: (any GossipSink)?,
        customMessages: Subscribers<CustomMessage>
    ) throws(SystemFailure) {
        self.settings = settings
        self.identity = identity
        local = identity.publicKey
        self.log = log
        self.inputs = inputs
        self.sink = sink
        self.customMessages = customMessages
        admission = AdmissionControl(settings.limits, now: now)
        poller = try Poller()
        wakeUp = try WakeUp()
        self.listeners = [:]
        try poller.add(wakeUp.descriptor, owner: Self.wakeOwner, .reading)
        for listener in listeners {
            let id = newID()
            try poller.add(listener.descriptor, owner: id, .reading)
            self.listeners[id] = listener
        }
    }

    func newID() -> UInt64 {
        defer { nextID += 1 }
        return nextID
    }

    /// Microseconds of a clock that only goes forward.
    static func clock() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1_000
    }

    // MARK: Other threads

    /// Has `letter` run on the loop's thread, after those before it; false where the loop has ended.
    @discardableResult
    func post(_ letter: @escaping Letter) -> Bool {
        let (isFirst, isOpen) = mailbox.withLock { mailbox in
            guard mailbox.isOpen else { return (false, false) }
            mailbox.letters.append(letter)
            return (mailbox.letters.count == 1, true)
        }
        if isFirst { wakeUp.signal() }
        return isOpen
    }

    // MARK: Turns

    /// Runs until ``end()``.
    func run() {
        while !isEnding {
            let ready = poller.wait(timeout: timeout)
            now = Self.clock() / 1_000
            turnCount += 1
            for readiness in ready { serve(readiness) }
            readMail()
            flushAll()
            if now >= nextTick { tick() }
        }
        for connection in Array(connections.values) { close(connection, because: nil) }
        for dial in dials.values { dial.answer(.failure(.notRunning)) }
        let letters = mailbox.withLock { mailbox in
            mailbox.isOpen = false
            defer { mailbox.letters = [] }
            return mailbox.letters
        }
        // Who waits for an answer learns that there is no connection.
        for letter in letters { letter(self) }
        for dial in dials.values { dial.answer(.failure(.notRunning)) }
        dials = [:]
    }

    /// Takes nothing more from peers, old or new; what the node still has for them is sent.
    func endReading() {
        isReading = false
        // Whoever knocks now would be reported again and again, and let in by nobody.
        setAccepting(false)
        listeners = [:]
        kept = [:]
        for connection in connections.values { updateInterest(of: connection) }
    }

    /// Ends the loop after this turn.
    func end() { isEnding = true }

    /// Until the clock has to be looked at again; without end where nothing waits for it.
    private var timeout: Int32 {
        let isIdle = connections.isEmpty && kept.isEmpty && dials.isEmpty && settings.seeds.isEmpty
        if isIdle && !admission.isHolding { return -1 }
        return Int32(nextTick > now ? nextTick - now : 0)
    }

    private func serve(_ readiness: Poller.Readiness) {
        if readiness.owner == Self.wakeOwner {
            wakeUp.clear()
        } else if let listener = listeners[readiness.owner] {
            accept(listener)
        } else if let connection = connections[readiness.owner] {
            serve(connection, readiness)
        }
    }

    private func readMail() {
        let letters = mailbox.withLock { mailbox in
            defer { mailbox.letters = [] }
            return mailbox.letters
        }
        for letter in letters { letter(self) }
    }

    /// Looks at what has a time limit. Handshakes are watched closely, everything else once in a while.
    private func tick() {
        for connection in Array(connections.values) { checkDeadline(of: connection) }
        for dial in dials.values { dial.answerLate(at: now) }
        if admission.refill(now: now) { setAccepting(true) }
        dialKept()
        bootstrap()
        let isBusy = !dials.isEmpty || admission.isHolding || connections.count > peers.count
        nextTick = now + (isBusy || settings.backoff.lowerBound < 1_000 ? 100 : 1_000)
    }

    // MARK: Bytes

    /// Calls `body` with what the connection's socket holds, at most 64 KiB of it.
    func readSome(
        of connection: PeerConnection, _ body: (PeerConnection, UnsafeRawBufferPointer) -> Void
    ) {
        scratch.withUnsafeMutableBytes { buffer in
            switch connection.read(into: buffer) {
            case .some(let count):
                body(connection, UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            case .later: break
            case .ended(let reason): close(connection, because: reason)
            }
        }
    }

    /// Has what the connection holds sent at the end of the turn.
    func flushSoon(_ connection: PeerConnection) { unflushed.insert(connection.id) }

    private func flushAll() {
        // What is sent now may free room for more, which then waits for the next turn.
        let due = unflushed
        unflushed = []
        for id in due {
            if let connection = connections[id] { flush(connection) }
        }
        if !unflushed.isEmpty { wakeUp.signal() }
    }

    /// Sends what waits, and asks to be told when there is room for the rest.
    func flush(_ connection: PeerConnection) {
        if case .connecting = connection.stage { return }
        var rounds = 0
        while true {
            fillFromGossip(connection)
            guard connection.unsentCount > 0 else { break }
            rounds += 1
            guard rounds <= 8 else {
                // The other peers first.
                flushSoon(connection)
                break
            }
            switch connection.write() {
            case .some: connection.stalledSince = nil
            case .later: break
            case .ended(let reason): return close(connection, because: reason)
            }
            guard connection.unsentCount == 0 else {
                connection.stalledSince = connection.stalledSince ?? now
                break
            }
            connection.stalledSince = nil
        }
        updateInterest(of: connection)
        if case .leaving = connection.stage, connection.unsentCount == 0 {
            // The peer reads the end behind the last message.
            shutdown(connection.descriptor, Int32(SHUT_WR))
        }
    }

    /// Encrypts messages about the graph while little else waits.
    private func fillFromGossip(_ connection: PeerConnection) {
        guard case .open = connection.stage else { return }
        while connection.unsentCount < 64 << 10, let next = connection.gossip.takeFirst() {
            connection.append(next.message)
            next.onSent?()
        }
    }

    /// Waits at the socket for what the connection needs now.
    func updateInterest(of connection: PeerConnection) {
        var interest: Poller.Interest = []
        if case .connecting = connection.stage {
            interest = .writing
        } else {
            if !connection.isPaused && isReading { interest = .reading }
            if connection.unsentCount > 0 { interest.insert(.writing) }
        }
        guard interest != connection.interest else { return }
        connection.interest = interest
        poller.change(connection.descriptor, owner: connection.id, interest)
    }
}

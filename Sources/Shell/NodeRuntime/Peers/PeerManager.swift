import Bitcoin
import Dispatch
import LightningNode
import LightningWire
import Synchronization
import Threads

/// The node's connections to its peers. Every method may be called from any thread; those that say so block.
public final class PeerManager: Sendable {
    private struct Contents: Sendable {
        var listeners: [PeerListener] = []
        var services: [PeerEndpoint] = []
        var running: Running?
    }

    private struct Running: Sendable {
        let loop: PeerLoop
        let thread: SystemThread
        let node: NodeLoop
    }

    /// How peers are reached.
    public let settings: PeerSettings
    private let log: Log
    private let contents = Mutex(Contents())
    private let customMessages = Subscribers<CustomMessage>()

    /// What connects a node with those settings, once it runs.
    public init(_ settings: PeerSettings, log: Log) {
        self.settings = settings
        self.log = log
    }

    // MARK: Life

    /// Takes the ports of the settings; peers that connect wait until the node runs. Throws where a port cannot be had.
    public func listen() throws(PeerListenError) {
        var opened: [PeerListener] = []
        for endpoint in settings.listen { opened += try PeerListener.open(endpoint) }
        contents.withLock { $0.listeners = opened }
        guard !opened.isEmpty else { return }
        let places = opened.map(\.endpoint.text).joined(separator: " and ")
        log.write(.info, .peer, "listening for peers on \(places)")
    }

    /// Where the node listens, with the ports that the system chose; empty before ``listen()``.
    public var listening: [PeerEndpoint] { contents.withLock { $0.listeners.map(\.endpoint) } }

    /// Where others are told that the node is.
    public var announced: [PeerEndpoint] {
        let told = settings.announced + contents.withLock { $0.services }
        guard told.isEmpty, settings.announcesListening else { return told }
        return listening.filter { IPAddress($0.host)?.isUnspecified == false }
    }

    /// Takes note of one more place where others reach the node, as a Tor service, and lets the network know.
    public func announce(_ endpoint: PeerEndpoint) {
        let node = contents.withLock { contents in
            contents.services.append(endpoint)
            return contents.running?.node
        }
        if let node { tellReachable(node) }
    }

    private func tellReachable(_ node: NodeLoop) {
        node.deliver(.reachable(announced.compactMap { AddressDescriptor($0) }))
    }

    /// Starts the thread of all connections.
    func start(identity: PrivateKey, node: NodeLoop, sink: (any GossipSink)?) {
        contents.withLock { contents in
            do throws(SystemFailure) {
                let loop = try PeerLoop(
                    settings, identity: identity, listeners: contents.listeners, log: log,
                    inputs: node, sink: sink, customMessages: customMessages)
                let thread = SystemThread("peers") { loop.run() }
                contents.running = Running(loop: loop, thread: thread, node: node)
                loop.post { loop in loop.keep([]) }
            } catch {
                log.write(.error, .peer, "no peers can be connected: \(error.reason)")
            }
        }
        // One may have come since the node's settings were made.
        if contents.withLock({ !$0.services.isEmpty }) { tellReachable(node) }
    }

    /// Reads nothing more of peers: the node is about to stop.
    func endReading() { post { loop in loop.endReading() } }

    /// Sends what is left and ends all connections. Blocks.
    func stop() {
        let running = contents.withLock { contents in
            contents.listeners = []
            return contents.running.take()
        }
        guard let running else { return }
        running.loop.post { loop in loop.end() }
        running.thread.join()
    }

    @discardableResult
    private func post(_ letter: @escaping PeerLoop.Letter) -> Bool {
        contents.withLock { $0.running?.loop }?.post(letter) ?? false
    }

    // MARK: Connections

    /// Connects to a node; `answer` is called once, from any thread, when both sides have greeted or it failed.
    ///
    /// One that is `permanent` is kept connected from now on, also after a restart, whether this try succeeds or not. After
    /// `timeout` milliseconds, if they are given, the answer is ``PeerConnectError/tooSlow``; the try goes on all the same.
    public func connect(
        _ address: PeerAddress, permanent: Bool, timeout: UInt64? = nil,
        answer: @escaping @Sendable (Result<Void, PeerConnectError>) -> Void
    ) {
        guard let running = contents.withLock({ $0.running }) else {
            return answer(.failure(.notRunning))
        }
        let descriptors = [AddressDescriptor(address.endpoint)].compactMap { $0 }
        let remember: @Sendable () -> Void = {
            let request = PeerRequest.remember(
                address.key, descriptors, isPermanent: permanent)
            running.node.submit(.peer(request)) { _ in }
        }
        let isPosted = running.loop.post { loop in
            if permanent, address.key != loop.local { remember() }
            loop.kept[address.key]?.isSuspended = false
            loop.dial(address.key, at: [address.endpoint], timeout: timeout) { result in
                if case .success = result { remember() }
                answer(result)
            }
        }
        if !isPosted { answer(.failure(.notRunning)) }
    }

    /// Connects to a node and blocks until both sides have greeted.
    public func connect(_ address: PeerAddress, permanent: Bool) throws(PeerConnectError) {
        let box = Waiter<Result<Void, PeerConnectError>>()
        connect(address, permanent: permanent) { box.fill($0) }
        try box.wait().get()
    }

    /// Ends the connection to a peer, which is not made again by this node until somebody asks for it or the node restarts;
    /// false where there is none. Blocks.
    public func disconnect(_ peer: PublicKey) -> Bool {
        let box = Waiter<Bool>()
        let isPosted = post { loop in
            loop.kept[peer]?.isSuspended = true
            if let connection = loop.peers[peer] {
                loop.leave(connection)
                box.fill(true)
            } else {
                box.fill(false)
            }
        }
        contents.withLock { $0.running?.node }?.submit(.peer(.forget(peer))) { _ in }
        return isPosted ? box.wait() : false
    }

    /// The peers that are connected, in the order of their connecting. Blocks for a moment.
    public var reports: [PeerReport] {
        let box = Waiter<[PeerReport]>()
        let isPosted = post { loop in box.fill(loop.reports) }
        return isPosted ? box.wait() : []
    }

    // MARK: Messages

    /// Sends messages of the node and ends connections on its behalf, in this order.
    func send(_ letters: [PeerLetter]) {
        post { loop in
            for letter in letters {
                switch letter {
                case .messages(let messages, let peer): loop.send(messages, to: peer)
                case .farewell(let peer): loop.disconnect(peer)
                }
            }
        }
    }

    /// Takes the peers that are to stay connected.
    func keep(_ peers: [KnownPeer]) { post { loop in loop.keep(peers) } }

    /// Sends messages about the graph, in this order, when nothing else waits for the peer, over the connection of that number
    /// alone. `onSent` is called once, from any thread, when they are sent or never will be.
    public func sendGossip(
        _ messages: [Message], to peer: NodeID, over connection: UInt64,
        onSent: (@Sendable () -> Void)? = nil
    ) {
        guard let key = try? peer.point.publicKey() else {
            onSent?()
            return
        }
        let encoded = messages.map(\.encoded)
        let isPosted = post { loop in
            loop.sendGossip(encoded, to: key, over: connection, onSent: onSent)
        }
        if !isPosted { onSent?() }
    }

    /// Tells a peer what is wrong with what it sent over the connection of that number, and ends it where that is asked for.
    public func warn(
        _ peer: NodeID, _ text: String, over connection: UInt64, disconnects: Bool = false
    ) {
        guard let key = try? peer.point.publicKey() else { return }
        post { loop in loop.warn(key, text, over: connection, disconnects: disconnects) }
    }

    /// Sends a message that is no part of the protocol; false where the peer is not connected. Blocks for a moment.
    public func send(_ message: CustomMessage) -> Bool {
        let box = Waiter<Bool>()
        let isPosted = post { loop in
            let isConnected = loop.peers[message.peer]?.greeting != nil
            if isConnected {
                loop.send(
                    [.unknown(type: message.type, payload: message.payload)], to: message.peer)
            }
            box.fill(isConnected)
        }
        return isPosted ? box.wait() : false
    }

    /// Calls `handler` with every message of a peer that is no part of the protocol.
    public func subscribeToCustomMessages(
        _ handler: @escaping @Sendable (CustomMessage) -> Void
    ) -> Subscription { customMessages.subscribe(handler) }
}

extension PeerLoop {
    /// The peers that are connected, in the order of their connecting.
    fileprivate var reports: [PeerReport] {
        peers.values.filter { $0.greeting != nil }.sorted { $0.id < $1.id }.compactMap { peer in
            guard let key = peer.key, let greeting = peer.greeting else { return nil }
            return PeerReport(
                key: key, endpoint: peer.endpoint, isInbound: peer.isInbound,
                features: greeting.globalFeatures.union(greeting.features), since: peer.since,
                bytesSent: peer.bytesSent, bytesReceived: peer.bytesReceived,
                messagesSent: peer.messagesSent, messagesReceived: peer.messagesReceived,
                pingTime: peer.pingTime, flapCount: flaps[key] ?? 0, isKept: kept[key] != nil)
        }
    }
}

/// An answer that one thread waits for.
final class Waiter<Value: Sendable>: Sendable {
    private let value = Mutex<Value?>(nil)
    private let signal = DispatchSemaphore(value: 0)

    /// Called once.
    func fill(_ value: Value) {
        self.value.withLock { $0 = value }
        signal.signal()
    }

    /// Waits for the answer.
    func wait() -> Value {
        while true {
            if let value = value.withLock({ $0 }) { return value }
            signal.wait()
        }
    }
}

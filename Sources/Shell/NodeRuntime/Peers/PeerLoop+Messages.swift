import Bitcoin
import LightningCrypto
import LightningNode
import LightningWire

/// A message that is no part of the protocol: programs that use the node exchange them (BOLT 1, types from 32768 on).
public struct CustomMessage: Hashable, Sendable {
    public let peer: PublicKey
    /// From 32768 on, and odd.
    public let type: UInt16
    public let payload: [UInt8]

    /// A message to a peer, or from it.
    public init(peer: PublicKey, type: UInt16, payload: [UInt8]) {
        self.peer = peer
        self.type = type
        self.payload = payload
    }
}

/// What becomes of a message, by its type.
enum MessageRoute: Equatable {
    /// The node's loop.
    case node
    /// The graph (BOLT 7).
    case graph
    /// Programs that asked for messages of their own. BOLT 1 has odd types that are not known ignored.
    case custom

    init(type: UInt16) {
        switch type {
        // announcement_signatures is of BOLT 7 too, but about a channel.
        case ChannelAnnouncement.type, NodeAnnouncement.type, ChannelUpdate.type,
            QueryShortChannelIDs.type...GossipTimestampFilter.type:
            self = .graph
        case 32_768...: self = type % 2 == 1 ? .custom : .node
        default: self = .node
        }
    }
}

/// Messages that come in.
extension PeerLoop {
    /// As many messages as one read may bring are handed on together, so that the node takes them in one batch.
    private static let runLength = 128

    /// Hands on the messages that have arrived, while there is room for them.
    func takeMessages(of connection: PeerConnection) {
        guard let key = connection.key else { return }
        while connection.isOpen {
            guard connection.budget.hasRoom(), connection.gossipBudget.hasRoom() else {
                connection.isPaused = true
                return updateInterest(of: connection)
            }
            guard takeRun(of: connection, key) else { return }
        }
    }

    /// Hands on some messages; false where no more have arrived.
    private func takeRun(of connection: PeerConnection, _ key: PublicKey) -> Bool {
        var (forNode, forGraph) = ([[UInt8]](), [[UInt8]]())
        var (failure, mayGoOn) = (String?.none, true)
        var (count, work) = (0, 0)
        let workLimit = connection.budget.operationsLeft
        while count < Self.runLength, work < workLimit, failure == nil {
            do throws(TransportError) {
                guard let message = try connection.transport?.receiver.next() else {
                    mayGoOn = false
                    break
                }
                count += 1
                guard let type = Self.type(of: message) else {
                    failure = "a message without a type"
                    continue
                }
                switch MessageRoute(type: type) {
                case .graph: if connection.isToldToGraph { forGraph.append(message) }
                case .custom:
                    customMessages.tell(
                        CustomMessage(peer: key, type: type, payload: Array(message[2...])))
                case .node:
                    forNode.append(message)
                    work += MessageWork.operations(type: type, size: message.count)
                    note(message, type, of: connection)
                }
            } catch {
                failure = "\(error)"
            }
        }
        connection.messagesReceived += UInt64(count)
        deliver(forNode, work, forGraph, of: connection, key)
        if let failure { close(connection, because: failure) }
        return mayGoOn
    }

    private static func type(of message: [UInt8]) -> UInt16? {
        message.count < 2 ? nil : UInt16(message[0]) << 8 | UInt16(message[1])
    }

    private func deliver(
        _ forNode: [[UInt8]], _ work: Int, _ forGraph: [[UInt8]], of connection: PeerConnection,
        _ key: PublicKey
    ) {
        if !forNode.isEmpty {
            let size = forNode.reduce(0) { $0 + $1.count }
            let ticket = connection.budget.ticket(
                bytes: size, messages: forNode.count, operations: work)
            inputs.received(forNode, from: key, ticket: ticket)
            if connection.greeting != nil, let dial = connection.dial { end(dial, .success(())) }
        }
        if !forGraph.isEmpty {
            let size = forGraph.reduce(0) { $0 + $1.count }
            let ticket = connection.gossipBudget.ticket(bytes: size, messages: forGraph.count)
            sink?.receive(forGraph, from: NodeID(key), ticket: ticket)
        }
    }

    /// Takes note of what the connection itself has use for.
    private func note(_ message: [UInt8], _ type: UInt16, of connection: PeerConnection) {
        switch type {
        case Init.type:
            guard connection.greeting == nil else { return }
            connection.greeting = try? Init(payload: message, from: 2)
            connection.deadline = nil
            tellGraph(of: connection)
        case Pong.type:
            if let sentAt = connection.pingSentAt { connection.pingTime = Self.clock() - sentAt }
            connection.pingSentAt = nil
        case WarningMessage.type:
            connection.complaint = Self.text((try? WarningMessage(payload: message, from: 2))?.data)
        case ErrorMessage.type:
            connection.complaint = Self.text((try? ErrorMessage(payload: message, from: 2))?.data)
        default: break
        }
    }

    private static func text(_ data: [UInt8]?) -> String? {
        guard let data, !data.isEmpty, data.allSatisfy({ (32...126).contains($0) }) else {
            return nil
        }
        return String(decoding: data.prefix(400), as: UTF8.self)
    }

    /// Tells the graph of a peer once both sides have greeted: before, nothing could be asked of it.
    private func tellGraph(of connection: PeerConnection) {
        guard connection.hasGreeted, !connection.isToldToGraph, let greeting = connection.greeting,
            let key = connection.key
        else { return }
        connection.isToldToGraph = true
        sink?.peerConnected(
            NodeID(key), over: connection.id,
            features: greeting.globalFeatures.union(greeting.features),
            chains: greeting.tlvs.networks)
    }
}

/// Messages that go out.
extension PeerLoop {
    /// Sends what the node has for a peer.
    ///
    /// The node names peers, not connections. What it says before the `init` for the present connection was meant for one
    /// that has ended since, and is dropped with it; what matters is said again.
    func send(_ messages: [Message], to peer: PublicKey) {
        for message in messages {
            if case .initialize = message { noteGreeting(of: peer) }
            guard let connection = peers[peer], connection.hasGreeted else { continue }
            if case .ping = message { connection.pingSentAt = Self.clock() }
            connection.append(message.encoded)
        }
        guard let connection = peers[peer] else { return }
        tellGraph(of: connection)
        flushSoon(connection)
        let waiting = connection.unsentCount + connection.gossip.byteCount
        if waiting > unsentLimit(of: peer) {
            close(connection, because: "\(waiting) bytes wait for it to read them")
        }
    }

    private func unsentLimit(of peer: PublicKey) -> Int {
        let limits = settings.limits
        return kept[peer] == nil ? limits.strangersUnsentBytes : limits.unsentBytes
    }

    private func noteGreeting(of peer: PublicKey) {
        let due = (greetingsDue[peer] ?? 1) - 1
        greetingsDue[peer] = due > 0 ? due : nil
        if due <= 0 { peers[peer]?.hasGreeted = true }
    }

    /// Ends a connection on the node's behalf.
    func disconnect(_ peer: PublicKey) {
        guard let connection = peers[peer], connection.hasGreeted else { return }
        leave(connection)
    }

    /// Sends messages about the graph over that connection when nothing else waits; `onSent` is called once they are sent or never
    /// will be.
    func sendGossip(
        _ messages: [[UInt8]], to peer: PublicKey, over id: UInt64, onSent: GossipQueue.Sent?
    ) {
        guard let connection = peers[peer], connection.id == id, connection.isToldToGraph,
            !messages.isEmpty
        else {
            onSent?()
            return
        }
        // One answer may be large: what counts is that the peer has read those before.
        let waiting = connection.unsentCount + connection.gossip.byteCount
        guard waiting <= unsentLimit(of: peer) else {
            onSent?()
            return close(connection, because: "\(waiting) bytes of gossip wait for it to read them")
        }
        connection.gossip.append(messages, onSent: onSent)
        flushSoon(connection)
    }

    /// Tells a peer what is wrong with what it sent over that connection, and ends it where that is asked for.
    func warn(_ peer: PublicKey, _ text: String, over id: UInt64, disconnects: Bool) {
        guard peers[peer]?.id == id else { return }
        let warning = WarningMessage(channelID: .all, data: Array(text.utf8.prefix(1_000)))
        send([.warning(warning)], to: peer)
        guard disconnects else { return }
        log.write(.info, .peer, "the connection with \(peer) is closed: \(text)")
        disconnect(peer)
    }
}

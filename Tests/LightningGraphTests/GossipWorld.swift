import Bitcoin
import LightningGraph
import LightningWire

/// A machine with the worker, the chain and the storage that answer it, and makers of true and false gossip.
struct GossipWorld {
    static let chainHash = BlockHash(SHA256.hash([7]))
    static let peer = Fixture.node(900)
    /// The node itself, above all others.
    static let local = NodeID(
        Point(prefix: 3, x: Hash256(unsafeFilling: { for index in 0..<32 { $0[index] = 255 } })))
    static let now: UInt64 = 1_800_000_000

    /// The usual limits, but that a peer is compared with only where the test waits for that.
    static var limits: GossipLimits {
        var limits = GossipLimits()
        limits.firstComparisons = 1
        return limits
    }

    var machine: GossipMachine
    var time = GossipWorld.now
    var outputs: [ShortChannelID: FundingOutput] = [:]
    var records: [GossipRecordKey: [UInt8]] = [:]
    var sent: [(peer: NodeID, message: Message)] = []
    var warnings: [String] = []
    var disconnected: [NodeID] = []
    var localUpdates: [ChannelUpdate] = []
    var removed: [ShortChannelID] = []
    /// Signatures that were checked, and questions to the chain.
    var checked = 0
    var asked = 0
    var answersChecks = true

    init(
        limits: GossipLimits = GossipWorld.limits, tip: UInt32 = 1_000,
        local: NodeID = GossipWorld.local
    ) {
        machine = GossipMachine(
            localID: local, graph: ChannelGraph(), key: FundingFingerprintKey(.zero),
            chainHash: GossipWorld.chainHash, tip: BlockHeight(tip), limits: limits)
        connect(GossipWorld.peer)
        sent = []
    }

    mutating func connect(_ peer: NodeID, _ features: [Feature] = [.gossipQueries]) {
        var set = Features()
        for feature in features { set.add(feature) }
        receive(.peerConnected(peer, features: set, chains: nil))
    }

    mutating func receive(_ message: Message, from peer: NodeID = GossipWorld.peer) {
        receive(.message(peer, message))
    }

    mutating func receive(_ input: GossipInput) {
        carryOut(machine.receive(input, at: time))
        carryOut(machine.finish())
    }

    mutating func pass(_ seconds: UInt64) {
        time += seconds
        receive(.tick)
    }

    private mutating func carryOut(_ step: GossipStep) {
        for write in step.writes { records[key(write)] = write.value }
        for effect in step.effects {
            switch effect {
            case .checkSignatures(let id, let checks):
                checked += checks.count
                if answersChecks { receive(.signaturesChecked(id, checks.map(\.holds))) }
            case .findFunding(let id, let ids):
                asked += ids.count
                receive(.fundingFound(id, ids.map { outputs[$0] ?? .missing }))
            case .load(let id, _, let keys): receive(.loaded(id, keys.map { records[$0] }))
            case .send(let peer, let messages): sent += messages.map { (peer, $0) }
            case .warn(_, let reason): warnings.append(reason)
            case .disconnect(let peer, _): disconnected.append(peer)
            case .localUpdate(let update): localUpdates.append(update)
            case .channelRemoved(let id, _): removed.append(id)
            }
        }
    }

    private func key(_ write: RecordWrite) -> GossipRecordKey {
        GossipRecordKey(table: write.table, key: write.key)
    }

    /// The announcements and updates that were sent to the peer since the last look.
    mutating func takeGossip(to peer: NodeID = GossipWorld.peer) -> [Message] {
        takeSent(to: peer).filter {
            if case .channelAnnouncement = $0 { return true }
            if case .channelUpdate = $0 { return true }
            if case .nodeAnnouncement = $0 { return true }
            return false
        }
    }

    /// Everything that was sent to the peer since the last look.
    mutating func takeSent(to peer: NodeID = GossipWorld.peer) -> [Message] {
        defer { sent.removeAll { $0.peer == peer } }
        return sent.filter { $0.peer == peer }.map(\.message)
    }
}

/// A channel of two nodes with all four keys.
struct TrueChannel {
    var id: ShortChannelID
    var nodes: [PrivateKey]
    var fundings: [PrivateKey]

    /// Channel `number`, in a block of its own from 100 on, between nodes `first` and `second`.
    init(_ number: Int, _ first: UInt8 = 1, _ second: UInt8 = 2, height: UInt32? = nil) {
        let value = UInt64(height ?? UInt32(100 + number)) << 40 | UInt64(number) << 16
        id = ShortChannelID(value)
        nodes = [first, second].map(TrueChannel.key)
            .sorted { NodeID(Point($0.publicKey)) < NodeID(Point($1.publicKey)) }
        fundings = [101, 102].map(TrueChannel.key)
    }

    static func key(_ number: UInt8) -> PrivateKey {
        guard let key = try? PrivateKey([UInt8](repeating: number, count: 32)) else {
            preconditionFailure("a small number is a key")
        }
        return key
    }

    var nodeIDs: [NodeID] { nodes.map { NodeID(Point($0.publicKey)) } }

    /// The funding output, as the chain has it.
    var output: FundingOutput {
        let keys = fundings.map(\.publicKey).sorted { Point($0) < Point($1) }
        guard let script = try? Script.multisig(required: 2, keys) else { return .missing }
        return .unspent(
            outPoint, script: .payToWitnessScriptHash(of: script), amount: Satoshi(1_000_000))
    }

    var outPoint: OutPoint {
        OutPoint(TransactionID(SHA256.hash(Array("\(id)".utf8))), 0)
    }

    /// The announcement; `change` comes before it is signed, `damage` after.
    func announcement(
        change: (inout ChannelAnnouncement) -> Void = { _ in },
        damage: (inout ChannelAnnouncement) -> Void = { _ in }
    ) -> ChannelAnnouncement {
        var message = ChannelAnnouncement()
        message.chainHash = GossipWorld.chainHash
        message.shortChannelID = id
        (message.nodeID1, message.nodeID2) = (nodeIDs[0], nodeIDs[1])
        message.bitcoinKey1 = Point(fundings[0].publicKey)
        message.bitcoinKey2 = Point(fundings[1].publicKey)
        change(&message)
        let hash = message.signedHash
        message.nodeSignature1 = WireSignature(nodes[0].sign(hash))
        message.nodeSignature2 = WireSignature(nodes[1].sign(hash))
        message.bitcoinSignature1 = WireSignature(fundings[0].sign(hash))
        message.bitcoinSignature2 = WireSignature(fundings[1].sign(hash))
        damage(&message)
        return message
    }

    func update(
        _ side: UInt8, at time: UInt64 = GossipWorld.now, fee: UInt32 = 1,
        change: (inout ChannelUpdate) -> Void = { _ in }
    ) -> ChannelUpdate {
        var message = ChannelUpdate()
        message.chainHash = GossipWorld.chainHash
        message.shortChannelID = id
        message.timestamp = UInt32(time)
        message.messageFlags = 1
        message.channelFlags = side
        message.cltvExpiryDelta = 40
        message.feeBase = fee
        message.htlcMaximum = MilliSatoshi(900_000_000)
        change(&message)
        message.signature = WireSignature(nodes[Int(side)].sign(message.signedHash))
        return message
    }

    func node(
        _ side: Int, at time: UInt64 = GossipWorld.now,
        change: (inout NodeAnnouncement) -> Void = { _ in }
    ) -> NodeAnnouncement {
        var message = NodeAnnouncement()
        message.timestamp = UInt32(time)
        message.nodeID = nodeIDs[side]
        message.color = [1, 2, 3]
        message.alias = [UInt8](repeating: 0, count: 32)
        change(&message)
        message.signature = WireSignature(nodes[side].sign(message.signedHash))
        return message
    }
}

extension GossipWorld {
    /// Makes the machine believe a channel and the updates of both sides.
    mutating func believe(_ channel: TrueChannel, updates: Bool = true) {
        outputs[channel.id] = channel.output
        receive(.channelAnnouncement(channel.announcement()))
        guard updates else { return }
        for side in UInt8(0)...1 { receive(.channelUpdate(channel.update(side, at: time))) }
    }

    func believes(_ channel: TrueChannel) -> Bool { machine.graph.channel(channel.id) != nil }

    func fee(_ channel: TrueChannel, _ side: UInt8) -> UInt32? {
        machine.graph.channel(channel.id)
            .flatMap { machine.graph.policy($0.direction(side))?.feeBase }
    }
}

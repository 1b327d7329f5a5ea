import Bitcoin
import LightningGraph
import LightningWire

extension FuzzTarget {
    /// Gossip whose every step the input chooses: messages, answers in any order, blocks, time.
    static let gossip: [FuzzTarget] = [
        FuzzTarget(
            "gossip",
            seeds: [
                [0, 0, 2, 1, 0, 5, 0xff, 6, 0, 3, 1, 0, 1, 5, 0xff, 4, 1, 0, 5, 0xff, 10, 60],
                [0, 0, 0, 1, 2, 7, 0, 5, 0xff, 6, 0, 13, 9, 11, 0, 1, 12, 7, 7, 0, 10, 61, 8, 7],
                [0, 3, 14, 0, 1, 14, 1, 1, 12, 1, 0, 7, 15, 1, 6, 0, 9, 0, 8, 1, 1, 3, 10, 200],
            ],
            run: { bytes in
                var driver = GossipDriver(input: bytes[...])
                try driver.run()
            })
    ]
}

/// Reads an input as actions on a machine, and checks what must hold after each.
private struct GossipDriver {
    private static let chain = BlockHash(SHA256.hash([1]))
    private var input: ArraySlice<UInt8>
    private var machine: GossipMachine
    private var time: UInt64 = 1_800_000_000
    private var height = BlockHeight(500)
    private var peers: Set<NodeID> = []
    private var jobs: [GossipEffect] = []
    private var records: [RecordWrite] = []
    /// Channels whose funding the chain has confirmed.
    private var proven: Set<ShortChannelID> = []

    init(input: ArraySlice<UInt8>) {
        self.input = input
        var limits = GossipLimits()
        (limits.pendingChannels, limits.pendingChannelsPerPeer) = (6, 4)
        (limits.heldMessages, limits.channelsPerQuery, limits.channelsPerLoad) = (4, 2, 1)
        machine = GossipMachine(
            localID: Self.node(250), graph: ChannelGraph(), key: FundingFingerprintKey(.zero),
            chainHash: Self.chain, tip: height, limits: limits)
    }

    mutating func run() throws {
        for _ in 0..<400 {
            guard let action = input.popFirst() else { return }
            guard let next = next(action) else { continue }
            try take(machine.receive(next, at: time))
            try take(machine.finish())
        }
    }

    private mutating func byte() -> UInt8 { input.popFirst() ?? 0 }

    private mutating func next(_ action: UInt8) -> GossipInput? {
        switch action % 16 {
        case 0:
            let peer = Self.node(200 + byte() % 3)
            peers.insert(peer)
            var features = Features()
            if byte() % 2 == 0 { features.add(.gossipQueries) }
            features.add(.gossipQueriesExtended)
            return .peerConnected(peer, features: features, chains: nil)
        case 1:
            let peer = Self.node(200 + byte() % 3)
            peers.remove(peer)
            return .peerDisconnected(peer)
        case 2: return message(.channelAnnouncement(announcement()))
        case 3: return message(.channelUpdate(update()))
        case 4: return message(.nodeAnnouncement(nodeAnnouncement()))
        case 5, 6, 7: return answer()
        case 8:
            height = height + 1
            return .blockConnected(height, spent: [outPoint(id())])
        case 9:
            defer { height = height.saturatingSubtract(1) }
            return .blockDisconnected(height, spent: [outPoint(id())])
        case 10:
            time += UInt64(byte()) * UInt64(byte()) * 16
            return .tick
        case 11, 12, 13, 14: return message(query(action % 16))
        default:
            return .local(
                byte() % 2 == 0 ? .channelUpdate(update()) : .channelAnnouncement(announcement()))
        }
    }

    private mutating func message(_ message: Message) -> GossipInput {
        .message(Self.node(200 + byte() % 3), message)
    }

    private mutating func query(_ kind: UInt8) -> Message {
        switch kind {
        case 11:
            let ids = [id(), id()].sorted()
            return .queryShortChannelIDs(
                QueryShortChannelIDs(
                    chainHash: Self.chain, encodedShortIDs: ShortChannelIDList(ids).encoded))
        case 12:
            return .queryChannelRange(
                QueryChannelRange(
                    chainHash: Self.chain, firstBlock: BlockHeight(UInt32(byte()) << (byte() % 32)),
                    numberOfBlocks: UInt32(byte()) << (byte() % 32),
                    tlvs: QueryChannelRangeTLVs(queryOptionFlags: UInt64(byte() % 4))))
        case 13:
            return .gossipTimestampFilter(
                GossipTimestampFilter(
                    chainHash: Self.chain, firstTimestamp: UInt32(byte()) << 24,
                    timestampRange: UInt32(byte()) << 24))
        default:
            guard byte() % 2 == 0 else {
                return .replyShortChannelIDsEnd(
                    ReplyShortChannelIDsEnd(chainHash: Self.chain, fullInformation: 1))
            }
            let ids = Set([id(), id()]).sorted()
            return .replyChannelRange(
                ReplyChannelRange(
                    chainHash: Self.chain, firstBlock: BlockHeight(UInt32(byte())),
                    numberOfBlocks: UInt32(byte()) << (byte() % 32), syncComplete: byte() % 2,
                    encodedShortIDs: ShortChannelIDList(ids).encoded))
        }
    }

    /// Answers a job that is open, right or wrong.
    private mutating func answer() -> GossipInput? {
        guard !jobs.isEmpty else { return nil }
        let choice = byte()
        switch jobs.remove(at: Int(choice) % jobs.count) {
        case .checkSignatures(let id, let checks):
            let bits = byte()
            return .signaturesChecked(
                id, checks.indices.map { bits == 0xff || bits >> ($0 % 8) & 1 == 1 })
        case .findFunding(let id, let ids):
            return .fundingFound(id, ids.map { funding(of: $0) })
        case .load(let id, _, let keys):
            return .loaded(
                id,
                keys.map { key in
                    records.last { $0.table == key.table && $0.key == key.key }?.value
                })
        case .send, .warn, .disconnect, .localUpdate, .channelRemoved: return nil
        }
    }

    private mutating func funding(of id: ShortChannelID) -> FundingOutput {
        switch byte() % 4 {
        case 0: return .missing
        case 1: return .unanswered
        default:
            let keys = [key(1), key(2)].sorted { Point($0) < Point($1) }
            guard let script = try? Script.multisig(required: 2, keys) else { return .missing }
            proven.insert(id)
            return .unspent(
                outPoint(id), script: .payToWitnessScriptHash(of: script), amount: Satoshi(1_000))
        }
    }

    private mutating func take(_ step: GossipStep) throws {
        records += step.writes
        for effect in step.effects {
            switch effect {
            case .checkSignatures, .findFunding, .load: jobs.append(effect)
            case .send(let peer, let messages):
                guard peers.contains(peer), !messages.isEmpty else {
                    throw FuzzFailure("gossip: something is sent to who is not there")
                }
            case .warn, .disconnect, .localUpdate, .channelRemoved: break
            }
        }
        for channel in machine.graph.allChannels
        where !proven.contains(machine.graph.id(channel)) {
            throw FuzzFailure("gossip: a channel is believed that the chain does not have")
        }
    }
}

// MARK: - The parts of messages

extension GossipDriver {
    private mutating func id() -> ShortChannelID {
        ShortChannelID(UInt64(byte()) << 40 | UInt64(byte() % 3) << 16)
    }

    private func outPoint(_ id: ShortChannelID) -> OutPoint {
        OutPoint(TransactionID(SHA256.hash(Array("\(id)".utf8))), 0)
    }

    private func key(_ number: UInt8) -> PublicKey {
        guard let key = try? PrivateKey([UInt8](repeating: number, count: 32)) else {
            preconditionFailure("a small number is a key")
        }
        return key.publicKey
    }

    private static func node(_ number: UInt8) -> NodeID {
        NodeID(Point(prefix: 2, x: Hash256(unsafeFilling: { $0[31] = number })))
    }

    private mutating func announcement() -> ChannelAnnouncement {
        var message = ChannelAnnouncement()
        message.chainHash = Self.chain
        message.shortChannelID = id()
        (message.nodeID1, message.nodeID2) = (Self.node(byte() % 6), Self.node(byte() % 6))
        (message.bitcoinKey1, message.bitcoinKey2) = (Point(key(1)), Point(key(2)))
        return message
    }

    private mutating func update() -> ChannelUpdate {
        var message = ChannelUpdate()
        message.chainHash = Self.chain
        message.shortChannelID = id()
        let choice = byte()
        message.timestamp =
            choice == 0xff ? .max : UInt32(clamping: time) &- 64 &+ UInt32(choice)
        message.channelFlags = byte() % 4
        message.messageFlags = 1
        message.feeBase = UInt32(byte())
        message.htlcMaximum = MilliSatoshi(UInt64(byte()) << (byte() % 56))
        message.extensionBytes = byte() % 8 == 0 ? Array(input.prefix(12)) : []
        return message
    }

    private mutating func nodeAnnouncement() -> NodeAnnouncement {
        var message = NodeAnnouncement()
        message.timestamp = UInt32(clamping: time) &+ UInt32(byte())
        message.nodeID = Self.node(byte() % 6)
        (message.color, message.alias) = ([0, 0, 0], [UInt8](repeating: 0, count: 32))
        message.addresses = byte() % 4 == 0 ? Array(input.prefix(7)) : []
        return message
    }
}

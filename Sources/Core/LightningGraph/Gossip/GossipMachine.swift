import Bitcoin
import LightningWire

/// What this node believes of the network, and what it tells of it: every rule of BOLT 7 as one value.
///
///     message ──plain checks──> signatures ──worker──> funding ──chain──> graph, record, relay
///                 │                                                          ▲
///                 └── an update or a node whose channel is being checked ────┘ waits for it
///
/// Nothing is believed before its signatures are checked, and no channel before the chain has its output. What each
/// peer can make the machine hold is bounded by ``GossipLimits``.
public struct GossipMachine: Sendable {
    /// The channels that are believed.
    public internal(set) var graph: ChannelGraph
    /// Height of the best chain; announcements of what is not deep enough are refused.
    public internal(set) var tip: BlockHeight
    let chainHash: BlockHash
    /// This node.
    let localID: NodeID
    let key: FundingFingerprintKey
    let limits: GossipLimits

    var peers: [NodeID: GossipPeer] = [:]
    /// The number of the last connection.
    var connectionCount: UInt64 = 0
    /// What is held or checked for each peer, also for those that are gone.
    var usage: [NodeID: GossipUsage] = [:]
    var pending: [ShortChannelID: PendingChannel] = [:]
    /// Those of them that wait for blocks.
    var early: Set<ShortChannelID> = []
    /// How many of the pending channels a node has.
    var pendingNodes: [NodeID: Int] = [:]
    /// By node: the latest announcement that came before its channel was checked, and from whom.
    var heldNodes: [NodeID: (message: NodeAnnouncement, peer: NodeID)] = [:]
    var heldUpdates = 0
    var jobs: [GossipJobID: GossipJob] = [:]
    var checks = CheckBatch()
    /// How many messages are with a worker, or about to be.
    var checkingCount = 0
    var fundingWanted: [ShortChannelID] = []
    /// Channels of the graph whose funding the chain is asked for again.
    var rechecks: Set<ShortChannelID> = []
    var relay = RelayQueue()
    var allowances: [AllowanceKey: Allowance] = [:]
    /// Channels whose funding output was spent, or left the chain, at that height.
    var closing: [ShortChannelID: BlockHeight] = [:]
    /// Channels that were refused or forgotten: not asked for again.
    var refused: BoundedSet<ShortChannelID>
    /// Nodes that announced one channel in two ways.
    var blacklist: BoundedSet<NodeID>
    var localChannels: [ShortChannelID: NodeID] = [:]
    /// What the peers of the node's own channels told the network before this node did.
    var earlyUpdates: [ShortChannelID: ChannelUpdate] = [:]
    /// Who this node says that it is, which the graph has once one of its channels is in it.
    var localNode: NodeAnnouncement?
    /// The node's own channels about which the chain did not answer.
    var unansweredChannels: [ShortChannelID] = []
    /// With how many peers all channels were compared as they connected.
    var comparisons = 0
    /// Up to which block channels were compared since the start.
    var comparedTo: UInt64 = 0
    /// The ids of all channels, ascending, for answers; nil after a change.
    var sortedIDs: [UInt64]?
    var nextJob: UInt64 = 0
    var nextFlush: UInt64 = 0
    var nextSync: UInt64 = 0
    var nextPruning: UInt64 = 0
    /// Whether all channels were compared with a peer's since the start: before that, what looks stale may only be old.
    public internal(set) var isSynced = false

    /// The machine of the node `localID`, which believes `graph`, whose fingerprints were made with `key`. `closing` are the
    /// records of that table.
    public init(
        localID: NodeID, graph: ChannelGraph, key: FundingFingerprintKey, chainHash: BlockHash,
        tip: BlockHeight,
        closing: some Sequence<(key: [UInt8], value: [UInt8])> = [], limits: GossipLimits = .init()
    ) {
        self.localID = localID
        self.graph = graph
        self.key = key
        self.chainHash = chainHash
        self.tip = tip
        self.limits = limits
        refused = BoundedSet(limit: limits.rememberedNames)
        blacklist = BoundedSet(limit: limits.rememberedNames)
        for record in closing {
            guard let id = try? ShortChannelID(decodingKey: record.key),
                let closing = try? GossipClosingRecord(record: record.value)
            else { continue }
            self.closing[id] = closing.height
        }
    }

    /// Takes one input at `time`, in seconds since 1970.
    public mutating func receive(_ input: GossipInput, at time: UInt64) -> GossipStep {
        var step = GossipStep()
        switch input {
        case .peerConnected(let peer, let features, let chains):
            connect(peer, features, chains, at: time, &step)
        case .peerDisconnected(let peer): disconnect(peer, at: time, &step)
        case .message(let peer, let message): receive(message, from: peer, at: time, &step)
        case .signaturesChecked(let id, let results):
            take(results, of: id, at: time, &step)
            continueAsking(at: time, &step)
        case .fundingFound(let id, let outputs):
            take(outputs, of: id, at: time, &step)
            continueAsking(at: time, &step)
        case .loaded(let id, let values): take(values, of: id, &step)
        case .blockConnected(let height, let spent): connect(height, spent, &step)
        case .blockDisconnected(let height, let spent): disconnect(height, spent, &step)
        case .local(let message): takeLocal(message, at: time, &step)
        case .localChannels(let channels):
            localChannels = channels
            earlyUpdates = earlyUpdates.filter { channels[$0.key] != nil }
        case .tick: tick(at: time, &step)
        }
        return step
    }

    /// Ends a batch of inputs: signatures and outputs to be checked go out together.
    public mutating func finish() -> GossipStep {
        var step = GossipStep()
        sendChecks(&step)
        sendFundingQuestions(&step)
        return step
    }

    private mutating func receive(
        _ message: Message, from peer: NodeID, at time: UInt64, _ step: inout GossipStep
    ) {
        guard peers[peer] != nil else { return }
        switch message {
        case .channelAnnouncement(let message): receive(message, from: peer, &step)
        case .channelUpdate(let message): receive(message, from: peer, at: time, &step)
        case .nodeAnnouncement(let message): receive(message, from: peer, at: time, &step)
        case .queryShortChannelIDs(let query): receive(query, from: peer, &step)
        case .replyShortChannelIDsEnd(let end): receive(end, from: peer, at: time, &step)
        case .queryChannelRange(let query): receive(query, from: peer, &step)
        case .replyChannelRange(let reply): receive(reply, from: peer, at: time, &step)
        case .gossipTimestampFilter(let filter): receive(filter, from: peer, &step)
        case .warning, .stfu, .peerStorage, .peerStorageRetrieval, .initialize, .error, .ping,
            .pong, .openChannel, .acceptChannel, .fundingCreated, .fundingSigned, .channelReady,
            .shutdown, .closingSigned, .closingComplete, .closingSig, .openChannel2,
            .acceptChannel2, .txAddInput, .txAddOutput, .txRemoveInput, .txRemoveOutput,
            .txComplete, .txSignatures, .txInitRBF, .txAckRBF, .txAbort, .spliceLocked,
            .spliceInit, .spliceAck, .startBatch, .updateAddHTLC, .updateFulfillHTLC,
            .updateFailHTLC, .commitmentSigned, .revokeAndAck, .updateFee,
            .updateFailMalformedHTLC, .channelReestablish, .announcementSignatures,
            .onionMessage, .unknown:
            break
        }
    }

    private mutating func tick(at time: UInt64, _ step: inout GossipStep) {
        if time >= nextFlush {
            nextFlush = time + limits.flushInterval
            flush(&step)
            allowances = allowances.filter { !$0.value.isWhole(at: time) }
        }
        if time >= nextPruning, isSynced {
            nextPruning = time + limits.syncInterval
            prune(at: time, &step)
        }
        fundingWanted += unansweredChannels
        unansweredChannels = []
        tickSync(at: time, &step)
        continueAnswers(&step)
    }

    /// The number of a job that is about to be sent.
    mutating func newJob(_ job: GossipJob) -> GossipJobID {
        nextJob += 1
        let id = GossipJobID(nextJob)
        jobs[id] = job
        return id
    }

    /// Warns a peer of what it got wrong, and lets it go after too many of those.
    ///
    /// BOLT 7: "SHOULD send a `warning`. MAY close the connection. MUST ignore the message."
    mutating func warn(_ peer: NodeID, _ reason: String, _ step: inout GossipStep) {
        guard peers[peer] != nil else { return }
        step.effects.append(.warn(peer, reason))
        peers[peer]?.offences += 1
        if let offences = peers[peer]?.offences, offences == limits.offences {
            step.effects.append(.disconnect(peer, "too much wrong gossip: \(reason)"))
        }
    }

    /// The same for what was sent over a connection, unless that has ended since.
    mutating func warn(_ source: GossipSource, _ reason: String, _ step: inout GossipStep) {
        if isCurrent(source) { warn(source.peer, reason, &step) }
    }

    func isCurrent(_ source: GossipSource) -> Bool {
        peers[source.peer]?.connection == source.connection
    }

    /// The connection with a peer; nil where there is none.
    func source(_ peer: NodeID) -> GossipSource? {
        peers[peer].map { GossipSource(peer: peer, connection: $0.connection) }
    }

    /// Changes what is counted for a peer.
    mutating func count(_ peer: NodeID, _ change: (inout GossipUsage) -> Void) {
        var value = usage[peer] ?? GossipUsage()
        change(&value)
        usage[peer] = value == GossipUsage() ? nil : value
    }

    /// How many channels and other names are remembered as not to be asked for again.
    public var refusedCount: Int { refused.count }

    /// The channel with that funding output.
    public func channel(funding: OutPoint) -> ChannelIndex? {
        graph.channel(funding: FundingFingerprint(funding, key: key))
    }

    /// The file form of what is believed now.
    public func contents(at time: UInt64) -> GraphStore.Contents {
        GraphStore.Contents(graph: graph, savedAt: time, key: key)
    }
}

extension ShortChannelID {
    /// Reads the key of a record.
    init(decodingKey key: [UInt8]) throws(DecodeError) {
        var reader = ByteReader(key.span.bytes)
        self.init(try reader.readBigEndian(UInt64.self))
        try reader.expectEnd()
    }
}

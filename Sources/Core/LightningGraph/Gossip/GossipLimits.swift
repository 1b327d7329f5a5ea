/// How much of gossip is kept, asked for and passed on. Times are in seconds.
public struct GossipLimits: Sendable {
    /// Channels whose announcement is being checked, of all peers together.
    public var pendingChannels = 10_000
    /// The same of one peer.
    public var pendingChannelsPerPeer = 1_000
    /// Channels whose announcement came before the block that makes it deep enough, of all peers together.
    public var earlyChannels = 2_000
    /// The same of one peer.
    public var earlyChannelsPerPeer = 250
    /// How many blocks ahead of this node's chain such an announcement may be.
    public var earlyBlocks: UInt32 = 144
    /// Updates, and announcements of nodes, that wait for the channel that they speak of, of all peers together.
    public var heldMessages = 20_000
    /// Messages whose signatures are with a worker, of all peers together.
    public var checkedMessages = 12_000
    /// The same of one peer.
    public var checkedMessagesPerPeer = 4_000
    /// How much of a peer's answer may still be checked when it is asked for more.
    public var uncheckedBeforeAsking = 500
    /// Signatures in one job for a worker.
    public var signaturesPerJob = 256
    /// Channels in one question to the chain.
    public var fundingsPerJob = 64
    /// Messages that wait for the next flush to peers.
    public var relayedMessages = 10_000
    /// Between two flushes. BOLT 7: "SHOULD flush outgoing gossip messages once every 60 seconds".
    public var flushInterval: UInt64 = 60
    /// BOLT 7: "older than two weeks (1209600 seconds): MAY prune the channel."
    public var staleAfter: UInt64 = 1_209_600
    /// How far ahead of time a message may be.
    public var timeAhead: UInt64 = 86_400
    /// Between two updates that say the same.
    public var keepAliveInterval: UInt64 = 86_400
    /// How many updates of a direction, or announcements of a node, are taken at once ...
    public var updateBurst: UInt64 = 8
    /// ... and how long it takes until one more is.
    public var updateInterval: UInt64 = 3_600
    /// Blocks from the spending of a funding output until the channel is forgotten.
    public var closedDelay: UInt32 = 72
    /// Confirmations without which a channel is not taken.
    public var confirmations: UInt32 = 6
    /// Peers that send all new gossip; others are asked for none.
    public var activePeers = 3
    /// Channels asked for in one `query_short_channel_ids`.
    public var channelsPerQuery = 500
    /// How long a peer may take for an answer.
    public var answerTimeout: UInt64 = 60
    /// Replies to one `query_channel_range`.
    public var repliesPerQuery = 2_000
    /// Between two comparisons of all channels with a peer.
    public var syncInterval: UInt64 = 3_600
    /// With how many peers all channels are compared as they connect after a start: the first may know little.
    public var firstComparisons = 5
    /// Channels read from storage at once for an answer.
    public var channelsPerLoad = 50
    /// Names that are remembered so as not to be asked for again: refused channels, nodes that are not listened to.
    public var rememberedNames = 20_000
    /// Messages that a peer may get wrong before the connection is closed.
    public var offences = 5
    /// Channels without an output that count as one wrong message: others may have learnt of a close a little later.
    public var falseChannels = 20

    /// The usual limits.
    public init() {}

    /// The limits on a network of one's own: news go out at once, and terms may be changed for fun.
    public static let regtest: GossipLimits = {
        var limits = GossipLimits()
        limits.flushInterval = 1
        limits.updateBurst = 1_000
        limits.updateInterval = 1
        limits.keepAliveInterval = 1
        limits.firstComparisons = .max
        return limits
    }()
}

/// Names that are remembered up to a number; the oldest go first.
struct BoundedSet<Element: Hashable & Sendable>: Sendable {
    private var members: Set<Element> = []
    private var order: [Element] = []
    private var next = 0
    let limit: Int

    init(limit: Int) { self.limit = limit }

    var count: Int { members.count }

    func contains(_ element: Element) -> Bool { members.contains(element) }

    mutating func insert(_ element: Element) {
        guard members.insert(element).inserted else { return }
        if order.count < limit {
            order.append(element)
        } else {
            members.remove(order[next])
            order[next] = element
            next = (next + 1) % limit
        }
    }
}

/// How often something may happen: a burst, and then once in each interval.
struct Allowance: Sendable {
    /// When the burst will be whole again, in seconds since 1970.
    private var wholeAt: UInt64 = 0

    /// Whether it may happen now; counts it where it may.
    mutating func take(at time: UInt64, burst: UInt64, interval: UInt64) -> Bool {
        let start = max(wholeAt, time)
        guard start + interval <= time + burst * interval else { return false }
        wholeAt = start + interval
        return true
    }

    /// Whether it has nothing to remember.
    func isWhole(at time: UInt64) -> Bool { wholeAt <= time }
}

import Bitcoin
import LightningWire

/// A channel between its announcement and the graph, with what waits for it.
struct PendingChannel: Sendable {
    var announcement: ChannelAnnouncement
    /// Who sent it; nil where this node made it.
    var peer: NodeID?
    /// By side: the latest update that came meanwhile, and from whom.
    var updates: [UInt8: (message: ChannelUpdate, peer: NodeID)] = [:]
    /// The update that this node made of its own channel.
    var localUpdate: ChannelUpdate?
}

/// What an answer from outside belongs to.
enum GossipJob: Sendable {
    case signatures([CheckedMessage])
    case funding([ShortChannelID])
    case answer(NodeID)
}

/// A message whose signatures are with a worker, and how many they are.
enum CheckedMessage: Sendable {
    case channel(ChannelAnnouncement, NodeID?)
    case update(ChannelUpdate, NodeID)
    /// Of one of the node's own channels, for nobody else.
    case localUpdate(ChannelUpdate, NodeID)
    case node(NodeAnnouncement, NodeID)

    var signatureCount: Int {
        switch self {
        case .channel: 4
        case .update, .localUpdate, .node: 1
        }
    }

    var peer: NodeID? {
        switch self {
        case .channel(_, let peer): peer
        case .update(_, let peer), .localUpdate(_, let peer), .node(_, let peer): peer
        }
    }
}

/// Messages that wait to be sent to a worker together.
struct CheckBatch: Sendable {
    var messages: [CheckedMessage] = []
    var checks: [SignatureCheck] = []
}

/// What is not to come too often.
enum AllowanceKey: Hashable, Sendable {
    case direction(DirectedChannel)
    case node(NodeID)
}

/// What the machine knows of one connection.
struct GossipPeer: Sendable {
    /// Whether the peer keeps the whole graph, so that asking it is worth while.
    var offersQueries: Bool
    var offersExtendedQueries: Bool
    /// Whether the peer follows this chain, as far as it said.
    var followsChain: Bool
    /// Which timestamps of relayed gossip it wants; nil until it says so.
    var filter: ClosedRange<UInt32>?
    /// Whether it was asked to send new gossip.
    var isActive = false
    var pendingChannels = 0
    /// Its messages that are with a worker.
    var checking = 0
    var offences = 0
    var sync = SyncState.idle
    /// Channels that it spoke of and that are not known.
    var wanted: [ShortChannelID] = []
    var answer: GossipAnswer?
}

import Bitcoin
import LightningWire

/// One connection to a peer. What was sent over a connection that has ended is not held against the next one.
struct GossipSource: Hashable, Sendable {
    let peer: NodeID
    /// A running number.
    let connection: UInt64
}

/// A channel between its announcement and the graph, with what waits for it.
struct PendingChannel: Sendable {
    var announcement: ChannelAnnouncement
    /// Who sent it; nil where this node made it.
    var source: GossipSource?
    /// Whether nothing is checked before more blocks have come.
    var isEarly = false
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
    /// Whether the record of the node's own channel is there, which is in the graph.
    case ownRecord(ChannelAnnouncement)
}

/// A message whose signatures are with a worker, and how many they are.
enum CheckedMessage: Sendable {
    case channel(ChannelAnnouncement, GossipSource)
    case update(ChannelUpdate, GossipSource)
    /// Of one of the node's own channels, for nobody else.
    case localUpdate(ChannelUpdate, GossipSource)
    case node(NodeAnnouncement, GossipSource)

    var signatureCount: Int {
        switch self {
        case .channel: 4
        case .update, .localUpdate, .node: 1
        }
    }

    var source: GossipSource {
        switch self {
        case .channel(_, let source), .update(_, let source), .localUpdate(_, let source),
            .node(_, let source):
            source
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

/// How much of what a peer sent is held or being checked. It outlives the connection: who connects anew has no more room.
struct GossipUsage: Sendable, Equatable {
    /// Channels whose announcement is being checked.
    var pending = 0
    /// Channels whose announcement waits for blocks.
    var early = 0
    /// Messages that are with a worker.
    var checking = 0
}

/// What the machine knows of one connection.
struct GossipPeer: Sendable {
    /// The connection's number.
    var connection: UInt64
    /// Whether the peer keeps the whole graph, so that asking it is worth while.
    var offersQueries: Bool
    var offersExtendedQueries: Bool
    /// Whether the peer follows this chain, as far as it said.
    var followsChain: Bool
    /// Which timestamps of relayed gossip it wants; nil until it says so.
    var filter: ClosedRange<UInt32>?
    /// Whether it was asked to send new gossip.
    var isActive = false
    var offences = 0
    /// How many more channels without an output it told of than channels with one, since the last offence.
    var falseChannels = 0
    var sync = SyncState.idle
    /// Channels that it spoke of and that are not known.
    var wanted: [ShortChannelID] = []
    var answer: GossipAnswer?
}

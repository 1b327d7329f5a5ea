import Bitcoin
import LightningWire

/// Something that happened, as far as gossip is concerned.
public enum GossipInput: Sendable {
    /// A peer is connected; `features` are those of its `init`, `chains` what it follows, where it said so.
    case peerConnected(NodeID, features: Features, chains: [BlockHash]?)
    /// The connection to the peer has ended.
    case peerDisconnected(NodeID)
    /// The peer sent a message of BOLT 7; others are not taken.
    case message(NodeID, Message)
    /// A worker has checked signatures: one answer for each check of the job.
    case signaturesChecked(GossipJobID, [Bool])
    /// The chain was asked for funding outputs: one answer for each id of the job.
    case fundingFound(GossipJobID, [FundingOutput])
    /// Records were read: one value for each key of the job, nil where there is none.
    case loaded(GossipJobID, [[UInt8]?])
    /// A block was added, whose inputs spend these outputs.
    case blockConnected(BlockHeight, spent: [OutPoint])
    /// The block at that height, whose inputs spent these outputs, is no longer part of the chain.
    case blockDisconnected(BlockHeight, spent: [OutPoint])
    /// The node made this message about itself or a channel of its own: it goes to every peer.
    case local(Message)
    /// The node's channels that may hear `channel_update`s which are not for others, by their ids and aliases.
    case localChannels([ShortChannelID: NodeID])
    /// Time went on; at least every few seconds.
    case tick
}

/// Ties an answer to the effect that asked for it.
public struct GossipJobID: Hashable, Sendable {
    /// A running number.
    public let value: UInt64

    /// The job of that number.
    public init(_ value: UInt64) { self.value = value }
}

/// What the chain has where a channel is said to be.
public enum FundingOutput: Hashable, Sendable {
    /// The output is there and unspent.
    case unspent(OutPoint, script: Script, amount: Satoshi)
    /// There is no such output, or it is spent.
    case missing
    /// The chain could not be asked: nothing follows from that.
    case unanswered
}

/// Something to be done outside. All but answers to peers can be lost without harm: peers are asked again.
public enum GossipEffect: Sendable {
    /// Check these signatures in a worker, and answer with ``GossipInput/signaturesChecked(_:_:)``.
    case checkSignatures(GossipJobID, [SignatureCheck])
    /// Look for these outputs on the chain, and answer with ``GossipInput/fundingFound(_:_:)``.
    case findFunding(GossipJobID, [ShortChannelID])
    /// Read records for an answer to the peer, and answer with ``GossipInput/loaded(_:_:)`` when what was sent to it before is
    /// on its way.
    case load(GossipJobID, for: NodeID, [GossipRecordKey])
    /// Send messages to the peer, in this order.
    case send(NodeID, [Message])
    /// Tell the peer what is wrong with what it sent.
    case warn(NodeID, String)
    /// Close the connection to the peer.
    case disconnect(NodeID, String)
    /// The peer of one of the node's own channels told its terms for it.
    case localUpdate(ChannelUpdate)
    /// The channel is closed for good, or no longer heard of: what was learnt about it can go.
    case channelRemoved(ShortChannelID, capacity: Satoshi)
}

/// Names a record of gossip.
public struct GossipRecordKey: Hashable, Sendable {
    /// ``RecordTable/gossipChannel``, ``RecordTable/gossipUpdate`` or ``RecordTable/gossipNode``.
    public let table: RecordTable
    public let key: [UInt8]

    /// The record at `key` of a table of gossip.
    public init(table: RecordTable, key: [UInt8]) {
        self.table = table
        self.key = key
    }

    /// The announcement of a channel.
    public static func channel(_ id: ShortChannelID) -> GossipRecordKey {
        var writer = ByteWriter(capacity: 8)
        writer.writeBigEndian(id.value)
        return GossipRecordKey(table: .gossipChannel, key: writer.bytes)
    }

    /// The latest update of a direction.
    public static func update(_ name: DirectedChannel) -> GossipRecordKey {
        GossipRecordKey(table: .gossipUpdate, key: LiquidityKnowledge.key(name))
    }

    /// The latest announcement of a node.
    public static func node(_ id: NodeID) -> GossipRecordKey {
        GossipRecordKey(table: .gossipNode, key: id.point.bytes)
    }

    /// The height at which a channel's funding was spent.
    static func closing(_ id: ShortChannelID) -> GossipRecordKey {
        GossipRecordKey(table: .gossipClosing, key: channel(id).key)
    }
}

/// What an input led to.
public struct GossipStep: Sendable {
    /// Changes of durable state. Losing them costs asking peers again.
    public var writes: [RecordWrite] = []
    public var effects: [GossipEffect] = []

    mutating func put(_ key: GossipRecordKey, _ value: [UInt8]?) {
        writes.append(RecordWrite(key.table, key: key.key, value: value))
    }
}

import LightningChannel
import LightningCommitment
import LightningPayment
import LightningWire

/// What this node tells the network of itself and of its channels, and what the peers of its channels tell it.
struct NodeGossip: Sendable {
    // Durable
    /// Terms that were set at run time; nil where the configuration's hold.
    var common: CommonPolicy?
    var channels: [ChannelKeyNumber: ChannelGossip] = [:]
    /// What the node last told of itself.
    var node: NodeAnnouncement?

    // Not durable
    /// The channels of which something may be due to be told.
    var due: Set<ChannelKeyNumber> = []
    /// The channels that wait for depth to be announced.
    var waiting: Set<ChannelKeyNumber> = []
    /// The channels whose `announcement_signatures` went out over the present connection, and for which place in the chain.
    var signed: [ChannelKeyNumber: ShortChannelID] = [:]
    /// The channels whose `channel_update` went out over the present connection.
    var told: Set<ChannelKeyNumber> = []
    /// Since when the peers of channels are away, in seconds since 1970.
    var awaySince: [ChannelKeyNumber: UInt64] = [:]
    /// The names of the channels as the runtime was last told them; nil where they have changed.
    var names: [ShortChannelID: NodeID]? = [:]
    /// Where the node can be reached, in place of what its policy says.
    var addresses: [AddressDescriptor]?
    /// Whether something may be due to be told of the node itself.
    var isNodeDue = false

    /// How long a peer may be away before its channels are told to be disabled, in seconds: as long as other nodes wait.
    static let awayTime: UInt64 = 20 * 60
    /// What was told is told again before others forget it after two weeks: after so many seconds.
    static let refreshTime: UInt64 = 13 * 86_400
    /// How long terms are still taken after they were changed, in seconds.
    ///
    /// BOLT 7: "SHOULD keep accepting the previous channel parameters for 10 minutes".
    static let graceTime: UInt64 = 600
    /// BOLT 7: "If the funding transaction has less than 6 confirmations: MUST NOT send `channel_announcement`."
    static let depth: Int64 = 6

    /// Under which ``RecordTable/meta`` has the latest `node_announcement`.
    static let nodeKey = Array("node announcement".utf8)

    /// Forgets what went over a connection that has ended.
    mutating func disconnect(_ number: ChannelKeyNumber, at time: UInt64) {
        signed[number] = nil
        told.remove(number)
        if awaySince[number] == nil { awaySince[number] = time }
    }

    /// Forgets a channel that is gone; its record is to be removed.
    mutating func forget(_ number: ChannelKeyNumber) -> [RecordWrite] {
        due.remove(number)
        waiting.remove(number)
        signed[number] = nil
        told.remove(number)
        awaySince[number] = nil
        names = nil
        guard channels.removeValue(forKey: number) != nil else { return [] }
        return [RecordWrite(.channelPolicy, key: ChannelRecordKey.prefix(number), value: nil)]
    }

    /// Keeps what is known of a channel.
    mutating func put(_ number: ChannelKeyNumber, _ gossip: ChannelGossip) -> RecordWrite {
        channels[number] = gossip
        return RecordWrite(
            .channelPolicy, key: ChannelRecordKey.prefix(number), value: gossip.record)
    }
}

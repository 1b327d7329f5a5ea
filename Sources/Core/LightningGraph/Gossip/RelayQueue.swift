import LightningWire

/// News that wait for the next flush, a later message in the place of an earlier one about the same.
///
/// BOLT 7: "it's added to a list of outgoing messages, destined for the processing node's peers, replacing any older updates
/// from the origin node. This list of gossip messages will be flushed at regular intervals".
struct RelayQueue: Sendable {
    /// A message and who sent it, who is not sent it back.
    struct Item<Message: Sendable>: Sendable {
        var message: Message
        var source: NodeID?
    }

    private(set) var channels: [ShortChannelID: Item<ChannelAnnouncement>] = [:]
    private(set) var updates: [DirectedChannel: Item<ChannelUpdate>] = [:]
    private(set) var nodes: [NodeID: Item<NodeAnnouncement>] = [:]

    var count: Int { channels.count + updates.count + nodes.count }

    mutating func add(_ message: ChannelAnnouncement, from source: NodeID?, limit: Int) {
        guard count < limit || channels[message.shortChannelID] != nil else { return }
        channels[message.shortChannelID] = Item(message: message, source: source)
    }

    mutating func add(_ message: ChannelUpdate, from source: NodeID?, limit: Int) {
        guard count < limit || updates[message.direction] != nil else { return }
        updates[message.direction] = Item(message: message, source: source)
    }

    mutating func add(_ message: NodeAnnouncement, from source: NodeID?, limit: Int) {
        guard count < limit || nodes[message.nodeID] != nil else { return }
        nodes[message.nodeID] = Item(message: message, source: source)
    }

    /// Drops what is there of a channel.
    mutating func remove(_ id: ShortChannelID) {
        channels[id] = nil
        for side in UInt8(0)...1 { updates[DirectedChannel(id, side: side)] = nil }
    }

    /// Takes everything out but announcements of channels without an update, which wait on.
    ///
    /// BOLT 7: "If a `channel_announcement` has no corresponding `channel_update`s: MUST NOT send the
    /// `channel_announcement`." And: "MUST consider whether to send the `channel_announcement` after receiving the first
    /// corresponding `channel_update`."
    mutating func takeReady(_ hasUpdate: (ShortChannelID) -> Bool) -> RelayQueue {
        var ready = self
        ready.channels = channels.filter { hasUpdate($0.key) }
        channels = channels.filter { !hasUpdate($0.key) }
        (updates, nodes) = ([:], [:])
        return ready
    }

    /// The messages for one peer in their order: channels before their updates, updates before nodes.
    ///
    /// BOLT 7: "MUST send the `channel_announcement` prior to any corresponding `channel_update`s and
    /// `node_announcement`s."
    func messages(
        for peer: NodeID, in filter: ClosedRange<UInt32>, timestamp: (ShortChannelID) -> UInt32
    ) -> [Message] {
        var messages: [Message] = []
        for (id, item) in channels.sorted(by: { $0.key < $1.key })
        where item.source != peer && filter.contains(timestamp(id)) {
            messages.append(.channelAnnouncement(item.message))
        }
        for (_, item) in updates.sorted(by: { order($0.key) < order($1.key) })
        where item.source != peer && filter.contains(item.message.timestamp) {
            messages.append(.channelUpdate(item.message))
        }
        for (_, item) in nodes.sorted(by: { $0.key < $1.key })
        where item.source != peer && filter.contains(item.message.timestamp) {
            messages.append(.nodeAnnouncement(item.message))
        }
        return messages
    }

    private func order(_ name: DirectedChannel) -> (ShortChannelID, UInt8) {
        (name.shortChannelID, name.side)
    }
}

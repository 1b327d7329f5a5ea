import Bitcoin
import LightningGraph
import LightningWire

/// What has changed in the graph with one step of its gossip.
public struct GraphNews: Sendable {
    /// A node has told on what terms it forwards over a channel.
    public struct Terms: Sendable {
        public let update: ChannelUpdate
        /// Who told, and who is across.
        public let sender: NodeID
        public let receiver: NodeID
        public let capacity: Satoshi
    }

    /// A channel is closed, or no longer heard of.
    public struct Removal: Sendable {
        public let id: ShortChannelID
        public let capacity: Satoshi
        /// The height of the chain at that time.
        public let height: BlockHeight
    }

    public private(set) var nodes: [NodeAnnouncement] = []
    public private(set) var terms: [Terms] = []
    public private(set) var removals: [Removal] = []

    /// Reads what a step has changed from what it keeps: that is all that counts.
    init(_ step: GossipStep, _ graph: ChannelGraph, tip: BlockHeight) {
        for write in step.writes where write.table == .gossipUpdate || write.table == .gossipNode {
            guard let bytes = write.value, let message = try? Message(decoding: bytes) else {
                continue
            }
            if case .nodeAnnouncement(let node) = message { nodes.append(node) }
            guard case .channelUpdate(let update) = message,
                let channel = graph.channel(update.shortChannelID)
            else { continue }
            let (first, second) = graph.ends(channel)
            let ids = (graph.id(first), graph.id(second))
            let isFirst = update.channelFlags & 1 == 0
            terms.append(
                Terms(
                    update: update, sender: isFirst ? ids.0 : ids.1,
                    receiver: isFirst ? ids.1 : ids.0, capacity: graph.capacity(channel)))
        }
        for case .channelRemoved(let id, let capacity) in step.effects {
            removals.append(Removal(id: id, capacity: capacity, height: tip))
        }
    }

    var isEmpty: Bool { nodes.isEmpty && terms.isEmpty && removals.isEmpty }
}

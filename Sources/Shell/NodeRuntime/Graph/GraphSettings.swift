import LightningGraph
import LightningWire

/// How the network's graph is kept.
public struct GraphSettings: Sendable {
    /// Where the graph's file and the records of gossip are; nil to keep them no longer than the process.
    public var folder: String?
    /// How much of gossip is kept, asked for and passed on; nil for what is usual on the network.
    public var limits: GossipLimits?

    /// Settings of these values.
    public init(folder: String? = nil, limits: GossipLimits? = nil) {
        self.folder = folder
        self.limits = limits
    }
}

/// Who brings peers what the graph's machine has for them. Each call returns at once.
protocol GossipOutlet: Sendable {
    /// Sends messages in this order, when nothing else waits for the peer, over the connection of that number alone. `onSent` is
    /// called once, from any thread, when they are sent or never will be.
    func sendGossip(
        _ messages: [Message], to peer: NodeID, over connection: UInt64,
        onSent: (@Sendable () -> Void)?)

    /// Tells a peer what is wrong with what it sent over the connection of that number, and ends it where that is asked for.
    func warn(_ peer: NodeID, _ text: String, over connection: UInt64, disconnects: Bool)
}

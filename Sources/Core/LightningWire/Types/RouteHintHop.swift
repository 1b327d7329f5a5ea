/// One channel of a way to a payee over channels that are not public (BOLT 11, `r`).
public struct RouteHintHop: Hashable, Sendable {
    /// The node at the start of the channel.
    public var nodeID: NodeID
    public var shortChannelID: ShortChannelID
    /// In millisatoshi.
    public var feeBase: UInt32
    public var feeProportionalMillionths: UInt32
    public var cltvExpiryDelta: UInt16

    /// A channel that starts at `nodeID`.
    public init(
        nodeID: NodeID, shortChannelID: ShortChannelID, feeBase: UInt32,
        feeProportionalMillionths: UInt32, cltvExpiryDelta: UInt16
    ) {
        self.nodeID = nodeID
        self.shortChannelID = shortChannelID
        self.feeBase = feeBase
        self.feeProportionalMillionths = feeProportionalMillionths
        self.cltvExpiryDelta = cltvExpiryDelta
    }
}

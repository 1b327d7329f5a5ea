import LightningWire

/// A channel of this node over which HTLCs may be offered now.
public struct PayerChannel: Hashable, Sendable {
    /// All names by which this node knows it; routes use the first.
    public var names: [ShortChannelID]
    public var peer: NodeID
    /// The most that can be offered now: the balance above the reserve and the fees, within what the peer lets be in flight.
    public var available: MilliSatoshi
    /// The least that the peer takes.
    public var htlcMinimum: MilliSatoshi

    /// A channel of these properties.
    public init(
        names: [ShortChannelID], peer: NodeID, available: MilliSatoshi, htlcMinimum: MilliSatoshi
    ) {
        self.names = names
        self.peer = peer
        self.available = available
        self.htlcMinimum = htlcMinimum
    }
}

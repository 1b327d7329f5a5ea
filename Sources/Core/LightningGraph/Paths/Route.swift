import LightningWire

/// A way to the payee, priced exactly: what each HTLC of it has to hold.
public struct Route: Hashable, Sendable {
    /// From the payer's own channel to the one that reaches the payee, or the node where its blinded path begins.
    public var hops: [RouteHop]
    /// What the payee gets.
    public var amount: MilliSatoshi
    /// What all nodes between keep, blinded ones included.
    public var fee: MilliSatoshi
    /// The blocks from now to the expiry of the payer's HTLC.
    public var delta: UInt16
    /// Which of the request's blinded paths the last hop's node begins; nil where the payee is a node.
    public var blindedEnd: Int?
    /// The chance of success in millionths, as far as it is known.
    public var probabilityMillionths: UInt32
    /// What the request's costs make of it, in millisatoshi.
    public var cost: UInt64
    /// How much of the cost is the risk of failing.
    public var risk: UInt64
}

/// One HTLC of a route.
public struct RouteHop: Hashable, Sendable {
    /// Who gets the HTLC.
    public var nodeID: NodeID
    /// Through which channel.
    public var shortChannelID: ShortChannelID
    /// The direction, where the channel is one of the graph: what is learnt from the attempt is learnt about it.
    public var direction: DirectedChannel?
    public var amount: MilliSatoshi
    /// The blocks from now to its expiry.
    public var delta: UInt16
}

/// Why there is no path.
public enum PathError: Error, Equatable, Sendable {
    /// A path carries at least 1 msat and at most ``PathRequest/maximumAmount``.
    case invalidAmount(MilliSatoshi)
    /// The payer pays itself.
    case payerIsPayee
    /// Nothing that is known leads to the payee: it has no public channel and gave no hint.
    case unknownPayee
    /// The payer has no public channel, and none of its own was given.
    case unknownPayer
    /// The payer's own channels cannot send that much: the most that one of them can.
    case insufficientBalance(needed: MilliSatoshi, available: MilliSatoshi)
    /// No path has room for the amount.
    case noPath
    /// The cheapest path that was found costs more than the limit.
    case feeAboveLimit(least: MilliSatoshi, limit: MilliSatoshi)
    /// The shortest path that was found waits longer than the limit, or has too many hops.
    case tooLong(delta: UInt32, limit: UInt16)
}

import LightningWire

/// What a path is wanted for.
public struct PathRequest: Sendable {
    /// The most that one path carries: 2^42 msat, some 43 bitcoin.
    public static let maximumAmount = MilliSatoshi(1 << 42)
    /// The most hops that a path has, by which it always fits an onion.
    public static let maximumHops = 20

    public var payer: NodeID
    /// The payer's channels with what they can send now; nil to take what the graph tells of them.
    public var localChannels: [LocalChannel]?
    public var payee: Payee
    public var amount: MilliSatoshi
    /// The blocks that the payee wants between its HTLC's expiry and now, with whatever hides who that is.
    public var finalDelta: UInt16
    public var limits: PathLimits
    public var costs: PathCosts
    /// Directions that are not to be used.
    public var excludedDirections: Set<DirectedChannel>
    /// Nodes that are not to be used.
    public var excludedNodes: Set<NodeID>

    /// A request of these parts.
    public init(
        payer: NodeID, localChannels: [LocalChannel]? = nil, payee: Payee, amount: MilliSatoshi,
        finalDelta: UInt16 = 18, limits: PathLimits = PathLimits(),
        costs: PathCosts = PathCosts(), excludedDirections: Set<DirectedChannel> = [],
        excludedNodes: Set<NodeID> = []
    ) {
        self.payer = payer
        self.localChannels = localChannels
        self.payee = payee
        self.amount = amount
        self.finalDelta = finalDelta
        self.limits = limits
        self.costs = costs
        self.excludedDirections = excludedDirections
        self.excludedNodes = excludedNodes
    }
}

/// Who is paid.
public enum Payee: Hashable, Sendable {
    /// A node, and the private channels at its end: each a way of one or more hops from a public node to it (BOLT 11, `r`).
    case node(NodeID, hints: [[RouteHintHop]] = [])
    /// Whoever is at the end of one of these blinded paths (BOLT 12).
    case blinded([BlindedEnd])
}

/// What a path must not exceed.
public struct PathLimits: Hashable, Sendable {
    /// All fees together.
    public var fee: MilliSatoshi
    /// The blocks from now to the expiry of the payer's HTLC, `finalDelta` included.
    public var delta: UInt16
    /// What arrives with each of several parts.
    public var part: MilliSatoshi

    /// Limits of these values; as they stand, any fee, two weeks, and parts of any size.
    public init(
        fee: MilliSatoshi = .maximumMoney, delta: UInt16 = 2016,
        part: MilliSatoshi = .maximumMoney
    ) {
        self.fee = fee
        self.delta = delta
        self.part = part
    }
}

/// A channel of the payer as it stands now.
public struct LocalChannel: Hashable, Sendable {
    /// Its id or an alias: what the payer knows it by.
    public var id: ShortChannelID
    public var peer: NodeID
    /// The most that can be offered now, reserve and fees taken off.
    public var available: MilliSatoshi
    /// The least that the peer takes.
    public var htlcMinimum: MilliSatoshi

    /// A channel of these properties.
    public init(
        id: ShortChannelID, peer: NodeID, available: MilliSatoshi, htlcMinimum: MilliSatoshi
    ) {
        self.id = id
        self.peer = peer
        self.available = available
        self.htlcMinimum = htlcMinimum
    }
}

/// A blinded path as what it asks for as a whole (BOLT 12, `blinded_payinfo`).
public struct BlindedEnd: Hashable, Sendable {
    /// Where it begins.
    public var introduction: NodeID
    /// In millisatoshi.
    public var feeBase: UInt32
    public var feeProportionalMillionths: UInt32
    /// With the payee's own final blocks in it.
    public var cltvExpiryDelta: UInt16
    public var htlcMinimum: MilliSatoshi
    public var htlcMaximum: MilliSatoshi

    /// A path of these terms.
    public init(
        introduction: NodeID, feeBase: UInt32, feeProportionalMillionths: UInt32,
        cltvExpiryDelta: UInt16, htlcMinimum: MilliSatoshi, htlcMaximum: MilliSatoshi
    ) {
        self.introduction = introduction
        self.feeBase = feeBase
        self.feeProportionalMillionths = feeProportionalMillionths
        self.cltvExpiryDelta = cltvExpiryDelta
        self.htlcMinimum = htlcMinimum
        self.htlcMaximum = htlcMaximum
    }
}

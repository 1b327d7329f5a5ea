import LightningWire

/// Within what bounds routes are looked for and tried until a payment has succeeded.
public struct SendOptions: Hashable, Sendable {
    /// What all parts together may pay to the nodes on their ways.
    public var feeLimit: MilliSatoshi
    /// After how many seconds nothing more is sent. What is on its way then is waited for.
    public var timeout: UInt64
    /// How many HTLCs may be on their way at the same time.
    public var maximumParts: Int
    /// The most that one HTLC may bring; nil for no limit. A channel may carry several.
    public var largestPart: MilliSatoshi?
    /// The channels of this node that may be used, by any of their names; empty for all.
    public var outgoingChannels: Set<ShortChannelID>
    /// The node that the payee is to get the payment from; nil for any.
    public var lastHop: NodeID?
    /// For how many blocks this node's money may be bound.
    public var cltvLimit: UInt16
    /// Whether the payee may be this node.
    public var allowsSelf: Bool
    /// How much more the chance of success counts than usual: from -100 for not at all to 100 for little else.
    public var successWeight: Int8 = 0

    /// A minute, in seconds.
    public static let usualTimeout: UInt64 = 60
    /// Enough for amounts beyond what single channels hold.
    public static let usualMaximumParts = 16
    /// Two weeks, in blocks.
    public static let usualCLTVLimit: UInt16 = 2016

    /// Options of these values.
    public init(
        feeLimit: MilliSatoshi, timeout: UInt64 = usualTimeout,
        maximumParts: Int = usualMaximumParts, outgoingChannels: Set<ShortChannelID> = [],
        lastHop: NodeID? = nil, cltvLimit: UInt16 = usualCLTVLimit, allowsSelf: Bool = false
    ) {
        self.feeLimit = feeLimit
        self.timeout = timeout
        self.maximumParts = maximumParts
        self.outgoingChannels = outgoingChannels
        self.lastHop = lastHop
        self.cltvLimit = cltvLimit
        self.allowsSelf = allowsSelf
    }

    /// The fee limit for who gives none: a twentieth of the amount, but of small amounts as much again.
    public static func usualFeeLimit(_ amount: MilliSatoshi) -> MilliSatoshi {
        amount <= MilliSatoshi(1_000_000) ? amount : MilliSatoshi(amount.value / 20)
    }
}

import Bitcoin
import LightningCommitment
import LightningWire

/// What the user wants of a channel that this side opens.
public struct OpenRequest: Hashable, Sendable {
    /// The channel's keys, whose number is durable before the request is carried out.
    public var keys: ChannelKeyNumber
    /// The node across.
    public var peer: PublicKey
    public var chain: BlockHash
    /// What this side puts in.
    public var amount: Satoshi
    /// What of it is the peer's from the start.
    public var pushed = MilliSatoshi.zero
    /// Whether the network may learn of the channel.
    public var isAnnounced = true
    public var format = CommitmentFormat.anchors
    /// Whether the channel is used before its funding transaction is mined, if the peer trusts this node.
    public var isZeroConfirmation = false
    /// Whether payments name the channel by aliases alone.
    public var isAliasOnly = false
    /// The fee rate of the first commitments; nil for the present target.
    public var feerate: FeeratePerKw?
    /// The fee rate of the funding transaction, for whoever makes it; nil for the wallet's choice.
    public var fundingFeerate: FeeratePerKw?
    public var terms = ChannelTerms()
    public var limits = PeerLimits()

    /// A request for a channel of `amount` with `peer`.
    public init(
        keys: ChannelKeyNumber, peer: PublicKey, chain: BlockHash, amount: Satoshi
    ) {
        self.keys = keys
        self.peer = peer
        self.chain = chain
        self.amount = amount
    }

    /// The channel type that the request stands for.
    var channelType: Features {
        .channelType(
            format, isAliasOnly: isAliasOnly, isZeroConfirmation: isZeroConfirmation)
    }
}

/// Which channels this node takes from a peer that opens one.
public struct AcceptPolicy: Hashable, Sendable {
    public var chain: BlockHash
    public var terms = ChannelTerms()
    public var limits = PeerLimits()
    /// The least amount of a channel.
    public var minimumAmount = Satoshi(20_000)
    /// The most; nil for no limit of the node's own.
    public var maximumAmount: Satoshi?
    /// The forms of commitments that are taken.
    public var formats: Set<CommitmentFormat> = [.anchors, .staticRemoteKey]
    /// Whether the peer is trusted not to spend the funding twice.
    public var trustsZeroConfirmation = false
    /// Whether channels are taken of which the network may learn.
    public var takesAnnounced = true
    /// Whether channels are taken of which the network may not learn.
    public var takesUnannounced = true
    /// The confirmations to wait for; nil for 3 to 6, by the channel's size.
    public var minimumDepth: UInt32?

    /// The usual policy on `chain`.
    public init(chain: BlockHash) { self.chain = chain }

    /// BOLT 2: "SHOULD set `minimum_depth` to a number of blocks it considers reasonable to avoid double-spending of the
    /// funding transaction."
    func depth(for amount: Satoshi) -> UInt32 {
        if let minimumDepth { return minimumDepth }
        let large = ChannelTerms.largeChannel
        return UInt32(max(3, 6 * min(amount, large).value / large.value))
    }
}

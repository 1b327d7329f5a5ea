import LightningOnChain
import LightningPayment
import LightningWire

/// What the operator wants of the node, and the bounds within which it lets others use it.
public struct NodePolicy: Sendable {
    /// The features that `init` tells peers of.
    public var features: Features
    /// Every so many seconds a peer is asked for a `pong`.
    public var pingAfter: UInt64
    /// After so many seconds without the `pong` that was asked for and without any other message, the connection counts as
    /// dead.
    public var pongWithin: UInt64
    /// A channel whose peer leaves a `commitment_signed` unanswered for so many seconds is used by no new payment, and the peer
    /// is asked for a `pong` at once.
    public var answerWithin: UInt64 = 5

    /// How the node presents itself to the network.
    public var identity: NodeIdentity
    /// How channels are opened, kept and closed.
    public var channels: ChannelPolicy
    /// What forwarding costs.
    public var forwarding: ForwardingPolicy
    /// What invoices ask for; nil for the usual.
    public var invoices: InvoicePolicy?
    /// How long to wait on the chain.
    public var onChain: OnChainPolicy
    /// What may be spent to get transactions mined in time.
    public var publisher: PublisherPolicy

    /// The policy of a node that is not told otherwise.
    public init(
        features: Features = .standard, pingAfter: UInt64 = 60, pongWithin: UInt64 = 30,
        identity: NodeIdentity = NodeIdentity(), channels: ChannelPolicy = ChannelPolicy(),
        forwarding: ForwardingPolicy = .standard, invoices: InvoicePolicy? = nil,
        onChain: OnChainPolicy = OnChainPolicy(), publisher: PublisherPolicy = PublisherPolicy()
    ) {
        self.features = features
        self.pingAfter = pingAfter
        self.pongWithin = pongWithin
        self.identity = identity
        self.channels = channels
        self.forwarding = forwarding
        self.invoices = invoices
        self.onChain = onChain
        self.publisher = publisher
    }
}

extension Features {
    /// What this release does. What BOLT 9 assumes of everybody is demanded, the rest offered.
    public static let standard: Features = {
        var features = Features()
        for feature: Feature in [
            .dataLossProtect, .variableLengthOnion, .staticRemoteKey, .paymentSecret, .channelType,
        ] {
            features.add(feature, required: true)
        }
        for feature: Feature in [
            .upfrontShutdownScript, .basicMultiPartPayment, .largeChannels, .anchors,
            .shutdownAnySegwit, .shortChannelIDAlias, .zeroConfirmation, .simpleClose,
            .gossipQueries, .gossipQueriesExtended,
        ] {
            features.add(feature)
        }
        return features
    }()
}

extension ForwardingPolicy {
    /// One satoshi, one millionth of the amount, and 80 blocks.
    public static let standard = ForwardingPolicy(
        relay: PaymentRelay(cltvExpiryDelta: 80, feeProportionalMillionths: 1, feeBase: 1_000),
        htlcMinimum: MilliSatoshi(1_000))
}

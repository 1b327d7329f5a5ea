import Bitcoin
import LightningWire

/// What a channel must know of the world in a step.
public struct ChannelContext: Sendable {
    /// The height of the best chain's tip.
    public var height: BlockHeight
    /// The features that both this node and the channel's peer offer; empty while the peer is away.
    public var features: Features
    public var feerates: ChannelFeerates
    /// The time for what waits to be signed in company; nil where nothing shall wait.
    public var clock: SigningClock?

    /// The world at `height`, with a peer with which `features` are negotiated.
    public init(
        height: BlockHeight, features: Features, feerates: ChannelFeerates,
        clock: SigningClock? = nil
    ) {
        self.height = height
        self.features = features
        self.feerates = feerates
        self.clock = clock
    }
}

/// The fee rates at which a node opens, keeps and closes channels.
public struct ChannelFeerates: Hashable, Sendable {
    /// For commitments that must be mined as they are: `option_static_remotekey` alone.
    public var commitment: FeeratePerKw
    /// For commitments whose fee an anchor can raise: enough to be relayed.
    public var anchorCommitment: FeeratePerKw
    /// For a mutual close that is in no hurry.
    public var closing: FeeratePerKw

    /// The fee rates of a moment.
    public init(
        commitment: FeeratePerKw, anchorCommitment: FeeratePerKw, closing: FeeratePerKw
    ) {
        self.commitment = commitment
        self.anchorCommitment = anchorCommitment
        self.closing = closing
    }

    /// The same fee rate for everything.
    public init(_ feerate: FeeratePerKw) {
        self.init(commitment: feerate, anchorCommitment: feerate, closing: feerate)
    }
}

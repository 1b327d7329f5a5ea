import Bitcoin
import LightningCommitment
import LightningWire

/// An output on the chain, or a commitment that has to get there, which is this node's to take: what the resolution of a
/// closed channel (BOLT 5) asks the publisher to do.
///
/// A claim stands from the moment that it is made until it is withdrawn by its ``id``, whatever the chain does in between:
/// the publisher stops by itself while a transaction of the best chain spends the output, whoever made it, and goes on
/// where a reorganisation takes that transaction back. Whoever makes claims withdraws them once the spend is final, or
/// where another way of spending takes their place (a claim with the same id takes the older one's place too), and makes
/// all that stand again after a restart: claims are not stored, what was published for them is.
public struct Claim: Hashable, Sendable {
    /// The channel whose signer signs.
    public let channel: ChannelKeyNumber
    /// What is taken, and how.
    public let kind: Kind
    /// What is lost where the claim is never confirmed: the bound for fees. At least zero.
    ///
    /// For an output, its amount; for a commitment, what can only be saved by confirming it in time: the HTLCs that the other
    /// side may take after the deadline, or with no deadline the own balance.
    public let value: Satoshi
    /// The lowest height of a block that can hold the claim: one above a lock time, or for a relative delay the height of
    /// the block that holds what is spent and the delay together.
    public let earliest: BlockHeight
    /// The highest height of a block in which the claim still comes in time: from the next one on somebody else may take
    /// the output. Nil where nobody can: the claim waits for low fees and company.
    public let deadline: BlockHeight?
    /// Whether it punishes a revoked commitment, for which fees may rise further: each satoshi left to the cheat is lost.
    public let isPenalty: Bool

    /// What a claim takes, and how. Kept apart, so that claims are cheap to move.
    public indirect enum Kind: Hashable, Sendable {
        /// An output that this node takes alone.
        case output(ClaimableOutput)
        /// A commitment transaction that is to be confirmed.
        case commitment(CommitmentClaim)
        /// An HTLC of this side's own commitment, by the transaction that the other side has signed too.
        case htlc(HTLCClaim)
    }

    /// A claim of channel `channel`, worth `value`, in a block from `earliest` to `deadline`.
    public init(
        channel: ChannelKeyNumber, kind: Kind, value: Satoshi, earliest: BlockHeight,
        deadline: BlockHeight?
    ) {
        self.channel = channel
        self.kind = kind
        self.value = max(value, .zero)
        self.earliest = earliest
        self.deadline = deadline
        isPenalty = kind.isPenalty
    }

    /// The name of the claim.
    public var id: ClaimID { ClaimID(channel: channel, outPoint: outPoint) }

    /// The output that the claim spends; for a commitment, the funding output.
    public var outPoint: OutPoint {
        switch kind {
        case .output(let output): output.outPoint
        case .commitment(let claim): claim.funding
        case .htlc(let claim): claim.outPoint
        }
    }
}

extension Claim.Kind {
    fileprivate var isPenalty: Bool {
        switch self {
        case .output(let output):
            switch output.path {
            case .revokedDelayed, .revokedHTLC: true
            case .delayed, .toRemote, .preimage, .timeout, .anchor, .abandonedAnchor: false
            }
        case .commitment, .htlc: false
        }
    }
}

/// The name of a claim: what it spends, and for which channel.
public struct ClaimID: Hashable, Comparable, Sendable {
    /// The channel whose signer signs.
    public let channel: ChannelKeyNumber
    /// The output that is spent; for a commitment, the funding output.
    public let outPoint: OutPoint

    /// The claim of `outPoint` for `channel`.
    public init(channel: ChannelKeyNumber, outPoint: OutPoint) {
        self.channel = channel
        self.outPoint = outPoint
    }

    public static func < (left: ClaimID, right: ClaimID) -> Bool {
        (left.channel, left.outPoint) < (right.channel, right.outPoint)
    }
}

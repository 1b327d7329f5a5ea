import Bitcoin
import LightningCommitment
import LightningCrypto
import LightningWire

/// All that is needed of a channel to recognise and resolve whatever spends its funding output (BOLT 5).
///
/// It is made when the channel stops: nothing is signed or revoked after it. The same records of the channel make the same
/// snapshot, so it is not stored itself.
public struct ChannelSnapshot: Hashable, Sendable {
    public var keys: ChannelKeyNumber
    public var funding: ChannelFunding
    /// This side's keys, with the key of ``funding``.
    public var localBasepoints: ChannelBasepoints
    /// The peer's keys, with the key of ``funding``.
    public var remoteBasepoints: ChannelBasepoints
    /// This side's latest commitment.
    public var local: CommitmentTransaction
    /// The peer's signatures of it.
    public var localSignatures: CommitmentSignatures
    /// The peer's oldest commitment that is not revoked.
    public var remote: CommitmentTransaction
    /// The one after it, where this side has signed it and not yet got the revocation.
    public var remoteNext: CommitmentTransaction?
    /// The secrets of all the peer's commitments before ``remote``.
    public var revealedSecrets: RevealedSecrets
    /// Every HTLC that one of the three commitments has or that is not irrevocably removed from them, trimmed ones included.
    public var htlcs: [OpenHTLC]
    /// The mutual closes that this side has signed, by their identifiers.
    public var closings: Set<TransactionID>
    /// The scripts of both sides' `shutdown`.
    public var closingScripts: ClosingScripts
    /// Whether the peer has proved that this state is older than the channel, or a backup may be: it must not be published.
    public var isOutdated: Bool
    /// The `my_current_per_commitment_point` of the peer's last `channel_reestablish`, where this side is behind.
    public var pointOfReestablish: PublicKey?

    /// The scripts to which both sides want to be paid by a mutual close, as far as they have said.
    public struct ClosingScripts: Hashable, Sendable {
        public var local: Script?
        public var remote: Script?

        /// The scripts of this side and of the peer.
        public init(local: Script? = nil, remote: Script? = nil) {
            self.local = local
            self.remote = remote
        }
    }

    /// A channel that stands at these commitments.
    public init(
        keys: ChannelKeyNumber, localBasepoints: ChannelBasepoints,
        remoteBasepoints: ChannelBasepoints, local: CommitmentTransaction,
        localSignatures: CommitmentSignatures, remote: CommitmentTransaction,
        remoteNext: CommitmentTransaction?, revealedSecrets: RevealedSecrets, htlcs: [OpenHTLC],
        closings: Set<TransactionID> = [], closingScripts: ClosingScripts = ClosingScripts(),
        isOutdated: Bool = false, pointOfReestablish: PublicKey? = nil
    ) {
        self.keys = keys
        funding = local.parameters.funding
        self.localBasepoints = localBasepoints
        self.remoteBasepoints = remoteBasepoints
        self.local = local
        self.localSignatures = localSignatures
        self.remote = remote
        self.remoteNext = remoteNext
        self.revealedSecrets = revealedSecrets
        self.htlcs = htlcs
        self.closings = closings
        self.closingScripts = closingScripts
        self.isOutdated = isOutdated
        self.pointOfReestablish = pointOfReestablish
    }

    /// The commitments that may still be published without punishment.
    var validCommitments: [CommitmentTransaction] {
        [local, remote] + (remoteNext.map { [$0] } ?? [])
    }

    /// The keys of the peer's commitment with that point; nil where the point has none.
    func remoteKeys(_ point: PublicKey) -> CommitmentKeys? {
        try? CommitmentKeys(
            perCommitmentPoint: point, owner: remoteBasepoints, counterparty: localBasepoints)
    }
}

/// An HTLC of a channel that is not settled yet, seen from this node.
public struct OpenHTLC: Hashable, Sendable {
    /// Whether this node offered it.
    public var direction: HTLCDirection
    /// The number of the HTLC among those of its offerer.
    public var id: UInt64
    public var amount: MilliSatoshi
    public var paymentHash: PaymentHash
    public var cltvExpiry: BlockHeight
    /// The preimage: told by the peer for an HTLC that this node offered, which is then settled for this node; or, for one
    /// that the peer offered, the answer that this node has decided on.
    ///
    /// BOLT 5: "if the *remote node* is NOT irrevocably committed to the HTLC: MUST NOT *resolve* the output by spending
    /// it." Such an HTLC has no preimage here.
    public var preimage: PaymentPreimage?
    /// For an HTLC that this node offered in order to forward another: when that one expires.
    public var upstreamExpiry: BlockHeight?

    /// An HTLC of these parts.
    public init(
        direction: HTLCDirection, id: UInt64, amount: MilliSatoshi, paymentHash: PaymentHash,
        cltvExpiry: BlockHeight, preimage: PaymentPreimage? = nil,
        upstreamExpiry: BlockHeight? = nil
    ) {
        self.direction = direction
        self.id = id
        self.amount = amount
        self.paymentHash = paymentHash
        self.cltvExpiry = cltvExpiry
        self.preimage = preimage
        self.upstreamExpiry = upstreamExpiry
    }

    /// Which HTLC of the channel it is.
    public var name: HTLCName { HTLCName(direction, id) }
}

/// Names an HTLC of a channel, seen from this node.
public struct HTLCName: Hashable, Sendable {
    public var direction: HTLCDirection
    /// The number of the HTLC among those of its offerer.
    public var id: UInt64

    /// HTLC `id` of this node where `direction` is ``HTLCDirection/offered``, else of the peer.
    public init(_ direction: HTLCDirection, _ id: UInt64) {
        self.direction = direction
        self.id = id
    }
}

extension HTLCName: Comparable {
    /// This node's before the peer's, and those of one by their numbers.
    public static func < (left: HTLCName, right: HTLCName) -> Bool {
        left.direction == right.direction ? left.id < right.id : left.direction == .offered
    }
}

/// An HTLC that was in commitments of the peer which are revoked: what a penalty needs of it.
public struct FormerHTLC: Hashable, Sendable {
    public var name: HTLCName
    public var paymentHash: PaymentHash
    public var cltvExpiry: BlockHeight
    /// The numbers of the peer's commitments that had the HTLC.
    public var remoteCommitments: Range<UInt64>

    /// An HTLC of these parts.
    public init(
        name: HTLCName, paymentHash: PaymentHash, cltvExpiry: BlockHeight,
        remoteCommitments: Range<UInt64>
    ) {
        self.name = name
        self.paymentHash = paymentHash
        self.cltvExpiry = cltvExpiry
        self.remoteCommitments = remoteCommitments
    }
}

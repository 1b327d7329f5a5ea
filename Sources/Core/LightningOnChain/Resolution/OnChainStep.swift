import Bitcoin
import LightningCommitment
import LightningWire

/// Something that concerns a channel that is closing or closed on the chain.
public enum OnChainInput: Hashable, Sendable {
    /// The best chain has a further block, at this height, with these transactions by their positions; those that do not
    /// concern the channel are passed over. Heights come one by one.
    case blockConnected(BlockHeight, [ConfirmedTransaction])
    /// A block that was connected before has these transactions, which may not have been looked for then.
    case blockRescanned(BlockHeight, [ConfirmedTransaction])
    /// The last block, at this height, is no longer in the best chain.
    case blockDisconnected(BlockHeight)
    /// A transaction that waits in the mempool, and spends an output that is watched.
    case unconfirmed(Transaction)
    /// This node has decided to take the peer's HTLC `id` with its preimage.
    case fulfill(id: UInt64, PaymentPreimage)
    /// The per-commitment point of this side's own commitment with that number, which an unknown spend of the funding output
    /// (``UnknownFundingSpend/number``) may turn out to be: its balance is this side's after the delay all the same.
    case localPoint(commitment: UInt64, PublicKey)
    /// A part of the HTLCs that were asked for with ``OnChainEvent/loadFormerHTLCs(remoteCommitment:)``, or all; more may
    /// be among them. `isLast` ends the parts.
    case formerHTLCs([FormerHTLC], isLast: Bool)
}

/// What a step of a channel on the chain led to.
public struct OnChainStep: Hashable, Sendable {
    public var writes: [RecordWrite] = []
    public var events: [OnChainEvent] = []

    /// A step that led to nothing yet.
    public init() {}
}

/// What a channel on the chain wants of the node, or tells it.
public enum OnChainEvent: Hashable, Sendable {
    /// To be given to the publisher; one with the same id takes the place of the one before.
    case claim(Claim)
    /// To be withdrawn from the publisher.
    case withdraw(ClaimID)
    /// Spends of these outputs are to be told from now on, those in the block of this step included.
    case watch([OutPoint])
    /// The funding output is spent in the block at this height, and how. Told again after a reorganisation.
    case fundingSpent(FundingSpend, TransactionID, BlockHeight)
    /// No block of the best chain spends the funding output any more.
    case fundingUnspent
    /// The peer has published a revoked commitment: the HTLCs of the past whose
    /// ``FormerHTLC/remoteCommitments`` contain the number are needed to punish it wholly.
    case loadFormerHTLCs(remoteCommitment: UInt64)
    /// The chain or the mempool shows the preimage of this node's HTLC. What it forwarded is to be fulfilled at once, for a
    /// preimage cannot be taken back.
    case offeredFulfilled(id: UInt64, PaymentPreimage)
    /// This node's HTLC comes back, or never was in the commitment that closed the channel, at a safe depth. What it
    /// forwarded is to be failed.
    case offeredFailed(id: UInt64)
    /// The peer's HTLC has ended at a safe depth: this node got its amount, or did not.
    case receivedEnded(id: UInt64, isOurs: Bool)
    /// Everything is resolved for good. The channel's records may go, and this value with them.
    case closed(ClosingSummary)
}

/// Why this side's commitment is not published.
public enum OnChainError: Error, Equatable, Sendable {
    /// The state is older than the channel. BOLT 5: "if the node knows or assumes its channel state is outdated: MUST NOT
    /// broadcast its *last commitment transaction*."
    case outdated
    case signer(SignerError)
    /// The signer's transaction does not fit the commitment.
    case unusableCommitment
}

import Bitcoin
import LightningCommitment
import LightningWire

/// A transaction of a block that spends an output of a channel.
public struct ConfirmedTransaction: Hashable, Sendable {
    public let transaction: Transaction
    public let id: TransactionID
    /// The height of the block.
    public let height: BlockHeight
    /// The position in the block.
    public let position: UInt32

    /// A transaction at `position` of the block at `height`.
    public init(_ transaction: Transaction, height: BlockHeight, position: UInt32) {
        self.transaction = transaction
        id = transaction.id
        self.height = height
        self.position = position
    }
}

/// What an output of a closed channel is, seen from this node.
public enum OutputPurpose: Hashable, Sendable {
    /// This node's balance: `to_local` of its own commitment, `to_remote` of the peer's, or its part of a mutual close.
    case balance
    /// The balance that the peer loses because it has published a revoked commitment.
    case forfeitedBalance
    /// The anchor of this node.
    case anchor
    /// The anchor of the peer, which is anybody's after a while.
    case peersAnchor
    case htlc(HTLCName)
    /// What an HTLC transaction of the commitment's owner has made of an HTLC; nil where it is not known of which.
    case secondStage(HTLCName?)
    /// An output of a revoked commitment that is an HTLC of which no record is at hand.
    case unidentified
}

/// How an output was spent.
struct OutputSpend: Hashable, Sendable {
    let transactionID: TransactionID
    let height: BlockHeight
    /// Whether the output went to this node, or was left to it by an HTLC transaction of its own.
    let isOurs: Bool
}

/// An output on the chain that is followed until it is spent for good.
struct TrackedOutput: Hashable, Sendable {
    let outPoint: OutPoint
    let output: TransactionOutput
    /// The height of the block that holds it.
    let height: BlockHeight
    let purpose: OutputPurpose
    /// How this node takes it; nil where it cannot.
    let claim: Claim?
    /// The tip when that became known, where the block that holds the output was there already.
    var claimedFrom = BlockHeight(0)
    /// For an HTLC, by what it is locked.
    let paymentHash: PaymentHash?
    /// From when on it can be left alone where nobody spends it; nil where it has to be spent.
    let lapse: BlockHeight?
    var spend: OutputSpend?

    /// The claim as it is to be told, at `tip`: until the output is spent for good, but not where it was spent before anybody
    /// could claim it, for whoever publishes has not seen that.
    func standingClaim(_ policy: OnChainPolicy, tip: BlockHeight) -> Claim? {
        if isFinal(policy, tip: tip) { return nil }
        if let spend, spend.height <= claimedFrom { return nil }
        return claim
    }

    /// From when on it can be left alone. What is negligible may never be worth the fee: it is claimed for a while, and then
    /// not waited for.
    private func lapse(_ policy: OnChainPolicy) -> BlockHeight? {
        guard lapse == nil, output.amount <= policy.negligible else { return lapse }
        return max(height, claim?.earliest ?? height)
    }

    /// Whether nothing more is to be expected of it at `tip`.
    func isFinal(_ policy: OnChainPolicy, tip: BlockHeight) -> Bool {
        if let spend { return spend.height.isDeep(policy.finalDepth, at: tip) }
        return lapse(policy)?.isDeep(policy.finalDepth, at: tip) ?? false
    }
}

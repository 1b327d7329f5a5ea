import Bitcoin
import LightningCommitment

/// A commitment transaction that is to be confirmed: this side's own, fully signed, or one of the other side's that waits
/// in the mempool with too low a fee.
public struct CommitmentClaim: Hashable, Sendable {
    /// The transaction with its witness.
    public let transaction: Transaction
    /// What the miner gets of it: the funding less all outputs.
    public let fee: Satoshi
    /// This side's anchor in the transaction, by which a child can raise the fee; nil where there is none.
    public let anchor: ClaimableOutput?

    /// A claim that `transaction`, which pays `fee` and has one input, be confirmed.
    ///
    /// Nil where the transaction has another number of inputs, or the anchor is not one of its outputs.
    public init?(_ transaction: Transaction, fee: Satoshi, anchor: ClaimableOutput?) {
        guard transaction.inputs.count == 1 else { return nil }
        if let anchor, anchor.outPoint.transactionID != transaction.id { return nil }
        self.transaction = transaction
        self.fee = fee
        self.anchor = anchor
    }

    /// This side's own `commitment` with both signatures in `transaction`, to be raised by its anchor where it has one.
    public init?(own commitment: CommitmentTransaction, signed transaction: Transaction) {
        self.init(
            transaction, fee: commitment.fee,
            anchor: commitment.index(of: .localAnchor).flatMap(commitment.ownerClaim))
    }

    /// The funding output.
    public var funding: OutPoint { transaction.inputs[0].previousOutput }
}

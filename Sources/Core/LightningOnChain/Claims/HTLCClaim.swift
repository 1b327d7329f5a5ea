import Bitcoin
import LightningCommitment
import LightningWire

/// An HTLC of this side's own commitment, which is on the chain, with all that its HTLC transaction needs.
///
/// With anchors the transaction takes its fee from wallet coins, and may be made together with others of the same lock
/// time; without, its fee was fixed by the commitment.
public struct HTLCClaim: Hashable, Sendable {
    /// This side's commitment.
    public let commitment: CommitmentTransaction
    /// The position of the HTLC's output in it.
    public let output: Int
    /// The other side's keys in the channel.
    public let counterparty: ChannelBasepoints
    /// The other side's signature of the HTLC transaction, from `commitment_signed`.
    public let counterpartySignature: ECDSASignature
    /// The preimage, which is there exactly where the other side offered the HTLC.
    public let preimage: PaymentPreimage?
    /// The transaction as both sides have agreed on it, without inputs for a fee.
    public let transaction: HTLCTransaction

    /// A claim of output `output` of `commitment`.
    ///
    /// Nil where that is no HTLC, or a preimage is missing, wrong or too many.
    public init?(
        _ commitment: CommitmentTransaction, output: Int, counterparty: ChannelBasepoints,
        counterpartySignature: ECDSASignature, preimage: PaymentPreimage?
    ) {
        guard commitment.outputs.indices.contains(output),
            let transaction = HTLCTransaction(commitment, output: output)
        else { return nil }
        switch (transaction.htlc.direction, preimage) {
        case (.offered, nil): break
        case (.received, let preimage?):
            guard preimage.paymentHash == transaction.htlc.paymentHash else { return nil }
        case (.offered, _?), (.received, nil): return nil
        }
        self.commitment = commitment
        self.output = output
        self.counterparty = counterparty
        self.counterpartySignature = counterpartySignature
        self.preimage = preimage
        self.transaction = transaction
    }

    /// The HTLC's output.
    public var outPoint: OutPoint { commitment.outPoint(output) }
}

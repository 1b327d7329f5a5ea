import Bitcoin
import LightningCommitment
import LightningWire

/// How a channel ended, for its owner to read once all is done.
public struct ClosingSummary: Hashable, Sendable {
    /// Who closed the channel, and with what.
    public let spend: FundingSpend
    /// The transaction that spent the funding output.
    public let transactionID: TransactionID
    /// The height of its block.
    public let height: BlockHeight
    public let capacity: Satoshi
    /// What the miner got of that transaction.
    public let closingFee: Satoshi
    /// Whether this node opened the channel, so that the fee of a commitment was its.
    public let isOpener: Bool
    /// What of the closing transaction pays this node without any claim: its output of a mutual close.
    public let paidAtOnce: Satoshi
    /// Every output that this node had a claim to or watched, with its end.
    public let outputs: [ClosedOutput]
    /// What miners got of this node's sweeps that took nothing but outputs of this channel. Those that took others' along
    /// count in the wallet alone, and so do the wallet's coins that have paid for HTLC transactions and anchors.
    public let claimFees: Satoshi

    /// What this node has taken of the channel, before the fees of taking it. Of an HTLC that an HTLC transaction has
    /// resolved, what that transaction made counts.
    public var taken: Satoshi {
        outputs.reduce(paidAtOnce) { $1.end == .taken ? $0 + $1.amount : $0 }
    }
}

/// An output of a closed channel and its end.
public struct ClosedOutput: Hashable, Sendable {
    /// Where an output went.
    public enum End: Hashable, Sendable {
        /// To this node's wallet.
        case taken
        /// Into an HTLC transaction, whose output is listed too.
        case secondStage
        /// To the peer, or to anybody.
        case lost
        /// Nowhere: it is worth nobody's while, or the peer's to take.
        case left
    }

    public let outPoint: OutPoint
    public let amount: Satoshi
    public let purpose: OutputPurpose
    public let end: End
    /// What spent it; nil where it was left.
    public let spender: TransactionID?
}

extension ClosingSummary {
    init(_ resolution: Resolution, _ snapshot: ChannelSnapshot) {
        spend = resolution.spend
        transactionID = resolution.closing.id
        height = resolution.closing.height
        capacity = snapshot.funding.amount
        isOpener = snapshot.local.parameters.ownerIsOpener
        let transaction = resolution.closing.transaction
        closingFee = transaction.outputs.reduce(snapshot.funding.amount) { $0 - $1.amount }
        paidAtOnce =
            resolution.spend == .mutual
            ? transaction.outputs.reduce(.zero) {
                $1.scriptPubKey == snapshot.closingScripts.local ? $0 + $1.amount : $0
            } : .zero
        claimFees = resolution.knownFees
        let followed = Set(resolution.outputs.map(\.outPoint.transactionID))
        outputs = resolution.outputs.map { output in
            let end: ClosedOutput.End
            if let spend = output.spend {
                // The penalty of a second stage is the end of what the cheat had taken for a while.
                end =
                    followed.contains(spend.transactionID)
                    ? .secondStage : spend.isOurs ? .taken : .lost
            } else {
                end = .left
            }
            return ClosedOutput(
                outPoint: output.outPoint, amount: output.output.amount,
                purpose: output.purpose, end: end, spender: output.spend?.transactionID)
        }
    }
}

import Bitcoin
import LightningCommitment

/// Which claims may share a transaction: all those of equal company.
///
/// What only this node can take may be taken together over channels. What somebody else can take too, now or later, is kept
/// apart by channel: whoever spends one output of a transaction holds up all the others in it (pinning).
enum Company: Hashable, Comparable {
    /// None.
    case alone(ClaimID)
    /// HTLC transactions of one commitment with one lock time, which both sides' signatures cover.
    case htlcs(TransactionID, lockTime: UInt32)
    /// Outputs that the channel's other side can take as well at once.
    case disputed(ChannelKeyNumber)
    /// Outputs that the other side can take after the deadline.
    case contested(ChannelKeyNumber)
    /// Outputs that nobody else can take.
    case own

    init(_ state: ClaimState) {
        let claim = state.claim
        guard !state.isAlone else {
            self = .alone(claim.id)
            return
        }
        switch claim.kind {
        case .commitment: self = .alone(claim.id)
        case .htlc(let htlc):
            switch htlc.transaction.format {
            case .staticRemoteKey: self = .alone(claim.id)
            case .anchors:
                self = .htlcs(
                    htlc.commitment.id, lockTime: htlc.transaction.transaction.lockTime.value)
            }
        case .output(let output): self = Company(output, of: claim)
        }
    }

    private init(_ output: ClaimableOutput, of claim: Claim) {
        switch output.path {
        case .timeout, .revokedHTLC: self = .disputed(claim.channel)
        case .preimage, .revokedDelayed: self = .contested(claim.channel)
        case .delayed, .toRemote, .anchor, .abandonedAnchor:
            self = claim.deadline == nil ? .own : .contested(claim.channel)
        }
    }
}

extension Claim {
    /// What the claim adds to a transaction that takes several.
    var ownWeight: Weight {
        switch kind {
        case .output(let output): Weight(41 * 4) + output.maximumWitnessWeight
        case .htlc(let claim): claim.transaction.expectedWeight
        case .commitment(let claim): claim.transaction.weight
        }
    }

    /// Whether the fee was fixed when the transaction was signed by both sides.
    var hasFixedFee: Bool {
        switch kind {
        case .output: false
        case .commitment(let claim): claim.anchor == nil
        case .htlc(let claim):
            switch claim.transaction.format {
            case .staticRemoteKey: true
            case .anchors: false
            }
        }
    }
}

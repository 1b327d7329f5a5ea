import Bitcoin
import LightningCommitment
import LightningOnChain

/// Fees of commitments that wait to be mined, as users want them.
extension LightningNode {
    /// Has a commitment pay more by its child; says at once whether that could be done.
    mutating func raiseClosingFee(
        of funding: OutPoint, to rate: FeeratePerKw, _ budget: Satoshi?, asker: RequestID,
        at moment: Moment
    ) throws(ChannelRequestError) -> Step {
        guard let (claim, before) = pendingCommitment(spending: funding) else {
            throw .notNow(
                reason: "no commitment of this node's for that channel waits to be mined")
        }
        guard before < rate else {
            throw .notNow(reason: "the commitment pays \(before) already")
        }
        var step = publish(.raise(claim, to: rate, budget: budget), at: moment)
        step.append(publishDue(at: moment))
        guard let (_, now) = pendingCommitment(spending: funding), now > before else {
            let reason =
                "it still pays \(before): the fee would be above the limit, or the wallet has no"
                + " confirmed coins for it"
            return step + refusal(of: asker, .channel(.notNow(reason: reason)))
        }
        return step + reply(asker, .done)
    }

    /// The claim of this side's commitment, and the rate that is offered for it.
    private func pendingCommitment(
        spending funding: OutPoint
    ) -> (ClaimID, rate: FeeratePerKw)? {
        let claim = publisher.standingClaims.first { claim in
            if case .commitment = claim.kind { claim.outPoint == funding } else { false }
        }
        guard let claim,
            let report = publisher.pending.first(where: { $0.claims.contains(claim.id) })
        else { return nil }
        return (claim.id, report.rate ?? FeeratePerKw(0))
    }
}

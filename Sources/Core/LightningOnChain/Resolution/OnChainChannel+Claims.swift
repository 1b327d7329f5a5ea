import Bitcoin
import LightningCommitment
import LightningWire

/// What a channel has claimed.
extension OnChainChannel {
    /// Every claim that stands: those of outputs that are not spent for good, and of a commitment that has to be confirmed
    /// or may have to be again.
    var wantedClaims: [ClaimID: Claim] {
        var wanted: [ClaimID: Claim] = [:]
        if let claim = commitmentClaim { wanted[claim.id] = claim }
        for output in resolution?.outputs ?? [] {
            guard let claim = output.standingClaim(facts.policy, tip: tip) else { continue }
            wanted[claim.id] = claim
        }
        return wanted
    }

    private var commitmentClaim: Claim? {
        if let publication, isOpen(since: publication.height) {
            let signed = snapshot.local.signed(
                owner: publication.signature, counterparty: snapshot.localSignatures.commitment)
            return CommitmentClaim(own: snapshot.local, signed: signed).map { claim in
                make(
                    claim, Urgency(snapshot.local, facts, isOurs: true), from: publication.height,
                    balance: snapshot.local.amount(of: .toLocal))
            }
        }
        return peersCommitmentClaim
    }

    /// A claim of the peer's commitment that waits in the mempool, where this side cannot wait with it.
    private var peersCommitmentClaim: Claim? {
        guard let sighting, isOpen(since: sighting.height) else { return nil }
        let id = sighting.transaction.id
        guard let commitment = snapshot.validCommitments.dropFirst().first(where: { $0.id == id })
        else { return nil }
        let urgency = Urgency(commitment, facts, isOurs: false)
        guard urgency.deadline != nil else { return nil }
        let anchor = commitment.index(of: .remoteAnchor).flatMap {
            commitment.counterpartyClaim($0)
        }
        return CommitmentClaim(sighting.transaction, fee: commitment.fee, anchor: anchor).map {
            make($0, urgency, from: sighting.height, balance: .zero)
        }
    }

    /// Whether a commitment that was wanted at `height` may have to be published still or again.
    private func isOpen(since height: BlockHeight) -> Bool {
        guard let closing = resolution?.closing else { return true }
        return closing.height > height
            && !closing.height.isDeep(facts.policy.finalDepth, at: tip)
    }

    private func make(
        _ claim: CommitmentClaim, _ urgency: Urgency, from height: BlockHeight, balance: Satoshi
    ) -> Claim {
        Claim(
            channel: snapshot.keys, kind: .commitment(claim),
            value: urgency.deadline == nil ? balance : urgency.value, earliest: BlockHeight(0),
            deadline: urgency.deadline ?? height + facts.policy.patience)
    }
}

/// Until when a commitment has to be confirmed so that its HTLCs can still be resolved in time, and what is lost otherwise.
private struct Urgency {
    private(set) var deadline: BlockHeight?
    private(set) var value = Satoshi.zero

    /// The urgency of `commitment`, which is this side's own or the peer's.
    init(_ commitment: CommitmentTransaction, _ facts: OnChainFacts, isOurs: Bool) {
        for output in commitment.outputs {
            guard case .htlc(let htlc) = output.purpose else { continue }
            let direction = isOurs ? htlc.direction : htlc.direction.reversed
            guard let last = Self.last(HTLCName(direction, htlc.id), htlc.cltvExpiry, facts)
            else { continue }
            deadline = min(deadline ?? last, last)
            value += output.output.amount
        }
    }

    /// The last block for the commitment that leaves half of the time, or the usual time, for what resolves the HTLC.
    private static func last(
        _ name: HTLCName, _ expiry: BlockHeight, _ facts: OnChainFacts
    ) -> BlockHeight? {
        let policy = facts.policy
        switch name.direction {
        case .received:
            guard facts.fulfillments[name.id] != nil else { return nil }
            return expiry.saturatingSubtract(policy.fulfillmentTime / 2)
        case .offered:
            return facts.upstreamExpiry(name)?
                .saturatingSubtract(policy.safeDepth + policy.confirmation)
        }
    }
}

extension CommitmentTransaction {
    /// What the output for `purpose` holds, or nothing.
    fileprivate func amount(of purpose: CommitmentOutput.Purpose) -> Satoshi {
        index(of: purpose).map { outputs[$0].output.amount } ?? .zero
    }
}

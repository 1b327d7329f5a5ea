import Bitcoin

extension Publisher {
    mutating func add(
        _ claim: Claim, _ wallet: inout some FeeWallet, _ changes: inout PublisherChanges
    ) {
        let id = claim.id
        isDue = true
        if var known = claims[id] {
            if known.claim.kind != claim.kind {
                // Another way of spending the same: what was made for the old one is not it.
                leave(id, &wallet, &changes)
                known.publication = nil
            }
            known.claim = claim
            claims[id] = known
            return
        }
        claims[id] = ClaimState(claim: claim)
        claimed[claim.outPoint] = id
    }

    mutating func withdraw(
        _ id: ClaimID, _ wallet: inout some FeeWallet, _ changes: inout PublisherChanges
    ) {
        guard claims[id] != nil else { return }
        leave(id, &wallet, &changes)
        claims.removeValue(forKey: id)
        claimed.removeValue(forKey: id.outPoint)
        changes.touch(id)
    }

    /// Takes a claim out of its publication; what others of it there are go on without it.
    private mutating func leave(
        _ id: ClaimID, _ wallet: inout some FeeWallet, _ changes: inout PublisherChanges
    ) {
        guard let state = claims[id], let number = state.publication,
            var publication = publications[number]
        else { return }
        publication.members.removeAll { $0 == id }
        isDue = true
        changes.touch(number)
        guard publication.members.isEmpty else {
            publications[number] = publication
            return
        }
        publications.removeValue(forKey: number)
        let inputs = state.claim.spentHere
        if state.isConfirmedAsMeant {
            // A child may still wait though its commitment went without it.
            wallet.handOver(inputs)
        } else {
            wallet.release(inputs)
        }
    }
}

extension Claim {
    /// The output that the publisher's own transaction for the claim spends: for a commitment, the anchor.
    var spentHere: Set<OutPoint> {
        switch kind {
        case .output, .htlc: [outPoint]
        case .commitment(let claim): claim.anchor.map { [$0.outPoint] } ?? []
        }
    }

    /// The transaction that is published as it came; nil for what the publisher makes itself.
    var givenTransaction: Transaction? {
        if case .commitment(let claim) = kind { claim.transaction } else { nil }
    }
}

extension ClaimState {
    /// Whether the best chain holds the very commitment that the claim is about.
    var isConfirmedAsMeant: Bool {
        guard let spend, let given = claim.givenTransaction else { return false }
        return spend.transactionID == given.id
    }
}

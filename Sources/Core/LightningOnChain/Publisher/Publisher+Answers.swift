import Bitcoin

extension Publisher {
    /// Takes note that the network refused a package.
    ///
    /// Where a higher fee may help, one is offered at once, a few times for each block; what else is wrong may be over with
    /// the next block, when everything is offered again. One claim in dispute must not hold up others: they part.
    mutating func note(
        _ refusal: BroadcastRefusal, of id: TransactionID, _ wallet: inout some FeeWallet,
        _ changes: inout PublisherChanges
    ) {
        guard let number = publication(offering: id), var publication = publications[number],
            var offer = publication.offer,
            publication.members.contains(where: { claims[$0]?.spend == nil })
        else { return }
        changes.step.events.append(.refused(publication.members, refusal))
        switch refusal {
        case .notFinal: return
        case .feeTooLow:
            offer.isRefused = true
        case .outbid, .inputsSpent, .other:
            if publication.members.count > 1 {
                part(number, &wallet, &changes)
                return
            }
            switch refusal {
            case .outbid: offer.isRefused = true
            case .inputsSpent where isChild(offer, of: publication.members):
                setAside(&offer, of: publication.members, &wallet)
                failures[number] = tip
            case .inputsSpent, .feeTooLow, .notFinal, .other: return
            }
        }
        isDue = true
        publication.offer = offer
        publications[number] = publication
        changes.touch(number)
    }

    /// Whether what the publisher made is the child of a commitment.
    private func isChild(_ offer: Offer, of members: [ClaimID]) -> Bool {
        offer.transaction != nil
            && members.contains { claims[$0]?.claim.givenTransaction != nil }
    }

    /// Frees the coins of a child whose commitment spends nothing that the network knows, as where a funding transaction
    /// that was never mined has left the mempools: they are not to wait for something that may never come. The next block
    /// brings another try.
    private mutating func setAside(
        _ offer: inout Offer, of members: [ClaimID], _ wallet: inout some FeeWallet
    ) {
        for id in members {
            guard let claim = claims[id]?.claim else { continue }
            wallet.release(claim.spentHere)
        }
        spareScript = spareScript ?? offer.transaction?.outputs.last?.scriptPubKey
        offer.transaction = nil
        offer.isRefused = true
    }

    /// The publication whose package ends in that transaction.
    private func publication(offering id: TransactionID) -> UInt32? {
        publications.first { _, publication in
            guard let offer = publication.offer else { return false }
            if let offered = offer.id { return offered == id }
            return publication.members.contains { claims[$0]?.claim.givenTransaction?.id == id }
        }?.key
    }

    /// Gives each claim of a publication a transaction of its own from now on.
    private mutating func part(
        _ number: UInt32, _ wallet: inout some FeeWallet, _ changes: inout PublisherChanges
    ) {
        guard let publication = publications.removeValue(forKey: number) else { return }
        changes.touch(number)
        isDue = true
        for id in publication.members {
            guard var state = claims[id] else { continue }
            wallet.release(state.claim.spentHere)
            state.isAlone = true
            claims[id] = state
            changes.touch(id)
            var offer = publication.offer
            offer?.transaction = nil
            open([id], offer: offer, &changes)
        }
    }

    /// Makes a publication of claims that have none.
    mutating func open(
        _ members: [ClaimID], offer: Offer? = nil, _ changes: inout PublisherChanges
    ) {
        let number = (publications.keys.max() ?? 0) + 1
        publications[number] = Publication(members: members.sorted(), offer: offer)
        failures.removeValue(forKey: number)
        for id in members { claims[id]?.publication = number }
        changes.touch(number)
    }
}

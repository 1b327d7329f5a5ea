import Bitcoin

extension Publisher {
    mutating func connect(
        _ height: BlockHeight, _ spends: [OutPoint: TransactionID],
        _ wallet: inout some FeeWallet, _ changes: inout PublisherChanges
    ) {
        tip = height
        isDue = true
        isRebroadcastDue = true
        var affected: Set<UInt32> = []
        for (outPoint, spender) in spends.sorted(by: { $0.key < $1.key }) {
            guard let id = claimed[outPoint], var state = claims[id] else { continue }
            state.spend = .init(transactionID: spender, height: height)
            claims[id] = state
            changes.touch(id)
            changes.step.events.append(.spent(id, by: spender, height))
            if let number = state.publication { affected.insert(number) }
        }
        for (number, publication) in publications where publication.isOvertaken(by: spends) {
            affected.insert(number)
        }
        for number in affected.sorted() { settle(number, &wallet, &changes) }
    }

    /// Parts a publication, some of whose claims are spent in the best chain, or whose transaction can be mined no more.
    private mutating func settle(
        _ number: UInt32, _ wallet: inout some FeeWallet, _ changes: inout PublisherChanges
    ) {
        guard var publication = publications[number] else { return }
        let offered = publication.offer?.id
        let spent = publication.members.filter { claims[$0]?.spend != nil }
        let isOurs = spent.allSatisfy { id in
            guard let state = claims[id] else { return false }
            return state.spend?.transactionID == offered || state.isConfirmedAsMeant
        }
        // Mined as offered: it rests, and goes on where a reorganisation takes it back.
        if isOurs, spent.count == publication.members.count { return }

        // What was offered cannot be mined any more.
        let inputs = publication.members.compactMap { claims[$0]?.claim.spentHere }
        wallet.release(inputs.reduce(into: []) { $0.formUnion($1) })
        publication.offer?.transaction = nil
        changes.touch(number)
        if spent.count < publication.members.count {
            for id in spent { claims[id]?.publication = nil }
            publication.members.removeAll { spent.contains($0) }
        }
        publications[number] = publication
    }

    mutating func disconnect(_ height: BlockHeight, _ changes: inout PublisherChanges) {
        tip = height.saturatingSubtract(1)
        isDue = true
        isRebroadcastDue = true
        for (id, state) in claims {
            guard let spend = state.spend, spend.height >= height else { continue }
            claims[id]?.spend = nil
            changes.touch(id)
        }
        for (number, publication) in publications {
            guard let offer = publication.offer, offer.height > tip else { continue }
            publications[number]?.offer?.height = tip
            changes.touch(number)
        }
    }
}

extension Publication {
    /// Whether what was offered last spends what another transaction has spent: perhaps of a claim that has left since. It
    /// need not be outbid any more.
    fileprivate func isOvertaken(by spends: [OutPoint: TransactionID]) -> Bool {
        guard let transaction = offer?.transaction else { return false }
        let spenders = transaction.inputs.compactMap { spends[$0.previousOutput] }
        guard !spenders.isEmpty else { return false }
        let id = transaction.id
        return spenders.contains { $0 != id }
    }
}

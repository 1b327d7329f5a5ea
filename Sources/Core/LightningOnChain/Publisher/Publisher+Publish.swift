import Bitcoin
import LightningCommitment

extension Publisher {
    /// Offers what is due: first offers, replacements, and after a block all that waits once more.
    ///
    /// Called at the end of each batch of inputs, so that what came together can be taken together. `signers` gives the
    /// signer of a channel; without one its claims wait.
    public mutating func publish(
        wallet: inout some FeeWallet, signers: (ChannelKeyNumber) -> (any ChannelSigner)?
    ) -> PublisherStep {
        guard isDue else { return PublisherStep() }
        var changes = PublisherChanges()
        shortages = shortages.filter { isWaiting($0.key) }
        shedPoor(&changes)
        gather(&changes)
        for number in order {
            advance(number, &wallet, signers, &changes)
        }
        isDue = false
        isRebroadcastDue = false
        return finish(changes)
    }

    /// Whether no block holds what the publication takes.
    private func isWaiting(_ number: UInt32) -> Bool {
        publications[number]?.members.contains { claims[$0]?.spend == nil } ?? false
    }

    /// The publications, the most urgent and then the most valuable first: those get the coins.
    var order: [UInt32] {
        let keys = publications.map { number, publication in
            let members = publication.members.compactMap { claims[$0]?.claim }
            return (
                deadline: members.compactMap(\.deadline).min()?.value ?? .max,
                value: -members.reduce(Satoshi.zero) { $0 + $1.value }, number: number
            )
        }
        return keys.sorted {
            ($0.deadline, $0.value, $0.number) < ($1.deadline, $1.value, $1.number)
        }.map(\.number)
    }

    /// Parts claims from a publication whose rate has become too high for them, so that they do not weigh it down.
    private mutating func shedPoor(_ changes: inout PublisherChanges) {
        for (number, publication) in publications.sorted(by: { $0.key < $1.key })
        where publication.members.count > 1 {
            let states = publication.members.compactMap { claims[$0] }
            guard states.allSatisfy({ $0.spend == nil }) else { continue }
            let ramp = ramp(states.compactMap(\.claim.deadline).min())
            guard let rate = ramp.next(after: publication.offer) else { continue }
            let poor = states.map(\.claim).filter { !isWorth($0, rate: rate) }.map(\.id)
            guard !poor.isEmpty, poor.count < states.count else { continue }
            publications[number]?.members.removeAll { poor.contains($0) }
            changes.touch(number)
            for id in poor {
                claims[id]?.isAlone = true
                changes.touch(id)
                open([id], &changes)
            }
        }
    }

    private mutating func advance(
        _ number: UInt32, _ wallet: inout some FeeWallet,
        _ signers: (ChannelKeyNumber) -> (any ChannelSigner)?, _ changes: inout PublisherChanges
    ) {
        guard let publication = publications[number] else { return }
        let states = publication.members.compactMap { claims[$0] }
        // A claim that is spent waits for the reorganisation that may never come.
        guard states.allSatisfy({ $0.spend == nil && $0.claim.earliest <= tip + 1 }) else { return }
        let members = states.map(\.claim)
        let before = publication.offer
        if let rate = nextRate(of: members, in: number, after: before, wallet) {
            offer(number, members, rate, &wallet, signers, &changes)
        }
        for member in members { raises[member.id] = nil }
        let hasNew = publications[number]?.offer != before
        guard let offer = publications[number]?.offer, hasNew || isRebroadcastDue else { return }
        let package = [members[0].givenTransaction, offer.transaction].compactMap { $0 }
        if !package.isEmpty { changes.step.broadcasts.append(package) }
    }

    /// The rate of the next offer; nil where the last one stands.
    private func nextRate(
        of members: [Claim], in number: UInt32, after offer: Offer?, _ wallet: some FeeWallet
    ) -> FeeratePerKw? {
        // What failed is tried again with the next block.
        guard failures[number] != tip else { return nil }
        guard !members.contains(where: \.hasFixedFee) else {
            return offer.map { isWhole($0, members, wallet) } == true ? nil : .minimumRelay
        }
        let ramp = ramp(urgency(of: members, offer))
        guard let offer else { return ramp.estimate }
        let next = ramp.next(after: offer)
        let asked = members.compactMap { raises[$0.id]?.rate }.max()
        if let asked, asked > offer.rate {
            return min(max(asked, next ?? asked), policy.maximumRate)
        }
        if let next { return next }
        // A commitment that was refused with its child, or without one, is not tried without for good.
        if offer.transaction == nil, offer.isRefused, offer.height < tip {
            return max(offer.rate, ramp.estimate)
        }
        return isWhole(offer, members, wallet) ? nil : max(offer.rate, ramp.estimate)
    }

    /// The deadline of `members`, or an earlier one where others need the coins that their transaction uses: those are free
    /// once it is mined, and half of the time is left then.
    private func urgency(of members: [Claim], _ offer: Offer?) -> BlockHeight? {
        let own = members.compactMap(\.deadline).min()
        guard let shortage = shortages.values.min(), shortage > tip, let offer,
            offer.transaction.map({ $0.inputs.count > members.count }) == true
        else { return own }
        let inherited = tip + UInt32(clamping: max((shortage - tip) / 2, 1))
        return min(own ?? inherited, inherited)
    }

    /// Whether what was offered takes exactly what is claimed, with coins that are still there.
    private func isWhole(_ offer: Offer, _ members: [Claim], _ wallet: some FeeWallet) -> Bool {
        guard let transaction = offer.transaction else {
            return members.allSatisfy { $0.givenTransaction != nil }
        }
        let claimed = members.reduce(into: Set<OutPoint>()) { $0.formUnion($1.spentHere) }
        let inputs = Set(transaction.inputs.map(\.previousOutput))
        guard claimed.isSubset(of: inputs) else { return false }
        let coins = inputs.subtracting(claimed)
        guard !coins.isEmpty else { return true }
        return coins.isSubset(of: wallet.feeCoins(beside: claimed).map(\.outPoint))
    }
}

import Bitcoin
import LightningCommitment

extension Publisher {
    /// Makes the transaction of a publication at `rate`, and makes the wallet's coins in it its own.
    mutating func offer(
        _ number: UInt32, _ members: [Claim], _ rate: FeeratePerKw,
        _ wallet: inout some FeeWallet, _ signers: (ChannelKeyNumber) -> (any ChannelSigner)?,
        _ changes: inout PublisherChanges
    ) {
        guard let publication = publications[number] else { return }
        do throws(CompositionFailure) {
            let composition = try compose(
                members, rate, after: publication.offer, &wallet, signers)
            if let transaction = composition?.transaction {
                wallet.adopt(transaction)
                let paid = transaction.outputs.map(\.scriptPubKey)
                if let spareScript, paid.contains(spareScript) { self.spareScript = nil }
            }
            set(composition, composition?.rate ?? rate, number, &changes)
        } catch {
            failures[number] = tip
            if case .coinsMissing = error, let deadline = members.compactMap(\.deadline).min() {
                shortages[number] = deadline
            }
            changes.step.events.append(error.event(for: publication.members))
            // Without its child a commitment goes all the same, with what it pays.
            if publication.offer == nil, case .commitment(let commitment)? = members.first?.kind {
                set(nil, commitment.rate, number, &changes)
            }
        }
    }

    private mutating func set(
        _ composition: Composition?, _ rate: FeeratePerKw, _ number: UInt32,
        _ changes: inout PublisherChanges
    ) {
        guard let publication = publications[number] else { return }
        var offer = Offer(
            transaction: composition?.transaction, fee: composition?.fee ?? .zero, rate: rate,
            height: tip)
        if let last = publication.offer, last.height == tip { offer.round = last.round + 1 }
        publications[number]?.offer = offer
        changes.touch(number)
        if offer.transaction != nil { shortages.removeValue(forKey: number) }
        let given = publication.members.first.flatMap { claims[$0]?.claim.givenTransaction }
        guard let id = offer.id ?? given?.id else { return }
        changes.step.events.append(
            .published(publication.members, id, fee: offer.fee, rate))
    }

    /// The transaction that takes `members` together; nil where a commitment needs no child.
    private mutating func compose(
        _ members: [Claim], _ rate: FeeratePerKw, after last: Offer?,
        _ wallet: inout some FeeWallet, _ signers: (ChannelKeyNumber) -> (any ChannelSigner)?
    ) throws(CompositionFailure) -> Composition? {
        var bounds = FeeBounds(
            rate: rate, minimum: ramp(nil).minimum, limit: feeLimit(of: members),
            replaced: last.flatMap { offer in offer.transaction.map { ($0, offer.fee) } },
            incrementalRate: policy.incrementalRate, parent: nil)
        if case .commitment(let commitment)? = members.first?.kind {
            let weight = commitment.transaction.weight
            bounds.parent = (weight, commitment.fee)
            let isEnough = commitment.fee >= rate.relayFee(for: weight)
            if commitment.anchor == nil || (isEnough && bounds.replaced == nil) { return nil }
        }
        guard let destination = destination(of: members, last, &wallet) else {
            throw .unsigned(SignerFault(nil))
        }
        let (purse, tip, limits) = (wallet, tip, bounds)
        var composition = try withoutActuallyEscaping(signers) {
            signers throws(CompositionFailure) in
            try TransactionComposer(
                wallet: purse, signers: signers, tip: tip, bounds: limits, destination: destination
            ).compose(members)
        }
        // What it came to: less than was aimed at where the limit is below, more where a replacement has to pay more.
        let parent = bounds.parent ?? (weight: .zero, fee: .zero)
        composition.rate = FeeratePerKw(
            composition.fee + parent.fee, for: composition.transaction.weight + parent.weight)
        return composition
    }

    private func feeLimit(of members: [Claim]) -> Satoshi {
        members.reduce(.zero) {
            $0 + (raises[$1.id]?.budget ?? policy.feeLimit(of: $1, tip: tip))
        }
    }

    /// The script of the wallet's that the last transaction paid, or a new one. It is that of the last output.
    private mutating func destination(
        of members: [Claim], _ last: Offer?, _ wallet: inout some FeeWallet
    ) -> Script? {
        if let output = last?.transaction?.outputs.last { return output.scriptPubKey }
        if members.contains(where: \.hasFixedFee) { return Script() }
        // Addresses are not used up by transactions that cannot be made.
        if spareScript == nil { spareScript = wallet.newScript() }
        return spareScript
    }
}

extension CommitmentClaim {
    /// What the commitment pays by itself.
    fileprivate var rate: FeeratePerKw { FeeratePerKw(fee, for: transaction.weight) }
}

extension TransactionComposer {
    /// The transaction of claims of one company.
    fileprivate func compose(_ members: [Claim]) throws(CompositionFailure) -> Composition {
        guard let first = members.first else { throw .unsigned(SignerFault(nil)) }
        switch first.kind {
        case .commitment(let commitment):
            guard let anchor = commitment.anchor else { throw .unsigned(SignerFault(nil)) }
            return try child(anchor, channel: first.channel)
        case .htlc(let claim):
            if first.hasFixedFee { return try resolve(fixed: claim, channel: first.channel) }
            let claims = members.compactMap { member -> HTLCClaim? in
                if case .htlc(let claim) = member.kind { claim } else { nil }
            }
            return try resolve(claims, channel: first.channel)
        case .output:
            return try sweep(
                members.compactMap { member in
                    if case .output(let output) = member.kind {
                        (member.channel, output)
                    } else {
                        nil
                    }
                })
        }
    }
}

extension CompositionFailure {
    fileprivate func event(for members: [ClaimID]) -> PublisherEvent {
        switch self {
        case .unaffordable(let fee, let limit): .unaffordable(members, fee: fee, limit: limit)
        case .coinsMissing(let missing): .coinsMissing(members, missing: missing)
        case .unsigned(let fault): .unsigned(members, fault.error)
        }
    }
}

import Bitcoin
import LightningCommitment
import LightningWire

extension Commitments {
    /// What one commitment divides over `funding`.
    public func state(_ view: CommitmentView, _ funding: ActiveFunding) -> CommitmentState {
        let tally = tally(view)
        let owner = view.owner
        var htlcs: [CommitmentHTLC] = []
        htlcs.reserveCapacity(tally.local.count + tally.remote.count)
        for list in [offered, received] {
            for htlc in list where view.presence(of: htlc) == .pending {
                htlcs.append(htlc.inCommitment(of: owner))
            }
        }
        return CommitmentState(
            feerate: tally.feerate, ownerBalance: tally.balance(of: owner, funding),
            counterpartyBalance: tally.balance(of: owner.other, funding), htlcs: htlcs)
    }

    /// This side's commitment over `funding`, which ``ActiveFunding/signatures`` are for.
    ///
    /// Never to be published where the peer has proved that this state is old (``ChannelError/outdated(local:proven:)``).
    public func localCommitment(
        _ funding: ActiveFunding
    ) throws(ChannelError) -> CommitmentTransaction {
        transaction(.local, funding, number: localNumber, keys: try keys(.local, localPoint))
    }

    /// The peer's commitments over `funding` that it may publish without being punished: the one that is not revoked, and
    /// while its revocation is awaited the next one too.
    public func remoteCommitments(
        _ funding: ActiveFunding
    ) throws(ChannelError) -> [CommitmentTransaction] {
        let oldest = isAwaitingRevocation ? remoteNumber - 1 : remoteNumber
        var transactions = [
            transaction(
                .remoteUnrevoked, funding, number: oldest, keys: try keys(.remote, remotePoint))
        ]
        if isAwaitingRevocation, let point = remoteNextPoint {
            transactions.append(
                transaction(
                    .remoteSigned, funding, number: remoteNumber, keys: try keys(.remote, point)))
        }
        return transactions
    }

    /// The keys of a commitment of `owner` with the per-commitment point `point`.
    func keys(_ owner: Party, _ point: PublicKey) throws(ChannelError) -> CommitmentKeys {
        if let prepared = preparedKeys[owner, point] { return prepared }
        do {
            return try CommitmentKeys(
                perCommitmentPoint: point, owner: parameters[owner].basepoints,
                counterparty: parameters[owner.other].basepoints)
        } catch {
            throw .unusablePoint(error)
        }
    }

    /// One commitment over `funding`.
    func transaction(
        _ view: CommitmentView, _ funding: ActiveFunding, number: UInt64, keys: CommitmentKeys
    ) -> CommitmentTransaction {
        let owner = view.owner
        return CommitmentTransaction(
            CommitmentParameters(
                format: parameters.format, funding: funding.funding,
                ownerFundingKey: funding.key(of: owner),
                counterpartyFundingKey: funding.key(of: owner.other),
                ownerIsOpener: parameters.opener == owner,
                dustLimit: parameters[owner].dustLimit,
                toSelfDelay: parameters[owner.other].delayOfOther,
                obscurer: parameters.obscurer),
            keys: keys, number: number, state: state(view, funding))
    }

    /// The basepoints of `party` with its key in `funding`.
    public func basepoints(of party: Party, _ funding: ActiveFunding) -> ChannelBasepoints {
        var basepoints = parameters[party].basepoints
        basepoints.funding = funding.key(of: party)
        return basepoints
    }
}

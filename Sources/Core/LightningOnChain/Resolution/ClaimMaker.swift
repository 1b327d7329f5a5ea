import Bitcoin
import LightningCommitment
import LightningWire

/// Makes the claims of a closed channel's outputs: how, from which height on, and until when.
struct ClaimMaker {
    private let facts: OnChainFacts
    /// The height of the block that holds the outputs.
    private let height: BlockHeight

    init(_ facts: OnChainFacts, height: BlockHeight) {
        self.facts = facts
        self.height = height
    }

    private var snapshot: ChannelSnapshot { facts.snapshot }

    // MARK: This side's commitment

    /// The claim of output `index` of this side's own commitment.
    func own(_ index: Int) -> Claim? {
        let commitment = snapshot.local
        switch commitment.outputs[index].purpose {
        case .toLocal, .localAnchor: return commitment.ownerClaim(index).map { claim($0) }
        case .remoteAnchor: return commitment.abandonedAnchor(index).map { claim($0) }
        case .toRemote: return nil
        case .htlc(let htlc): return ownHTLC(index, htlc)
        }
    }

    private func ownHTLC(_ index: Int, _ htlc: CommitmentHTLC) -> Claim? {
        if Mutation.isOn(.skipTimeout), htlc.direction == .offered { return nil }
        let commitment = snapshot.local
        let position = commitment.outputs[..<index].count { $0.purpose.isHTLC }
        guard snapshot.localSignatures.htlcs.indices.contains(position) else { return nil }
        guard
            let claim = HTLCClaim(
                commitment, output: index, counterparty: snapshot.remoteBasepoints,
                counterpartySignature: snapshot.localSignatures.htlcs[position],
                preimage: facts.preimage(HTLCName(htlc.direction, htlc.id)))
        else { return nil }
        let relative = relativeDelay(commitment.parameters.format.htlcSequence)
        return make(
            .htlc(claim), commitment.outputs[index].output.amount, relative: relative,
            name: HTLCName(htlc.direction, htlc.id), expiry: htlc.cltvExpiry)
    }

    /// The claim of what this side's HTLC transaction has made at `outPoint` of output `index` of its commitment.
    func ownSecondStage(
        _ index: UInt32, at outPoint: OutPoint, _ output: TransactionOutput
    ) -> Claim? {
        let transaction = HTLCTransaction(snapshot.local, output: Int(index))
        guard let claimable = transaction?.ownerClaim(at: outPoint), claimable.output == output
        else { return nil }
        return claim(claimable)
    }

    /// The claim of this side's balance in a commitment of its own that is not remembered; nil where the output is another.
    func forgottenBalance(
        at outPoint: OutPoint, _ output: TransactionOutput, _ point: PublicKey
    ) -> Claim? {
        let delay = snapshot.local.parameters.toSelfDelay
        guard
            let keys = try? CommitmentKeys(
                perCommitmentPoint: point, owner: snapshot.localBasepoints,
                counterparty: snapshot.remoteBasepoints)
        else { return nil }
        let script = CommitmentScripts.toLocal(
            revocation: keys.revocation, delay: delay,
            ownerDelayedPayment: keys.ownerDelayedPayment)
        guard output.scriptPubKey == .payToWitnessScriptHash(of: script) else { return nil }
        return claim(
            ClaimableOutput(
                outPoint: outPoint, output: output, path: .delayed(script: script, delay: delay),
                key: .delayedPayment(perCommitmentPoint: point)))
    }

    // MARK: Commitments of the peer

    /// The claim of output `index` of a commitment of the peer.
    func found(_ commitment: FoundCommitment, _ index: Int) -> Claim? {
        if Mutation.isOn(.skipPenalty), commitment.secret != nil { return nil }
        guard case .htlc(let htlc) = commitment.outputs[index].purpose else {
            return commitment.claim(index, preimage: nil).map { claim($0) }
        }
        let name = HTLCName(htlc.direction.reversed, htlc.id)
        guard let claimable = commitment.claim(index, preimage: facts.preimage(name)) else {
            return nil
        }
        return make(
            .output(claimable), claimable.output.amount,
            relative: relativeDelay(claimable.sequence), name: name,
            expiry: commitment.secret == nil ? htlc.cltvExpiry : nil)
    }

    /// The penalty for what an HTLC transaction of the peer has made.
    func penalty(
        of commitment: FoundCommitment, at outPoint: OutPoint, _ output: TransactionOutput
    ) -> Claim? {
        commitment.secondStagePenalty(at: outPoint, output).map { claim($0) }
    }

    // MARK: Heights

    /// The claim of an output that is not an HTLC.
    private func claim(_ output: ClaimableOutput) -> Claim {
        let deadline: BlockHeight? =
            switch output.path {
            case .revokedDelayed: endOfDelay
            case .delayed, .toRemote, .preimage, .timeout, .revokedHTLC, .anchor, .abandonedAnchor:
                nil
            }
        return Claim(
            channel: snapshot.keys, kind: .output(output), value: output.output.amount,
            earliest: Mutation.isOn(.claimTooEarly)
                ? height : height + relativeDelay(output.sequence), deadline: deadline)
    }

    /// The last block before the peer can take what it must wait for.
    private var endOfDelay: BlockHeight {
        height + (UInt32(max(1, snapshot.remote.parameters.toSelfDelay)) - 1)
    }

    /// The claim of the HTLC `name`, which expires at `expiry` unless it is a penalty.
    private func make(
        _ kind: Claim.Kind, _ amount: Satoshi, relative: UInt32, name: HTLCName,
        expiry: BlockHeight?
    ) -> Claim {
        var earliest = height + relative
        let deadline: BlockHeight
        switch (name.direction, expiry) {
        case (.received, let expiry?):
            // From the next block on the peer can take it back.
            deadline = expiry
        case (.offered, let expiry?):
            earliest = max(earliest, expiry + 1)
            deadline = upstreamDeadline(name) ?? earliest + facts.policy.patience
        case (.offered, nil):
            deadline = min(endOfDelay, upstreamDeadline(name) ?? endOfDelay)
        case (.received, nil): deadline = endOfDelay
        }
        return Claim(
            channel: snapshot.keys, kind: kind, value: amount, earliest: earliest,
            deadline: deadline)
    }

    /// The last block in which the HTLC `name`, if it forwards another, can be taken back so that it is safe to fail that
    /// one before it expires.
    private func upstreamDeadline(_ name: HTLCName) -> BlockHeight? {
        facts.upstreamExpiry(name)?.saturatingSubtract(facts.policy.safeDepth)
    }

    /// The blocks that a relative lock makes wait.
    private func relativeDelay(_ sequence: InputSequence) -> UInt32 {
        sequence.value & InputSequence.disableFlag == 0
            ? sequence.value & InputSequence.lockMask : 0
    }
}

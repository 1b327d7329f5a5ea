import Bitcoin
import LightningCommitment
import LightningWire

/// When what has become of an HTLC is certain enough to be told.
extension OnChainChannel {
    /// Tells the HTLCs that have ended since. What has been told stays told, whatever the chain does.
    mutating func tellEnds(_ step: inout OnChainStep) {
        guard let resolution else { return }
        for htlc in snapshot.htlcs where !ended.contains(htlc.name) {
            let event: OnChainEvent
            switch htlc.direction {
            case .offered:
                guard hasFailed(htlc, resolution) else { continue }
                event = .offeredFailed(id: htlc.id)
            case .received:
                guard let isOurs = hasEnded(htlc, resolution) else { continue }
                event = .receivedEnded(id: htlc.id, isOurs: isOurs)
            }
            ended.insert(htlc.name)
            step.writes.append(endWrite(htlc.name))
            step.events.append(event)
        }
    }

    /// Whether this node's HTLC can no longer be taken by the peer.
    ///
    /// BOLT 5, of an HTLC without an output: "once the commitment transaction has reached reasonable depth: MUST fail the
    /// corresponding incoming HTLC (if any)", and "if no *valid* commitment transaction contains an output corresponding to
    /// the HTLC: MAY fail the corresponding incoming HTLC sooner."
    private func hasFailed(_ htlc: OpenHTLC, _ resolution: Resolution) -> Bool {
        guard learned[htlc.paymentHash] == nil else { return false }
        guard let output = resolution.output(of: htlc.name) else {
            if case .unknown = resolution.spend {
                return isSafe(resolution.closing.height) && isPastTaking(htlc)
            }
            return isSafe(resolution.closing.height) || !hasOutputAnywhere(htlc)
        }
        // Had the peer taken it, its preimage would have been learned.
        return output.spend.map { isSafe($0.height) } ?? output.isFinal(facts.policy, tip: tip)
    }

    /// Whether to wait no longer for an HTLC of this node that may have an output which is not recognised: this side's own,
    /// taken back after its expiry, or the peer's, which shows the preimage.
    ///
    /// BOLT 5: "The requirement that the incoming HTLC be failed before its own timeout still applies as an upper bound."
    private func isPastTaking(_ htlc: OpenHTLC) -> Bool {
        if tip >= htlc.cltvExpiry + facts.policy.safeDepth { return true }
        guard let upstream = facts.upstreamExpiry(htlc.name) else { return false }
        return facts.policy.isLastChance(upstreamExpiry: upstream, tip: tip)
    }

    /// Whether the peer's HTLC has ended, and for whom; nil where it is open.
    private func hasEnded(_ htlc: OpenHTLC, _ resolution: Resolution) -> Bool? {
        guard let output = resolution.output(of: htlc.name) else {
            return isSafe(resolution.closing.height) ? false : nil
        }
        guard let spend = output.spend else {
            return output.isFinal(facts.policy, tip: tip) ? false : nil
        }
        if spend.isOurs { return isSafe(spend.height) ? true : nil }
        // What the cheat has taken by an HTLC transaction can still be taken from it.
        guard let secondStage = resolution.secondStage(of: htlc.name) else {
            return isSafe(spend.height) ? false : nil
        }
        return secondStage.spend.flatMap { isSafe($0.height) ? $0.isOurs : nil }
    }

    /// The HTLCs of this node that are stuck on the chain while the peer upstream is about to close its channel, and whose
    /// loss would cost less than that: what they forward is to be failed now (``OnChainPolicy/failsBackEarly``).
    ///
    /// `closureCost` gives what the closure of the channel costs from which the HTLC came. Asked after each block; an HTLC is
    /// named again until its end is told.
    public func stuckForwards(closureCost: (OpenHTLC) -> Satoshi) -> [OpenHTLC] {
        snapshot.htlcs.filter { htlc in
            guard let expiry = facts.upstreamExpiry(htlc.name), !ended.contains(htlc.name),
                htlc.direction == .offered, learned[htlc.paymentHash] == nil
            else { return false }
            return facts.policy.failsBackEarly(
                atStake: htlc.amount, upstreamExpiry: expiry, closureCost: closureCost(htlc),
                tip: tip)
        }
    }

    private func isSafe(_ height: BlockHeight) -> Bool {
        height.isDeep(Mutation.isOn(.failBackAtOnce) ? 1 : facts.policy.safeDepth, at: tip)
    }

    /// Whether a commitment that a reorganisation may bring has an output for the HTLC.
    private func hasOutputAnywhere(_ htlc: OpenHTLC) -> Bool {
        snapshot.validCommitments.contains { commitment in
            let isOurs = commitment.id == snapshot.local.id
            let direction = isOurs ? htlc.direction : htlc.direction.reversed
            return commitment.outputs.contains { output in
                guard case .htlc(let other) = output.purpose else { return false }
                return other.direction == direction && other.id == htlc.id
            }
        }
    }

    /// Whether nothing is left to do, and nothing that was done can be undone.
    func isClosed(_ resolution: Resolution) -> Bool {
        resolution.closing.height.isDeep(facts.policy.finalDepth, at: tip)
            && resolution.isPastKnown
            && snapshot.htlcs.allSatisfy {
                $0.direction == .received || ended.contains($0.name)
                    || learned[$0.paymentHash] != nil
            }
            && resolution.outputs.allSatisfy { $0.isFinal(facts.policy, tip: tip) }
    }
}

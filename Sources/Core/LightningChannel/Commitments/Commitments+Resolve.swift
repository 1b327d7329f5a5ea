import Bitcoin
import LightningCommitment
import LightningWire

/// What is decided about the peer's HTLCs, from the decision until the removal is signed.
///
///     resolve           the decision is durable (`channelResolution`), whatever the connection does
///     proposed          a fulfilment at once, a failure with the `commitment_signed` that brings it
///     commitment_signed the removal is durable with the HTLC, and in the same batch the decision's own record goes
///
/// Losing the connection or restarting puts what is proposed back to waiting. So a preimage that was once known here
/// is never lost, and an HTLC that was decided about is not told of again (``openReceived``).
extension Commitments {
    /// Decides about an HTLC of the peer, durably: it is fulfilled or failed as soon as the channel allows.
    ///
    /// Deciding again changes nothing, except that a preimage takes the place of a failure that is not signed yet. A
    /// preimage that comes later still is kept until the HTLC is gone, for a claim on the chain.
    public mutating func resolve(
        _ id: UInt64, _ resolution: HTLCResolution
    ) throws(ChannelError) -> ChannelStep {
        let key = HTLCKey(offerer: .remote, id: id)
        guard let index = index(of: key) else {
            guard id < nextRemoteID else { throw .unknownHTLC(key) }
            return ChannelStep()
        }
        let htlc = received[index]
        guard htlc.addition == .irrevocable else { throw .notCommitted(key, htlc.addition) }
        try resolution.check(htlc.paymentHash)
        guard isNews(resolution, of: htlc) else { return ChannelStep() }

        resolutions[id] = resolution
        return ChannelStep(
            writes: Mutation.isOn(.forgetResolution) ? [] : [resolutionWrite(id)],
            messages: proposeFulfillments([id]))
    }

    /// The preimage of an HTLC, as far as it is known here: the peer has told it, or this side has decided to.
    public func preimage(_ key: HTLCKey) -> PaymentPreimage? {
        if case .fulfilled(let preimage) = htlc(key)?.removal?.outcome { return preimage }
        guard key.offerer == .remote, case .fulfill(let preimage, _) = resolutions[key.id]
        else { return nil }
        return preimage
    }

    /// Whether a decision waits that may be proposed now.
    var hasProposableResolutions: Bool {
        (try? checkMayUpdate(.local)) != nil
            && resolutions.keys.contains { htlc(HTLCKey(offerer: .remote, id: $0))?.isOpen == true }
    }

    private func isNews(_ resolution: HTLCResolution, of htlc: ChannelHTLC) -> Bool {
        if case .fulfilled = htlc.removal?.outcome { return false }
        guard let earlier = resolutions[htlc.key.id] else {
            return resolution.isFulfillment || htlc.removal == nil
        }
        return resolution.isFulfillment && !earlier.isFulfillment
    }

    /// Proposes the fulfilments among `ids` that wait, where updates may be proposed now.
    mutating func proposeFulfillments(_ ids: [UInt64]) -> [Message] {
        propose(ids.filter { resolutions[$0]?.isFulfillment == true })
    }

    /// Proposes the resolutions of `ids` that wait, where updates may be proposed now.
    mutating func propose(_ ids: [UInt64]) -> [Message] {
        guard !ids.isEmpty, (try? checkMayUpdate(.local)) != nil else { return [] }
        var messages: [Message] = []
        for id in ids {
            guard let resolution = resolutions[id],
                let index = index(of: HTLCKey(offerer: .remote, id: id)), received[index].isOpen
            else { continue }
            let update = resolution.update(id, parameters.channelID)
            received[index].removal = ChannelHTLC.Removal(
                outcome: resolution.outcome, stage: .proposed)
            proposed.append(update)
            messages.append(update.message)
        }
        return messages
    }

    /// Takes back the last proposals, `count` of them, all of which are removals.
    mutating func withdraw(_ count: Int) {
        for update in proposed.suffix(count) {
            guard let id = update.removedID,
                let index = index(of: HTLCKey(offerer: .remote, id: id))
            else { continue }
            received[index].removal = nil
        }
        proposed.removeLast(count)
    }

    /// Forgets the decisions that `updates` bring into the peer's commitment; answers the writes.
    mutating func forgetResolutions(_ updates: [CommitmentUpdate]) -> [RecordWrite] {
        updates.compactMap { update in
            guard let id = update.removedID, resolutions.removeValue(forKey: id) != nil
            else { return nil }
            return resolutionWrite(id)
        }
    }
}

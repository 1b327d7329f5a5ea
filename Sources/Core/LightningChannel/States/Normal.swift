import Bitcoin
import LightningCommitment
import LightningWire

/// Payments go through the channel (BOLT 2, "Normal Operation"). HTLCs are removed while it shuts down too.
extension EstablishedChannel {
    /// Whether the commitments may change.
    var isUpdating: Bool {
        switch state {
        case .normal: true
        // A channel may shut down before it is ready, and has nothing to update then.
        case .shuttingDown: isReady
        case .opening, .waitForReady, .negotiating, .failed, .outdated, .restored, .spent,
            .forgotten:
            false
        }
    }

    /// A message that changes the commitments.
    mutating func receiveUpdate(
        _ message: Message, _ context: ChannelContext
    ) throws(ChannelFailure) -> ChannelStep {
        guard isUpdating else { throw .unexpectedMessage(type: message.type, state) }
        if case .stfu = message, !context.features.supports(.quiescence) {
            throw .unexpectedMessage(type: message.type, state)
        }
        do {
            if case .revokeAndAck(let message) = message {
                return try commitments.receive(message)
            }
            if case .stfu(let message) = message { return try commitments.receive(message) }
            guard let update = CommitmentUpdate(message) else { return ChannelStep() }
            let step = try receive(update, context)
            commitments.noteRemoved(update, context.clock)
            return step
        } catch {
            throw .channel(error)
        }
    }

    private mutating func receive(
        _ update: CommitmentUpdate, _ context: ChannelContext
    ) throws(ChannelError) -> ChannelStep {
        switch update {
        case .add(let update): return try commitments.receive(update)
        case .fulfill(let update): return try commitments.receive(update)
        case .fail(let update): return try commitments.receive(update)
        case .failMalformed(let update): return try commitments.receive(update)
        case .fee(let update):
            let acceptable = context.feerates.acceptable(commitments.parameters.format)
            return try commitments.receive(update, acceptable: acceptable)
        }
    }

    /// The peer's signatures of this side's next commitment.
    mutating func receive(
        _ batch: [CommitmentSigned], _ context: ChannelContext, _ signer: some ChannelSigner
    ) throws(ChannelFailure) -> ChannelStep {
        guard link == .up, isUpdating else {
            throw .unexpectedMessage(type: CommitmentSigned.type, state)
        }
        do {
            let step = try commitments.receive(batch, signer)
            commitments.noteCommitted(context.clock)
            return step
        } catch {
            throw .channel(error)
        }
    }

    /// Sends and signs what waits.
    mutating func flush(
        _ context: ChannelContext, _ signer: some ChannelSigner
    ) throws(ChannelFailure) -> ChannelStep {
        guard link == .up, isUpdating else { return ChannelStep() }
        var step = feeIfDue(context)
        do {
            step.append(try commitments.flush(signer, context.clock))
        } catch {
            throw .channel(error)
        }
        return step
    }

    /// Offers an HTLC.
    mutating func offer(_ offer: HTLCOffer) throws(ChannelError) -> ChannelStep {
        guard isUsable else { throw .notUsable(state) }
        return try commitments.sendAdd(offer)
    }

    /// Answers the peer's `stfu` as soon as nothing of this side is on its way.
    mutating func quiescenceIfDue() -> ChannelStep {
        guard commitments.owesQuiescence, let step = try? commitments.sendQuiescence() else {
            return ChannelStep()
        }
        return step
    }
}

import Bitcoin
import LightningCommitment
import LightningWire

/// The two sides agree on how to divide what is left (BOLT 2, "Closing Negotiation").
extension EstablishedChannel {
    /// Makes this side's first proposal as soon as the channel is drained.
    mutating func negotiateIfDue(
        _ context: ChannelContext, _ signer: some ChannelSigner
    ) -> ChannelStep {
        guard commitments.canNegotiateClose else { return ChannelStep() }
        var negotiation = negotiation(context)
        // Where this side cannot propose anything, the peer still can.
        let step = (try? negotiation.start(commitments, signer)) ?? ChannelStep()
        self.negotiation = negotiation
        return remember(step)
    }

    /// Takes a message of the negotiation.
    mutating func receiveClosing(
        _ message: Message, _ context: ChannelContext, _ signer: some ChannelSigner
    ) throws(ChannelFailure) -> ChannelStep {
        var negotiation = negotiation(context)
        let step: ChannelStep
        do {
            if case .closingSigned(let message) = message {
                step = try negotiation.receive(message, commitments, signer)
            } else if case .closingComplete(let message) = message {
                step = try negotiation.receive(message, &commitments, signer)
            } else if case .closingSig(let message) = message {
                step = try negotiation.receive(message, commitments, signer)
            } else {
                return ChannelStep()
            }
        } catch {
            throw .channel(error)
        }
        self.negotiation = negotiation
        return remember(step)
    }

    /// Replaces this side's closing transaction by one that pays more.
    mutating func bump(
        _ request: CloseRequest, _ context: ChannelContext, _ signer: some ChannelSigner
    ) throws(ChannelError) -> ChannelStep {
        guard link == .up, commitments.canNegotiateClose else { throw .notConnected }
        var negotiation = negotiation(context)
        negotiation.preferences = preferences(request.feerate, context)
        let isMoved = request.script != commitments.shutdownScript(of: .local)
        var step = try negotiation.bump(
            to: isMoved ? request.script : nil, &commitments, signer)
        self.negotiation = negotiation
        life.closeRequest = request
        step.writes.append(lifeWrite())
        return remember(step)
    }

    private func negotiation(_ context: ChannelContext) -> ClosingNegotiation {
        negotiation
            ?? ClosingNegotiation(
                ClosingScripts(context.features),
                preferences(life.closeRequest?.feerate, context))
    }

    /// What this side wants to pay for closing. The older form needs agreement, so all that confirms in time is accepted.
    private func preferences(
        _ wanted: FeeratePerKw?, _ context: ChannelContext
    ) -> ClosingPreferences {
        let feerates = context.feerates
        let highest = max(feerates.closing, feerates.commitment, feerates.anchorCommitment)
        return ClosingPreferences(
            feerate: wanted ?? feerates.closing,
            acceptable: .minimumRelay...max(highest, .minimumRelay),
            lockTime: LockTime(context.height.value))
    }

    /// Keeps the transactions that both sides have signed, so that they are published again after a restart.
    private mutating func remember(_ step: ChannelStep) -> ChannelStep {
        var step = step
        for case .closing(let transaction) in step.events
        where !life.closings.contains(transaction) {
            life.closings = life.closings.suffix(ChannelLife.mostClosings - 1) + [transaction]
            step.writes.append(lifeWrite())
        }
        return step
    }
}

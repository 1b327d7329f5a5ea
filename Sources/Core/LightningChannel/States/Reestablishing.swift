import Bitcoin
import LightningCommitment
import LightningWire

/// The connection to the peer comes and goes (BOLT 2, "Message Retransmission").
extension EstablishedChannel {
    mutating func connect() -> ChannelStep {
        // What was said on a connection whose end nobody told of is taken back too.
        var step = disconnect()
        guard !life.isSpent else { return step }
        guard life.failure == nil else {
            if isRestored { step.messages.append(.channelReestablish(helplessReestablish)) }
            step.messages += errorMessages
            return step
        }
        link = .reestablishing
        step.messages.append(.channelReestablish(commitments.reestablish))
        return step
    }

    mutating func disconnect() -> ChannelStep {
        link = .down
        negotiation = nil
        return commitments.disconnect()
    }

    /// Takes the peer's `channel_reestablish`, and sends again what it may have missed.
    mutating func reestablish(
        _ message: ChannelReestablish, _ context: ChannelContext, _ signer: some ChannelSigner
    ) throws(ChannelFailure) -> ChannelStep {
        var step: ChannelStep
        do {
            step = try commitments.retransmission(after: message, signer)
        } catch {
            if case .outdated = error { return outdated(error, message) }
            throw .channel(error)
        }
        link = .up
        // BOLT 2: "if `next_commitment_number` is 1 in both the `channel_reestablish` it sent and received [...]: MUST
        // retransmit `channel_ready`." Before all else, since the peer needs it for what follows.
        if life.sentReady, commitments.localNumber == 0, message.nextCommitmentNumber == 1 {
            step.messages.insert(channelReady, at: 0)
        }
        step.append(scriptIfWanted())
        return step
    }

    /// What this side says of a channel of which it knows no number.
    ///
    /// BOLT 2: "if `next_commitment_number` is zero: MUST immediately fail the channel and broadcast any relevant latest
    /// commitment transaction." Some implementations heed nothing else, others the `error` that follows.
    private var helplessReestablish: ChannelReestablish {
        var message = commitments.reestablish
        message.nextCommitmentNumber = 0
        return message
    }

    /// The peer's point, with which a commitment of its own can be read where this side knows none.
    ///
    /// It says nothing else: what it tells of the state is lost here.
    mutating func learnPoint(_ message: ChannelReestablish) -> ChannelStep {
        guard isRestored, message.channelID == channelID,
            message.myCurrentPerCommitmentPoint != life.failure?.peerPoint
        else { return ChannelStep() }
        life.failure?.peerPoint = message.myCurrentPerCommitmentPoint
        return ChannelStep(writes: [lifeWrite()])
    }

    /// The state here is older than the channel. The peer alone can close it, and is asked to.
    private mutating func outdated(
        _ error: ChannelError, _ message: ChannelReestablish
    ) -> ChannelStep {
        var step = fail(.channel(error))
        life.failure?.peerPoint = message.myCurrentPerCommitmentPoint
        step.writes.append(lifeWrite())
        return step
    }
}

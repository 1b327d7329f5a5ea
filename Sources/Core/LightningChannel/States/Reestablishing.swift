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

import Bitcoin
import LightningCommitment
import LightningWire

/// The channel ends on the chain (BOLT 5, "Failing a Channel"), or has ended there.
extension EstablishedChannel {
    /// Draws the consequences of a failure: tells the peer, and the node.
    mutating func fail(_ failure: ChannelFailure) -> ChannelStep {
        let disposition = failure.disposition
        var step = ChannelStep(events: [.failed(failure, disposition)])
        switch disposition {
        case .ignore, .failHTLC: return ChannelStep()
        case .warn: step.messages = [.warning(failure, channelID: channelID)]
        case .disconnect:
            step.messages = [.warning(failure, channelID: channelID)]
            step.append(disconnect())
        case .failChannel, .forceClose:
            // What was said first stands.
            guard life.failure == nil, !life.isSpent else { return ChannelStep() }
            let isPeers = if case .peerFailed = failure { true } else { false }
            let text = isPeers ? nil : Array("\(failure)".utf8)
            life.failure = ChannelLife.Failure(
                kind: disposition == .forceClose ? .failed : .outdated, text: text)
            step.writes = [lifeWrite()]
            step.messages = link == .down ? [] : errorMessages
            step.append(commitments.disconnect())
        }
        return step
    }

    /// The `error` of this side, which is sent again on each new connection.
    var errorMessages: [Message] {
        guard let text = life.failure?.text else { return [] }
        return [.error(ErrorMessage(channelID: channelID, data: text))]
    }

    /// The chain holds a transaction that spends the funding, or does not any more.
    mutating func spend(_ isSpent: Bool) -> ChannelStep {
        guard life.isSpent != isSpent else { return ChannelStep() }
        life.isSpent = isSpent
        return ChannelStep(writes: [lifeWrite()])
    }
}

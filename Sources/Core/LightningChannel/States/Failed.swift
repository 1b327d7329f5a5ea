import Bitcoin
import LightningCommitment
import LightningWire

/// The channel ends on the chain (BOLT 5, "Failing a Channel"), or has ended there.
extension EstablishedChannel {
    /// Draws the consequences of a failure: tells the peer, and the node.
    mutating func fail(_ failure: ChannelFailure) -> ChannelStep {
        let disposition = failure.disposition
        switch disposition {
        case .ignore, .failHTLC: return ChannelStep()
        case .warn:
            return ChannelStep(
                messages: [.warning(failure, channelID: channelID)],
                events: [.failed(failure, disposition)])
        case .disconnect:
            var step = ChannelStep(
                messages: [.warning(failure, channelID: channelID)],
                events: [.failed(failure, disposition)])
            step.append(disconnect())
            return step
        case .failChannel, .forceClose: return end(failure, disposition)
        }
    }

    private mutating func end(
        _ failure: ChannelFailure, _ disposition: Disposition
    ) -> ChannelStep {
        // What both have signed ends the channel sooner and cheaper than a commitment.
        if let closing = life.closings.last, failure != .requested {
            return ChannelStep(events: [.closing(closing)])
        }
        let isPeers = if case .peerFailed = failure { true } else { false }
        life.failure = ChannelLife.Failure(
            kind: disposition == .forceClose ? .failed : .outdated,
            text: isPeers ? nil : failure.text)
        var step = ChannelStep(
            writes: [lifeWrite()], messages: link == .down ? [] : errorMessages,
            events: [.failed(failure, disposition)])
        // Nothing that was only proposed will come into a commitment any more.
        step.append(commitments.disconnect())
        return step
    }

    /// The `error` of this side, which is sent again on each new connection.
    var errorMessages: [Message] {
        guard let text = life.failure?.text else { return [] }
        return [.error(ErrorMessage(channelID: channelID, data: text))]
    }

    /// The chain holds a transaction that spends the funding, or does not any more. What a reorganisation brings back speaks
    /// again on the next connection.
    mutating func spend(_ isSpent: Bool) -> ChannelStep {
        guard life.isSpent != isSpent else { return ChannelStep() }
        life.isSpent = isSpent
        var step = ChannelStep(writes: [lifeWrite()])
        step.append(disconnect())
        return step
    }

    /// Whether the channel has failed and there is nothing in it for this side: an accepter to whom nothing was pushed, of a
    /// funding that nobody has seen. What was pushed is kept in sight, since the funding may yet be mined.
    ///
    /// BOLT 2: "The non-funder can simply forget the channel ever existed, since no funds are at risk."
    var isHollow: Bool {
        life.failure != nil && commitments.parameters.opener == .remote && life.position == nil
            && isUntouched && commitments.fundings[0].settled.local == .zero
    }
}

import Bitcoin
import LightningCommitment
import LightningWire

extension Channel {
    /// Takes an input. Nothing is thrown: what went wrong is in the step, with what it leads to.
    public mutating func receive(
        _ input: ChannelInput, _ context: ChannelContext, _ signer: some ChannelSigner
    ) -> ChannelStep {
        switch stage {
        case .opening(let opening): return receive(input, opening, context, signer)
        case .forgotten: return ChannelStep()
        case .established(var established):
            if let reason = established.end(input, context) {
                return established.farewell(reason) + forget(reason)
            }
            // The value is taken out of its place, so that it changes without being copied.
            stage = .forgotten(.abandoned)
            let step = established.receive(input, context, signer)
            stage = .established(established)
            return forgetIfHollow(after: step)
        }
    }

    /// Forgets a channel that has just failed and holds nothing for this side.
    private mutating func forgetIfHollow(after step: ChannelStep) -> ChannelStep {
        guard case .failed(let failure, _) = step.events.first,
            case .established(let established) = stage, established.isHollow
        else { return step }
        return ChannelStep(messages: step.messages) + forget(.failed(failure))
    }

    /// Does what a user or another channel asks for. Throws where it cannot be done, and changes nothing then.
    public mutating func perform(
        _ command: ChannelCommand, _ context: ChannelContext, _ signer: some ChannelSigner
    ) throws(ChannelError) -> ChannelStep {
        guard case .established(var established) = stage else {
            guard case .abandon = command, case .opening(let opening) = stage else {
                throw .notUsable(state)
            }
            return abandon(opening)
        }
        if case .abandon = command {
            guard established.life.position == nil, !established.life.isSpent else {
                throw .notUsable(state)
            }
            return established.farewell(.abandoned) + forget(.abandoned)
        }
        stage = .forgotten(.abandoned)
        defer { stage = .established(established) }
        return try established.perform(command, context, signer)
    }

    private mutating func abandon(_ opening: Opening) -> ChannelStep {
        var step = forget(.abandoned)
        step.messages = [.error(.requested, channelID: opening.channelID)]
        return step
    }
}

extension EstablishedChannel {
    /// Why `input` ends a channel that never held money; nil where it does not.
    func end(_ input: ChannelInput, _ context: ChannelContext) -> ForgottenReason? {
        switch input {
        case .fundingDoubleSpent: .fundingDoubleSpent
        case .blockConnected: timeout(context)
        case .fundingConfirmed(let confirmation):
            fault(of: confirmation).map { .failed($0) }
        case .connected, .disconnected, .message, .commitmentBatch, .funded,
            .fundingUnconfirmed, .fundingSpent, .fundingUnspent, .flush:
            nil
        }
    }

    /// What the peer is told of a channel that is to be forgotten.
    func farewell(_ reason: ForgottenReason) -> ChannelStep {
        guard link != .down else { return ChannelStep() }
        return ChannelStep(messages: [
            .error(ErrorMessage(channelID: channelID, data: reason.text))
        ])
    }

    mutating func perform(
        _ command: ChannelCommand, _ context: ChannelContext, _ signer: some ChannelSigner
    ) throws(ChannelError) -> ChannelStep {
        var step: ChannelStep
        switch command {
        case .offer(let offer): return try self.offer(offer)
        case .resolve(let id, let resolution):
            return try commitments.resolve(id, resolution)
        case .close(let request): step = try close(request, context, signer)
        case .forceClose:
            switch state {
            case .waitForReady, .normal, .shuttingDown, .negotiating: return fail(.requested)
            case .opening, .failed, .outdated, .restored, .spent, .forgotten:
                throw .notUsable(state)
            }
        case .abandon: throw .notUsable(state)
        }
        step.append(progress(context, signer))
        return step
    }
}

extension ChannelStep {
    /// Both steps, one after the other.
    fileprivate static func + (left: ChannelStep, right: ChannelStep) -> ChannelStep {
        var step = left
        step.append(right)
        return step
    }
}

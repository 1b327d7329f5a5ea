import Bitcoin
import LightningCommitment
import LightningWire

extension EstablishedChannel {
    /// Takes an input; what went wrong is in the step.
    mutating func receive(
        _ input: ChannelInput, _ context: ChannelContext, _ signer: some ChannelSigner
    ) -> ChannelStep {
        do {
            let step = try handle(input, context, signer)
            return step + (try progress(context, signer))
        } catch {
            return fail(error)
        }
    }

    private mutating func handle(
        _ input: ChannelInput, _ context: ChannelContext, _ signer: some ChannelSigner
    ) throws(ChannelFailure) -> ChannelStep {
        switch input {
        case .connected: return connect()
        case .disconnected: return disconnect()
        case .message(let message): return try receive(message, context, signer)
        case .commitmentBatch(let batch):
            return try whileUpdating(CommitmentSigned.type) {
                (self: inout Self) throws(ChannelError) in
                try self.commitments.receive(batch, signer)
            }
        case .fundingConfirmed(let confirmation): return try confirm(confirmation)
        case .fundingUnconfirmed: return unconfirm(context)
        case .fundingSpent: return spend(true)
        case .fundingUnspent: return spend(false)
        case .flush: return try flush(signer)
        case .blockConnected, .funded, .fundingDoubleSpent: return ChannelStep()
        }
    }

    /// A message of the peer. Which are welcome depends on the state.
    private mutating func receive(
        _ message: Message, _ context: ChannelContext, _ signer: some ChannelSigner
    ) throws(ChannelFailure) -> ChannelStep {
        if case .error(let error) = message { throw .peerFailed(error.data) }
        if case .warning = message { return ChannelStep() }
        switch state {
        // BOLT 2: "if a channel is in an error state: SHOULD retransmit the error packet and ignore any other packets for
        // that channel."
        case .failed, .outdated, .spent, .opening, .forgotten: return ChannelStep()
        case .waitForReady, .normal, .shuttingDown, .negotiating: break
        }
        switch link {
        case .down: return ChannelStep()
        case .reestablishing:
            guard case .channelReestablish(let message) = message else {
                throw .notReestablished(type: message.type)
            }
            return try reestablish(message, context, signer)
        case .up: break
        }
        if case .channelReady(let message) = message { return try receive(message) }
        if case .shutdown(let message) = message { return try receive(message, context) }
        return try receiveUpdate(message, context, signer)
    }

    /// Sends what the present state is due to send.
    mutating func progress(
        _ context: ChannelContext, _ signer: some ChannelSigner
    ) throws(ChannelFailure) -> ChannelStep {
        guard link == .up else { return ChannelStep() }
        return readyIfDue(context) + (try shutdownIfDue(context))
    }
}

import Bitcoin
import LightningCommitment
import LightningWire

extension EstablishedChannel {
    /// Takes an input; what went wrong is in the step.
    mutating func receive(
        _ input: ChannelInput, _ context: ChannelContext, _ signer: some ChannelSigner
    ) -> ChannelStep {
        do {
            var step = try handle(input, context, signer)
            step.append(progress(context, signer))
            return step
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
            guard isHeard, link != .down else { return ChannelStep() }
            return try receive(batch, context, signer)
        case .fundingConfirmed(let confirmation): return confirm(confirmation)
        case .fundingUnconfirmed: return unconfirm(context)
        case .fundingSpent: return spend(true)
        case .fundingUnspent: return spend(false)
        case .flush: return try flush(context, signer)
        case .blockConnected, .funded, .fundingDoubleSpent: return ChannelStep()
        }
    }

    /// A message of the peer. Which are welcome depends on the state.
    private mutating func receive(
        _ message: Message, _ context: ChannelContext, _ signer: some ChannelSigner
    ) throws(ChannelFailure) -> ChannelStep {
        if case .warning = message { return ChannelStep() }
        if case .channelReestablish(let message) = message, isRestored, !life.isSpent {
            return learnPoint(message)
        }
        guard isHeard else { return ChannelStep() }
        // BOLT 1: "if `channel_id` is all zero: MUST fail all channels with the sending node. otherwise: MUST fail the channel
        // referred to by `channel_id`"
        if case .error(let error) = message { throw .peerFailed(error.data) }
        switch link {
        case .down: return ChannelStep()
        case .reestablishing:
            guard case .channelReestablish(let message) = message else {
                throw .notReestablished(type: message.type)
            }
            return try reestablish(message, context, signer)
        case .up: return try dispatch(message, context, signer)
        }
    }

    /// Whether what the peer says still counts.
    ///
    /// BOLT 2: "if a channel is in an error state: SHOULD retransmit the error packet and ignore any other packets for that
    /// channel."
    private var isHeard: Bool { life.failure == nil && !life.isSpent }

    private mutating func dispatch(
        _ message: Message, _ context: ChannelContext, _ signer: some ChannelSigner
    ) throws(ChannelFailure) -> ChannelStep {
        switch message {
        case .channelReady(let message): return try receive(message)
        case .shutdown(let message): return try receive(message, context)
        case .updateAddHTLC, .updateFulfillHTLC, .updateFailHTLC, .updateFailMalformedHTLC,
            .updateFee, .revokeAndAck, .stfu:
            return try receiveUpdate(message, context)
        case .commitmentSigned(let message): return try receive([message], context, signer)
        case .closingSigned, .closingComplete, .closingSig:
            return try receiveClosing(message, context, signer)
        // Announced once the gossip of BOLT 7 is.
        case .announcementSignatures: return ChannelStep()
        // BOLT 1: "upon receiving a message of _odd_, unknown type: MUST ignore the received message."
        case .unknown, .warning, .error: return ChannelStep()
        case .channelReestablish, .openChannel, .acceptChannel, .fundingCreated, .fundingSigned,
            .openChannel2, .acceptChannel2, .txAddInput, .txAddOutput, .txRemoveInput,
            .txRemoveOutput, .txComplete, .txSignatures, .txInitRBF, .txAckRBF, .txAbort,
            .spliceLocked, .spliceInit, .spliceAck, .startBatch, .peerStorage,
            .peerStorageRetrieval, .initialize, .ping, .pong, .channelAnnouncement,
            .nodeAnnouncement, .channelUpdate, .queryShortChannelIDs, .replyShortChannelIDsEnd,
            .queryChannelRange, .replyChannelRange, .gossipTimestampFilter, .onionMessage:
            throw .unexpectedMessage(type: message.type, state)
        }
    }

    /// Sends what the present state is due to send.
    mutating func progress(
        _ context: ChannelContext, _ signer: some ChannelSigner
    ) -> ChannelStep {
        guard link == .up, isHeard else { return ChannelStep() }
        var step = readyIfDue(context)
        step.append(shutdownIfDue(context))
        step.append(quiescenceIfDue())
        step.append(negotiateIfDue(context, signer))
        return step
    }
}

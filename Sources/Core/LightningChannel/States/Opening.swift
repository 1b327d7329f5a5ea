import Bitcoin
import LightningCommitment
import LightningWire

/// A channel whose first commitments are not signed by both sides. Nothing of it is durable, and it ends with the connection
/// (BOLT 2: "if it doesn't complete, it starts again").
///
///     opener                                         accepter
///     waitForAccept        ---- open_channel --->
///                          <-- accept_channel ---    waitForFundingCreated
///     waitForFunding       the node makes the funding transaction
///     waitForFundingSigned -- funding_created -->
///                          <-- funding_signed ---    established
///     established          the node publishes it
enum Opening: Hashable, Sendable {
    case waitForAccept(WaitForAccept)
    case waitForFunding(WaitForFunding)
    case waitForFundingSigned(WaitForFundingSigned)
    case waitForFundingCreated(WaitForFundingCreated)

    var opener: Party {
        switch self {
        case .waitForAccept, .waitForFunding, .waitForFundingSigned: .local
        case .waitForFundingCreated: .remote
        }
    }

    /// The ids under which the peer may speak of it: one that has not received `funding_created` knows the temporary one.
    var channelIDs: [ChannelID] {
        guard case .waitForFundingSigned(let state) = self else { return [channelID] }
        return [channelID, state.agreed.temporaryID]
    }

    /// The id under which this side speaks of the channel.
    ///
    /// BOLT 1, of the opener: "for all error messages sent before (and including) the `funding_created` message: MUST use
    /// `temporary_channel_id` in lieu of `channel_id`." Of the accepter: "for all error messages sent before (and not
    /// including) the `funding_signed` message: MUST use `temporary_channel_id` in lieu of `channel_id`."
    var channelID: ChannelID {
        switch self {
        case .waitForAccept(let state): state.message.temporaryChannelID
        case .waitForFunding(let state): state.agreed.temporaryID
        case .waitForFundingSigned(let state): ChannelID(funding: state.funding.outPoint)
        case .waitForFundingCreated(let state): state.agreed.temporaryID
        }
    }
}

extension Channel {
    /// An input while the channel opens.
    mutating func receive(
        _ input: ChannelInput, _ opening: Opening, _ context: ChannelContext,
        _ signer: some ChannelSigner
    ) -> ChannelStep {
        switch input {
        case .disconnected: return forget(.disconnected)
        case .message(let message):
            do {
                return try receive(message, opening, context, signer)
            } catch {
                return fail(error, opening)
            }
        case .commitmentBatch:
            return fail(.unexpectedMessage(type: CommitmentSigned.type), opening)
        case .funded(let outPoint):
            guard case .waitForFunding(let state) = opening else { return ChannelStep() }
            do {
                let (next, message) = try state.fund(outPoint, signer)
                stage = .opening(.waitForFundingSigned(next))
                return ChannelStep(messages: [.fundingCreated(message)])
            } catch {
                return fail(error, opening)
            }
        case .connected, .fundingConfirmed, .fundingUnconfirmed, .fundingDoubleSpent,
            .fundingSpent, .fundingUnspent, .blockConnected, .flush:
            return ChannelStep()
        }
    }

    private mutating func receive(
        _ message: Message, _ opening: Opening, _ context: ChannelContext,
        _ signer: some ChannelSigner
    ) throws(OpeningError) -> ChannelStep {
        if case .error(let error) = message {
            return forget(.failed(.peerFailed(error.data)))
        }
        if case .warning = message { return ChannelStep() }
        switch (opening, message) {
        case (.waitForAccept(let state), .acceptChannel(let message)):
            let next = try state.receive(message, context)
            stage = .opening(.waitForFunding(next))
            return ChannelStep(events: [.fundingWanted(next.wanted)])
        case (.waitForFundingSigned(let state), .fundingSigned(let message)):
            return try establish(state.receive(message, context, peer, signer), context)
        case (.waitForFundingCreated(let state), .fundingCreated(let message)):
            let (established, answer) = try state.receive(message, context, peer, signer)
            var step = try establish(established, context)
            // BOLT 2: "if it has sent the `funding_signed` message: MUST remember the channel for reconnection."
            step.messages.insert(.fundingSigned(answer), at: 0)
            return step
        case (.waitForAccept, _), (.waitForFunding, _), (.waitForFundingSigned, _),
            (.waitForFundingCreated, _):
            throw .unexpectedMessage(type: message.type)
        }
    }

    /// Makes the channel durable.
    private mutating func establish(
        _ established: EstablishedChannel, _ context: ChannelContext
    ) throws(OpeningError) -> ChannelStep {
        var established = established
        var step = established.begin(context)
        stage = .established(established)
        let funding = established.commitments.fundings[0].funding
        step.events.insert(.established(funding), at: 0)
        if opener == .local { step.events.insert(.fundingSigned(funding), at: 1) }
        return step
    }

    /// Tells the peer what is wrong, and forgets the channel.
    private mutating func fail(_ error: OpeningError, _ opening: Opening) -> ChannelStep {
        var step = forget(.failed(.opening(error)))
        step.messages = [.error(.opening(error), channelID: opening.channelID)]
        return step
    }

    /// Ends a channel that holds no money.
    mutating func forget(_ reason: ForgottenReason) -> ChannelStep {
        var step = ChannelStep(events: [.forgotten(reason)])
        if case .established(let established) = stage { step.writes = established.removalWrites }
        stage = .forgotten(reason)
        return step
    }
}

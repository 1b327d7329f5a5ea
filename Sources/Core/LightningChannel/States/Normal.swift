import Bitcoin
import LightningCommitment
import LightningWire

/// Payments go through the channel (BOLT 2, "Normal Operation"). HTLCs are removed while it shuts down too.
extension EstablishedChannel {
    /// A message that changes the commitments.
    mutating func receiveUpdate(
        _ message: Message, _ context: ChannelContext, _ signer: some ChannelSigner
    ) throws(ChannelFailure) -> ChannelStep {
        try whileUpdating(message.type) { (self: inout Self) throws(ChannelError) in
            if case .commitmentSigned(let message) = message {
                return try self.commitments.receive([message], signer)
            }
            if case .revokeAndAck(let message) = message {
                return try self.commitments.receive(message)
            }
            if case .stfu(let message) = message { return try self.commitments.receive(message) }
            switch CommitmentUpdate(message) {
            case .add(let update): return try self.commitments.receive(update)
            case .fulfill(let update): return try self.commitments.receive(update)
            case .fail(let update): return try self.commitments.receive(update)
            case .failMalformed(let update): return try self.commitments.receive(update)
            case .fee(let update):
                let format = self.commitments.parameters.format
                return try self.commitments.receive(
                    update, acceptable: context.feerates.acceptable(format))
            // Everything else is for another time: announcements, splices, messages of odd types that are not known.
            case nil: return ChannelStep()
            }
        }
    }

    /// Does `body` where the commitments may change.
    mutating func whileUpdating(
        _ type: UInt16,
        _ body: (inout EstablishedChannel) throws(ChannelError) -> ChannelStep
    ) throws(ChannelFailure) -> ChannelStep {
        switch state {
        case .normal, .shuttingDown: break
        case .opening, .waitForReady, .negotiating, .failed, .outdated, .spent, .forgotten:
            throw .unexpectedMessage(type: type, state)
        }
        do {
            return try body(&self)
        } catch {
            throw .channel(error)
        }
    }

    /// Sends and signs what waits.
    mutating func flush(_ signer: some ChannelSigner) throws(ChannelFailure) -> ChannelStep {
        switch state {
        case .normal, .shuttingDown: break
        case .opening, .waitForReady, .negotiating, .failed, .outdated, .spent, .forgotten:
            return ChannelStep()
        }
        do {
            return try commitments.flush(signer)
        } catch {
            throw .channel(error)
        }
    }

    /// Offers an HTLC.
    mutating func offer(_ offer: HTLCOffer) throws(ChannelError) -> ChannelStep {
        guard isUsable else { throw .notUsable(state) }
        return try commitments.sendAdd(offer)
    }
}

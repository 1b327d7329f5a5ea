import Bitcoin
import LightningCommitment
import LightningWire

/// The funding transaction is on its way into the chain (BOLT 2, `channel_ready`).
extension EstablishedChannel {
    /// Says `channel_ready` as soon as the funding is deep enough.
    mutating func readyIfDue(_ context: ChannelContext) -> ChannelStep {
        guard link == .up, !life.sentReady, isDeep(context.height) else {
            return ChannelStep()
        }
        life.sentReady = true
        return ChannelStep(
            writes: [lifeWrite()], messages: [channelReady], events: isReady ? [.ready] : [])
    }

    /// BOLT 2: "MUST set `second_per_commitment_point` to the per-commitment point to be used for commitment transaction
    /// #1". It is sent only while that commitment is the next.
    var channelReady: Message {
        .channelReady(
            ChannelReady(
                channelID: channelID,
                secondPerCommitmentPoint: Point(commitments.localNextPoint),
                tlvs: ChannelReadyTLVs(alias: life.alias)))
    }

    /// Takes the peer's `channel_ready`. Only the alias of a later one counts.
    mutating func receive(_ message: ChannelReady) throws(ChannelFailure) -> ChannelStep {
        let point: PublicKey
        do {
            point = try message.secondPerCommitmentPoint.publicKey()
        } catch {
            throw .channel(.invalidNextPoint(error))
        }
        let wasReady = isReady
        let alias = message.tlvs.alias ?? life.peerAlias
        guard !life.receivedReady || alias != life.peerAlias else { return ChannelStep() }
        var step = commitments.setRemoteNextPoint(point)
        life.receivedReady = true
        life.peerAlias = alias
        step.writes.append(lifeWrite())
        if isReady, !wasReady { step.events.append(.ready) }
        return step
    }
}

import Bitcoin
import LightningCommitment
import LightningWire

/// What is sent again after reconnecting (BOLT 2, "Message Retransmission").
///
/// A `commitment_signed` that may be lost is not stored but made again: the same updates, the same commitment and a
/// deterministic nonce give the same message.
extension Commitments {
    /// What this side says first on a new connection.
    public var reestablish: ChannelReestablish {
        let revoked = isAwaitingRevocation ? remoteNumber - 1 : remoteNumber
        // BOLT 2: "if `next_revocation_number` equals 0: MUST set `your_last_per_commitment_secret` to all zeroes"
        let secret = revoked == 0 ? nil : revealedSecrets.secret(commitment: revoked - 1)
        return ChannelReestablish(
            channelID: parameters.channelID, nextCommitmentNumber: localNumber + 1,
            nextRevocationNumber: revoked,
            yourLastPerCommitmentSecret: secret ?? PerCommitmentSecret(.zero),
            myCurrentPerCommitmentPoint: Point(localPoint))
    }

    /// What the peer has missed, in the order in which it was sent first.
    ///
    /// Throws ``ChannelError/outdated(local:proven:)`` where the peer proves that this side's state is older than the
    /// channel. The caller has taken back what was not committed with ``disconnect()``.
    public mutating func retransmission(
        after message: ChannelReestablish, _ signer: some ChannelSigner
    ) throws(ChannelError) -> ChannelStep {
        try checkChannel(message.channelID)
        try checkLastSecret(message, signer)
        let revocation = try lostRevocation(message, signer)
        let commitment = try lostCommitment(message, signer)

        isConnected = true
        // BOLT 2: "MUST retransmit `revoke_and_ack` and `commitment_signed` in the same relative order as initially
        // transmitted." And: "if it has sent a previous `shutdown`: MUST retransmit `shutdown`."
        return ChannelStep(
            messages: (commitmentPrecedesRevocation != Mutation.isOn(.otherOrderAgain)
                ? commitment + revocation : revocation + commitment) + shutdownMessages)
    }

    private func checkLastSecret(
        _ message: ChannelReestablish, _ signer: some ChannelSigner
    ) throws(ChannelError) {
        let number = message.nextRevocationNumber
        let expected: PerCommitmentSecret
        do {
            expected =
                number == 0
                ? PerCommitmentSecret(.zero) : try signer.perCommitmentSecret(number - 1)
        } catch .commitmentNumberTooHigh {
            throw .unexpectedRevocationNumber(expected: localNumber, actual: number)
        } catch {
            throw .signer(error)
        }
        // BOLT 2: "if `your_last_per_commitment_secret` does not match the expected values: SHOULD send an `error` and fail
        // the channel."
        guard message.yourLastPerCommitmentSecret == expected else { throw .wrongLastSecret }
        // BOLT 2: "if `next_revocation_number` is greater than expected above, AND `your_last_per_commitment_secret` is
        // correct for that `next_revocation_number` minus 1: MUST NOT broadcast its commitment transaction."
        guard number <= localNumber || Mutation.isOn(.ignoreOutdated) else {
            throw .outdated(local: localNumber, proven: number)
        }
    }

    /// BOLT 2: "if `next_revocation_number` is equal to the commitment number of the last `revoke_and_ack` the receiving
    /// node sent, AND the receiving node hasn't already received a `closing_signed`: MUST re-send the `revoke_and_ack`."
    private func lostRevocation(
        _ message: ChannelReestablish, _ signer: some ChannelSigner
    ) throws(ChannelError) -> [Message] {
        let number = message.nextRevocationNumber
        guard number != localNumber, !Mutation.isOn(.noRevocationAgain) else { return [] }
        guard number + 1 == localNumber else {
            throw .unexpectedRevocationNumber(expected: localNumber, actual: number)
        }
        do {
            return [
                .revokeAndAck(
                    RevokeAndAck(
                        channelID: parameters.channelID,
                        perCommitmentSecret: try signer.perCommitmentSecret(number),
                        nextPerCommitmentPoint: Point(localNextPoint)))
            ]
        } catch {
            throw .signer(error)
        }
    }

    /// BOLT 2: "if `next_commitment_number` is equal to the commitment number of the last `commitment_signed` message the
    /// receiving node has sent: MUST reuse the same commitment number for its next `commitment_signed`."
    private func lostCommitment(
        _ message: ChannelReestablish, _ signer: some ChannelSigner
    ) throws(ChannelError) -> [Message] {
        // BOLT 2: "if `next_commitment_number` is zero: MUST immediately fail the channel and broadcast any relevant latest
        // commitment transaction."
        guard message.nextCommitmentNumber != 0 else { throw .nextCommitmentIsZero }
        let next = remoteNumber + 1
        guard message.nextCommitmentNumber != next, !Mutation.isOn(.noCommitmentAgain) else {
            return []
        }
        guard message.nextCommitmentNumber == remoteNumber, isAwaitingRevocation,
            let point = remoteNextPoint
        else {
            throw .unexpectedCommitmentNumber(
                expected: next, actual: message.nextCommitmentNumber)
        }
        return signed.map(\.message)
            + (try commitmentMessages(.remoteSigned, number: remoteNumber, point: point, signer))
    }
}

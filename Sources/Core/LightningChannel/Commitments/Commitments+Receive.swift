import Bitcoin
import LightningCommitment
import LightningWire

extension Commitments {
    /// Takes the peer's signatures of this side's next commitment, and revokes the one before.
    ///
    /// `batch` has the messages that `start_batch` announced, or one.
    public mutating func receive(
        _ batch: [CommitmentSigned], _ signer: some ChannelSigner
    ) throws(ChannelError) -> ChannelStep {
        for message in batch { try checkChannel(message.channelID) }
        // The number after the next has to have a point for `revoke_and_ack`.
        guard localNumber + 2 <= CommitmentNumberObscurer.maximum else { throw .noNumberLeft }
        let (number, point) = (localNumber + 1, localNextPoint)
        let keys = try keys(.local, point)
        var signatures: [CommitmentSignatures] = []
        for funding in fundings {
            let message = try self.message(of: batch, for: funding)
            let commitment = transaction(.localNext, funding, number: number, keys: keys)
            signatures.append(try check(message, commitment, funding, signer))
        }
        let (secret, nextPoint): (PerCommitmentSecret, PublicKey)
        do {
            secret = try signer.perCommitmentSecret(localNumber)
            nextPoint = try signer.perCommitmentPoint(number + 1)
        } catch {
            throw .signer(error)
        }

        localNumber = number
        (localPoint, localNextPoint) = (point, nextPoint)
        commitmentPrecedesRevocation = isAwaitingRevocation
        let advanced = advance(.commitmentReceived)
        for (index, signatures) in signatures.enumerated() {
            fundings[index].signatures = signatures
        }
        // BOLT 2: "MUST send a single `revoke_and_ack` message, even if it is responding to a batch of `commitment_signed`
        // messages."
        let revocation = RevokeAndAck(
            channelID: parameters.channelID, perCommitmentSecret: secret,
            nextPerCommitmentPoint: Point(nextPoint))
        return ChannelStep(
            writes: writes(advanced)
                + (Mutation.isOn(.forgetSignatures) ? [] : signatureWrites())
                + [pointsWrite(.local), stateWrite()],
            messages: [.revokeAndAck(revocation)], events: advanced.events)
    }

    /// The message of `batch` that signs for `funding`. What is for other fundings is left over from a splice.
    private func message(
        of batch: [CommitmentSigned], for funding: ActiveFunding
    ) throws(ChannelError) -> CommitmentSigned {
        if batch.count == 1, fundings.count == 1 { return batch[0] }
        // BOLT 2: "If `funding_txid` is missing in one of the `commitment_signed` messages: MUST send an `error` and fail
        // the channel."
        guard batch.allSatisfy({ $0.tlvs.fundingTransactionID != nil }) else {
            throw .fundingNotNamed
        }
        // BOLT 2: "If `commitment_signed` is missing for a funding transaction: MUST send an `error` and fail the channel."
        guard
            let message = batch.first(where: {
                $0.tlvs.fundingTransactionID == funding.transactionID
            })
        else { throw .fundingNotSigned(funding.transactionID) }
        return message
    }

    /// The signatures of `message`, which hold for `commitment` and its HTLC transactions.
    ///
    /// BOLT 2: "if `signature` is not valid for its local commitment transaction OR non-compliant with LOW-S-standard rule"
    private func check(
        _ message: CommitmentSigned, _ commitment: CommitmentTransaction,
        _ funding: ActiveFunding, _ signer: some ChannelSigner
    ) throws(ChannelError) -> CommitmentSignatures {
        let invalid = ChannelError.invalidCommitmentSignature(number: commitment.number)
        guard let signature = try? message.signature.ecdsa() else { throw invalid }
        var htlcs: [ECDSASignature] = []
        htlcs.reserveCapacity(message.htlcSignatures.count)
        for (index, wire) in message.htlcSignatures.enumerated() {
            guard let signature = try? wire.ecdsa() else {
                throw .invalidHTLCSignature(index: index)
            }
            htlcs.append(signature)
        }
        // BOLT 2: "if `num_htlcs` is not equal to the number of HTLC outputs in the local commitment transaction: MUST send
        // a `warning` and close the connection, or send an `error` and fail the channel."
        let expected = commitment.outputs.count { $0.purpose.isHTLC }
        guard htlcs.count == expected else {
            throw .wrongHTLCSignatureCount(expected: expected, actual: htlcs.count)
        }
        let signatures = CommitmentSignatures(commitment: signature, htlcs: htlcs)
        if Mutation.isOn(.acceptAnySignature) { return signatures }
        do {
            // The signer verifies them all; only where it refuses is it worth finding out which is wrong.
            try signer.validate(
                ReceivedCommitment(
                    counterparty: basepoints(of: .remote, funding), commitment: commitment,
                    signatures: signatures))
        } catch {
            guard commitment.isSigned(byCounterparty: signature) else { throw invalid }
            let transactions = commitment.htlcTransactions
            for (index, htlc) in transactions.enumerated() {
                guard htlc.isSigned(byCounterparty: htlcs[index]) else {
                    throw .invalidHTLCSignature(index: index)
                }
            }
            throw .signer(error)
        }
        return signatures
    }

    /// Takes the secret of the peer's commitment that is replaced.
    public mutating func receive(_ message: RevokeAndAck) throws(ChannelError) -> ChannelStep {
        try checkChannel(message.channelID)
        guard isAwaitingRevocation, let next = remoteNextPoint else { throw .unexpectedRevocation }
        // BOLT 2: "if `per_commitment_secret` is not a valid secret key or does not generate the previous
        // `per_commitment_point`: MUST send an `error` and fail the channel."
        let point: PublicKey
        do {
            point = try PrivateKey(message.perCommitmentSecret.hash).publicKey
        } catch {
            throw .invalidSecret(error)
        }
        guard point == remotePoint || Mutation.isOn(.acceptAnySecret) else {
            throw .wrongSecret(expected: remotePoint, actual: point)
        }
        let nextPoint: PublicKey
        do {
            nextPoint = try message.nextPerCommitmentPoint.publicKey()
        } catch {
            throw .invalidNextPoint(error)
        }
        let position: Int
        do {
            // Puts the secret in its place only where it is of the same tree as the others.
            position = try revealedSecrets.insert(
                message.perCommitmentSecret, index: revealedSecrets.nextIndex)
        } catch {
            throw .strangeSecret(error)
        }

        remotePoint = next
        remoteNextPoint = nextPoint
        isAwaitingRevocation = false
        let acknowledged = signed.count
        signed = []
        let advanced = advance(.revocationReceived)
        var writes = writes(advanced)
        if !Mutation.isOn(.forgetSecret) { writes.append(secretWrite(position)) }
        for position in 0..<acknowledged { writes.append(signedUpdateWrite(position, nil)) }
        writes += [pointsWrite(.remote), stateWrite()]
        return ChannelStep(writes: writes, events: advanced.events)
    }
}

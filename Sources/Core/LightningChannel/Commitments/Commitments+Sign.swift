import Bitcoin
import LightningCommitment
import LightningWire

extension Commitments {
    /// Whether there is anything that the next `commitment_signed` of this side would bring into the peer's commitment.
    public var hasUpdatesToSign: Bool {
        !proposed.isEmpty
            || pendingFeerates.contains { $0.stage == .acked && parameters.opener == .remote }
            || offered.contains { $0.removal?.stage == .acked }
            || received.contains { $0.addition == .acked }
            || hasProposableResolutions
    }

    /// Whether a `commitment_signed` is due now: there is something to sign, and the last one is answered.
    public var canSign: Bool {
        isConnected && !isAwaitingRevocation && remoteNextPoint != nil && hasUpdatesToSign
    }

    /// Sends what waits, at the end of a batch of inputs: decisions about the peer's HTLCs, and one `commitment_signed` for
    /// everything where it is due. With a `clock` some of it may wait a moment for company.
    public mutating func flush(
        _ signer: some ChannelSigner, _ clock: SigningClock? = nil
    ) throws(ChannelError) -> ChannelStep {
        guard canSign else {
            holdback.release()
            return ChannelStep(messages: proposeFulfillments(resolutions.keys.sorted()))
        }
        return holdsBack(clock) ? ChannelStep() : try sendCommitmentSigned(signer)
    }

    /// Signs the peer's next commitment with everything that waits for it.
    public mutating func sendCommitmentSigned(
        _ signer: some ChannelSigner
    ) throws(ChannelError) -> ChannelStep {
        guard isConnected else { throw .notConnected }
        guard !isAwaitingRevocation else { throw .awaitingRevocation }
        // BOLT 2: "MUST NOT send a `commitment_signed` message that does not include any updates."
        guard hasUpdatesToSign else { throw .nothingToSign }
        guard let point = remoteNextPoint else { throw .noNextPoint }
        guard remoteNumber < CommitmentNumberObscurer.maximum else { throw .noNumberLeft }
        let updates = propose(resolutions.keys.sorted())
        let messages: [Message]
        do {
            messages = try commitmentMessages(
                .remoteNext, number: remoteNumber + 1, point: point, signer)
        } catch {
            withdraw(updates.count)
            throw error
        }

        remoteNumber += 1
        isAwaitingRevocation = true
        commitmentPrecedesRevocation = false
        let advanced = advance(.commitmentSent)
        signed = proposed
        proposed = []
        var writes: [RecordWrite] = []
        writes.reserveCapacity(advanced.changed.count + 2 * signed.count + 1)
        for htlc in advanced.changed { writes.append(htlcWrite(htlc)) }
        writes += forgetResolutions(signed)
        for (position, update) in signed.enumerated()
        where !Mutation.isOn(.forgetSignedUpdates) {
            writes.append(signedUpdateWrite(position, update))
        }
        writes.append(stateWrite())
        return ChannelStep(
            writes: writes, messages: updates + messages, events: advanced.events)
    }

    /// The messages that sign commitment `number` of the peer for every funding.
    func commitmentMessages(
        _ view: CommitmentView, number: UInt64, point: PublicKey, _ signer: some ChannelSigner
    ) throws(ChannelError) -> [Message] {
        let keys = try keys(.remote, point)
        var messages: [Message] = []
        if fundings.count > 1 {
            // BOLT 2: "MUST send `start_batch` first with `batch_size` set to `N + 1` and `message_type` set to `132`
            // (`commitment_signed`)."
            messages.append(
                .startBatch(
                    StartBatch(
                        channelID: parameters.channelID, batchSize: UInt16(fundings.count),
                        tlvs: StartBatchTLVs(messageType: CommitmentSigned.type))))
        }
        for funding in fundings {
            let signatures: CommitmentSignatures
            do {
                signatures = try signer.sign(
                    CounterpartyCommitmentRequest(
                        counterparty: basepoints(of: .remote, funding),
                        commitment: transaction(view, funding, number: number, keys: keys)))
            } catch {
                throw .signer(error)
            }
            // BOLT 2: "MUST set `funding_txid` to the funding transaction spent by this commitment transaction."
            messages.append(
                .commitmentSigned(
                    CommitmentSigned(
                        channelID: parameters.channelID,
                        signature: WireSignature(signatures.commitment),
                        htlcSignatures: signatures.htlcs.map { WireSignature($0) },
                        tlvs: CommitmentSignedTLVs(fundingTransactionID: funding.transactionID))))
        }
        return messages
    }
}

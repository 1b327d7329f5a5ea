import Bitcoin
import LightningCommitment
import LightningWire

extension Commitments {
    /// The bit of a failure code that says that the onion was bad (BOLT 4).
    static let badOnion: UInt16 = 0x8000
    /// The most bytes that a reason for failing may have, so that the message fits its limit with everything else in it.
    static let longestReason = 60_000

    /// Claims the peer's HTLC with the preimage, which the peer may use from then on.
    public mutating func sendFulfill(
        _ id: UInt64, preimage: PaymentPreimage, attribution: AttributionData? = nil
    ) throws(ChannelError) -> ChannelStep {
        let index = try openIndex(.remote, id)
        let expected = received[index].paymentHash
        guard preimage.paymentHash == expected else {
            throw .wrongPreimage(expected: expected, actual: preimage.paymentHash)
        }
        return propose(
            .fulfill(
                UpdateFulfillHTLC(
                    channelID: parameters.channelID, id: id, paymentPreimage: preimage,
                    tlvs: UpdateFulfillHTLCTLVs(attributionData: attribution))),
            .fulfilled(preimage), at: index)
    }

    /// Gives the peer's HTLC back with an encrypted reason.
    public mutating func sendFail(
        _ id: UInt64, reason: [UInt8], attribution: AttributionData? = nil
    ) throws(ChannelError) -> ChannelStep {
        let index = try openIndex(.remote, id)
        guard reason.count <= Self.longestReason else {
            throw .reasonTooLong(maximum: Self.longestReason, actual: reason.count)
        }
        return propose(
            .fail(
                UpdateFailHTLC(
                    channelID: parameters.channelID, id: id, reason: reason,
                    tlvs: UpdateFailHTLCTLVs(attributionData: attribution))),
            .failed, at: index)
    }

    /// Gives back the peer's HTLC whose onion could not be read.
    public mutating func sendFailMalformed(
        _ id: UInt64, onionHash: Hash256, failureCode: UInt16
    ) throws(ChannelError) -> ChannelStep {
        let index = try openIndex(.remote, id)
        guard failureCode & Self.badOnion != 0 else {
            throw .notABadOnion(failureCode: failureCode)
        }
        return propose(
            .failMalformed(
                UpdateFailMalformedHTLC(
                    channelID: parameters.channelID, id: id, onionHash: onionHash,
                    failureCode: failureCode)),
            .failed, at: index)
    }

    /// Takes the preimage of this side's HTLC.
    public mutating func receive(
        _ message: UpdateFulfillHTLC
    ) throws(ChannelError) -> ChannelStep {
        try checkChannel(message.channelID)
        let index = try openIndex(.local, message.id)
        // BOLT 2: "if the `payment_preimage` value in `update_fulfill_htlc` doesn't SHA256 hash to the corresponding HTLC
        // `payment_hash`: MUST send a `warning` and close the connection, or send an `error` and fail the channel."
        let (expected, actual) = (
            offered[index].paymentHash, message.paymentPreimage.paymentHash
        )
        guard actual == expected else { throw .wrongPreimage(expected: expected, actual: actual) }

        accept(.fulfill(message), .fulfilled(message.paymentPreimage), at: index)
        return ChannelStep(events: [
            .offeredFulfilled(
                id: message.id, preimage: message.paymentPreimage, message,
                origin: offered[index].origin)
        ])
    }

    /// Takes back this side's HTLC that the peer fails. What it forwarded is failed once that is irrevocable.
    public mutating func receive(_ message: UpdateFailHTLC) throws(ChannelError) -> ChannelStep {
        try checkChannel(message.channelID)
        let index = try openIndex(.local, message.id)

        accept(.fail(message), .failed, at: index)
        return ChannelStep()
    }

    /// Takes back this side's HTLC whose onion the peer could not read.
    public mutating func receive(
        _ message: UpdateFailMalformedHTLC
    ) throws(ChannelError) -> ChannelStep {
        try checkChannel(message.channelID)
        let index = try openIndex(.local, message.id)
        // BOLT 2: "if the `BADONION` bit in `failure_code` is not set for `update_fail_malformed_htlc`: MUST send a
        // `warning` and close the connection, or send an `error` and fail the channel."
        guard message.failureCode & Self.badOnion != 0 else {
            throw .notABadOnion(failureCode: message.failureCode)
        }

        accept(.failMalformed(message), .failed, at: index)
        return ChannelStep()
    }

    /// The position of an HTLC of `offerer` that may be removed.
    ///
    /// BOLT 2: "until the corresponding HTLC is irrevocably committed in both sides' commitment transactions: MUST NOT send
    /// an `update_fulfill_htlc`, `update_fail_htlc`, or `update_fail_malformed_htlc`." And for the receiver: "if the `id`
    /// does not correspond to an HTLC in its current commitment transaction: MUST send a `warning` and close the
    /// connection, or send an `error` and fail the channel."
    private func openIndex(_ offerer: Party, _ id: UInt64) throws(ChannelError) -> Int {
        try checkMayUpdate(offerer.other)
        let key = HTLCKey(offerer: offerer, id: id)
        guard let index = index(of: key) else { throw .unknownHTLC(key) }
        let htlc = self[offerer][index]
        guard htlc.addition == .irrevocable else { throw .notCommitted(key, htlc.addition) }
        guard htlc.removal == nil else { throw .alreadyRemoved(key) }
        return index
    }

    private mutating func propose(
        _ update: CommitmentUpdate, _ outcome: ChannelHTLC.Outcome, at index: Int
    ) -> ChannelStep {
        received[index].removal = ChannelHTLC.Removal(outcome: outcome, stage: .proposed)
        proposed.append(update)
        return ChannelStep(messages: [update.message])
    }

    private mutating func accept(
        _ update: CommitmentUpdate, _ outcome: ChannelHTLC.Outcome, at index: Int
    ) {
        offered[index].removal = ChannelHTLC.Removal(outcome: outcome, stage: .proposed)
        remoteMessages[offered[index].key] = update
    }
}

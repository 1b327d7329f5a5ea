import Bitcoin
import LightningCommitment
import LightningWire

extension Commitments {
    /// Takes the preimage of this side's HTLC.
    public mutating func receive(
        _ message: UpdateFulfillHTLC
    ) throws(ChannelError) -> ChannelStep {
        try checkChannel(message.channelID)
        let index = try openIndex(message.id)
        // BOLT 2: "if the `payment_preimage` value in `update_fulfill_htlc` doesn't SHA256 hash to the corresponding HTLC
        // `payment_hash`: MUST send a `warning` and close the connection, or send an `error` and fail the channel."
        let (expected, actual) = (
            offered[index].paymentHash, message.paymentPreimage.paymentHash
        )
        guard actual == expected || Mutation.isOn(.acceptAnyPreimage) else {
            throw .wrongPreimage(expected: expected, actual: actual)
        }

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
        let index = try openIndex(message.id)

        accept(.fail(message), .failed, at: index)
        return ChannelStep()
    }

    /// Takes back this side's HTLC whose onion the peer could not read.
    public mutating func receive(
        _ message: UpdateFailMalformedHTLC
    ) throws(ChannelError) -> ChannelStep {
        try checkChannel(message.channelID)
        let index = try openIndex(message.id)
        // BOLT 2: "if the `BADONION` bit in `failure_code` is not set for `update_fail_malformed_htlc`: MUST send a
        // `warning` and close the connection, or send an `error` and fail the channel."
        guard message.failureCode & HTLCResolution.badOnion != 0 else {
            throw .notABadOnion(failureCode: message.failureCode)
        }

        accept(.failMalformed(message), .failed, at: index)
        return ChannelStep()
    }

    /// The position of an HTLC of this side that the peer may remove.
    ///
    /// BOLT 2: "if the `id` does not correspond to an HTLC in its current commitment transaction: MUST send a `warning` and
    /// close the connection, or send an `error` and fail the channel." And for the sender: "until the corresponding HTLC is
    /// irrevocably committed in both sides' commitment transactions: MUST NOT send an `update_fulfill_htlc`,
    /// `update_fail_htlc`, or `update_fail_malformed_htlc`."
    private func openIndex(_ id: UInt64) throws(ChannelError) -> Int {
        try checkMayUpdate(.remote)
        let key = HTLCKey(offerer: .local, id: id)
        guard let index = index(of: key) else { throw .unknownHTLC(key) }
        guard offered[index].addition == .irrevocable else {
            throw .notCommitted(key, offered[index].addition)
        }
        guard offered[index].removal == nil else { throw .alreadyRemoved(key) }
        return index
    }

    private mutating func accept(
        _ update: CommitmentUpdate, _ outcome: ChannelHTLC.Outcome, at index: Int
    ) {
        offered[index].removal = ChannelHTLC.Removal(outcome: outcome, stage: .proposed)
        remoteMessages[offered[index].key] = update
    }
}

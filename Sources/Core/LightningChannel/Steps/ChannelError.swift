import Bitcoin
import LightningCommitment
import LightningCrypto
import LightningWire

/// Why a step of a channel is refused: something that this side was asked to do, or that the peer did.
public enum ChannelError: Error, Equatable, Sendable {
    // The channel's state
    /// What is asked for is not possible in this state, or while the peer is away.
    case notUsable(ChannelState)

    // Any message
    /// The message is for another channel.
    case wrongChannel(expected: ChannelID, actual: ChannelID)

    /// The channel is not reestablished on a connection.
    case notConnected

    // Adding an HTLC
    case amountBelowMinimum(minimum: MilliSatoshi, actual: MilliSatoshi)
    /// `cltv_expiry` would be a time.
    case expiryTooHigh(limit: BlockHeight, actual: BlockHeight)
    case wrongOnionLength(expected: Int, actual: Int)
    /// Ids ascend by one.
    case wrongID(expected: UInt64, actual: UInt64)
    case tooManyHTLCs(maximum: Int, actual: Int)
    case tooMuchInFlight(maximum: MilliSatoshi, actual: MilliSatoshi)
    /// The offerer's balance does not bear the amount, its reserve and, where it is the opener, the fee and the anchors.
    case insufficientBalance(needed: MilliSatoshi, available: MilliSatoshi)
    /// The offerer is the opener and keeps too little for a rise of fees.
    case noFeeSpikeBuffer(needed: MilliSatoshi, available: MilliSatoshi)
    /// The opener across could not pay the fee any more.
    case peerCannotPayFee(needed: MilliSatoshi, available: MilliSatoshi)
    /// Too much would be in HTLCs without outputs in the commitment of `owner`.
    case dustExposure(owner: Party, maximum: MilliSatoshi, actual: MilliSatoshi)

    // Removing an HTLC
    case unknownHTLC(HTLCKey)
    /// The HTLC is not irrevocably committed yet.
    case notCommitted(HTLCKey, UpdateStage)
    case alreadyRemoved(HTLCKey)
    case wrongPreimage(expected: PaymentHash, actual: PaymentHash)
    /// The failure code of `update_fail_malformed_htlc` does not speak of a bad onion.
    case notABadOnion(failureCode: UInt16)
    case reasonTooLong(maximum: Int, actual: Int)

    // Changing the fee
    case feeFromAccepter
    case feerateOutOfRange(ClosedRange<FeeratePerKw>, actual: FeeratePerKw)
    case cannotPayFee(needed: MilliSatoshi, available: MilliSatoshi)

    // commitment_signed
    /// The peer has not answered the last `commitment_signed` yet.
    case awaitingRevocation
    case nothingToSign
    /// The peer has not sent `channel_ready`.
    case noNextPoint
    /// All 2^48 numbers are used up.
    case noNumberLeft
    /// A message of the batch does not name its funding.
    case fundingNotNamed
    /// The batch has no signatures for a funding.
    case fundingNotSigned(TransactionID)
    case wrongHTLCSignatureCount(expected: Int, actual: Int)
    case invalidCommitmentSignature(number: UInt64)
    /// The signature of the HTLC transaction at this position.
    case invalidHTLCSignature(index: Int)
    /// A point has no keys.
    case unusablePoint(KeyError)
    case signer(SignerError)

    // revoke_and_ack
    case unexpectedRevocation
    case invalidSecret(KeyError)
    case wrongSecret(expected: PublicKey, actual: PublicKey)
    /// The secret does not belong to the tree of those before it.
    case strangeSecret(RevealedSecretError)
    case invalidNextPoint(KeyError)

    // stfu and shutdown
    /// That side has said `stfu`: there are no updates now.
    case quiescing(Party)
    /// An update of that side is on its way, and has to arrive first.
    case updatesPending(Party)
    /// A `shutdown` rules it out.
    case closing
    case splicePending
    case closingScriptNotAllowed(Script)
    case notTheUpfrontScript(expected: Script, actual: Script)

    // closing_signed, closing_complete and closing_sig
    /// The `shutdown`s of this connection are not complete, or something is left in the channel.
    case notNegotiatingClose
    /// The message belongs to the form of closing that was not negotiated.
    case otherClosingForm
    case noClosingTransaction(ClosingError)
    case invalidClosingSignature
    case closingOutputIsDust(limit: Satoshi, actual: Satoshi)
    /// This side's fees and the peer's have nothing in common.
    case closingFeesDisjoint(ClosingFeeRange, ClosingFeeRange)
    /// The fee is none that was left to agree on.
    case closingFeeRefused(ClosingFeeRange, actual: Satoshi)
    /// The fee is not between what this side and the peer said last.
    case closingFeeNotBetween(Satoshi, Satoshi, actual: Satoshi)
    case closeeScriptOutdated(expected: Script, actual: Script)
    case closerScriptNotAllowed(Script)
    /// There is no signature for the outputs that the transaction has to have.
    case closingSignatureMissing(ClosingVariant)
    /// `closing_sig` has to have one signature.
    case wrongClosingSignatureCount(Int)
    /// `closing_sig` answers nothing that this side has proposed.
    case closingSigWithoutProposal
    /// The peer has not answered this side's last `closing_complete` yet.
    case closingUnanswered

    // channel_reestablish
    /// The peer expects commitment 0, which it has had from the start.
    case nextCommitmentIsZero
    case unexpectedCommitmentNumber(expected: UInt64, actual: UInt64)
    case unexpectedRevocationNumber(expected: UInt64, actual: UInt64)
    case wrongLastSecret
    /// The peer has proof of a later commitment of this side: the state here is older than the channel, and must never be
    /// published.
    case outdated(local: UInt64, proven: UInt64)
}

/// What an error leads to.
public enum Disposition: Hashable, Sendable {
    /// Nothing happens.
    case ignore
    /// The peer is told in a `warning`.
    case warn
    /// The peer is told in a `warning`, and the connection ends. Reconnecting takes back what was not committed.
    case disconnect
    /// The HTLC is not offered, and what it was to forward is failed.
    case failHTLC
    /// The peer is told in an `error`, and must publish its commitment: this side never does.
    case failChannel
    /// The peer is told in an `error`, and this side publishes its commitment.
    case forceClose
}

extension ChannelError {
    /// What the error leads to where `party` did what is refused.
    ///
    /// Where BOLT 2 leaves the choice to "send a `warning` and close the connection, or send an `error` and fail the
    /// channel", the former is chosen: it costs no money, and nothing that was refused has been committed.
    public func disposition(_ party: Party) -> Disposition {
        switch self {
        case .amountBelowMinimum, .expiryTooHigh, .wrongOnionLength, .tooManyHTLCs,
            .tooMuchInFlight, .insufficientBalance, .noFeeSpikeBuffer, .peerCannotPayFee,
            .dustExposure, .notConnected:
            party == .local ? .failHTLC : .disconnect
        case .wrongChannel, .wrongID, .unknownHTLC, .notCommitted, .alreadyRemoved,
            .wrongPreimage, .notABadOnion, .reasonTooLong, .feeFromAccepter, .feerateOutOfRange,
            .cannotPayFee, .awaitingRevocation, .nothingToSign, .noNextPoint, .noNumberLeft,
            .wrongHTLCSignatureCount, .invalidCommitmentSignature, .invalidHTLCSignature,
            .unexpectedRevocation, .signer, .quiescing, .updatesPending, .closing,
            .splicePending, .notTheUpfrontScript, .notNegotiatingClose, .otherClosingForm,
            .noClosingTransaction, .invalidClosingSignature, .closingFeeNotBetween,
            .closeeScriptOutdated, .closerScriptNotAllowed, .closingSignatureMissing,
            .wrongClosingSignatureCount, .closingSigWithoutProposal, .closingUnanswered:
            party == .local ? .ignore : .disconnect
        // BOLT 2: "If `funding_txid` is missing in one of the `commitment_signed` messages: MUST send an `error` and fail
        // the channel." And: "if `per_commitment_secret` is not a valid secret key or does not generate the previous
        // `per_commitment_point`: MUST send an `error` and fail the channel."
        case .fundingNotNamed, .fundingNotSigned, .unusablePoint, .invalidSecret, .wrongSecret,
            .strangeSecret, .invalidNextPoint, .nextCommitmentIsZero, .unexpectedCommitmentNumber,
            .unexpectedRevocationNumber, .wrongLastSecret:
            party == .local ? .ignore : .forceClose
        // BOLT 2: "if one of the outputs in the closing transaction is below the dust limit for its `scriptpubkey` [...]: MUST
        // fail the channel" And: "if `fee_satoshis` is not in the overlap between the sent and received `fee_range`: MUST fail
        // the channel."
        case .closingOutputIsDust, .closingFeeRefused: party == .local ? .ignore : .forceClose
        // BOLT 2: "if the `scriptpubkey` is not in one of the above forms: SHOULD send a `warning`." And: "if there is no
        // overlap between that and its own `fee_range`: SHOULD send a warning. MUST fail the channel if it doesn't receive a
        // satisfying `fee_range` after a reasonable amount of time."
        case .closingScriptNotAllowed, .closingFeesDisjoint: party == .local ? .ignore : .warn
        case .outdated: .failChannel
        case .notUsable: .ignore
        }
    }
}

import Bitcoin
import LightningCommitment
import LightningWire

/// What the peer, or the user, is told: first what is meant, in the words of BOLT 2, then what is wrong with it.
extension ChannelError: CustomStringConvertible {
    public var description: String {
        updateText ?? commitmentText ?? closingText ?? connectionText
    }

    private var updateText: String? {
        switch self {
        case .amountBelowMinimum(let minimum, let actual):
            "update_add_htlc: amount_msat \(actual) is less than \(minimum)"
        case .expiryTooHigh(let limit, let actual):
            "update_add_htlc: cltv_expiry \(actual) is not below \(limit)"
        case .wrongOnionLength(let expected, let actual):
            "update_add_htlc: an onion of \(actual) bytes instead of \(expected)"
        case .wrongID(let expected, let actual):
            "update_add_htlc: id \(actual) instead of \(expected)"
        case .tooManyHTLCs(let maximum, let actual):
            "update_add_htlc: \(actual) HTLCs exceed max_accepted_htlcs of \(maximum)"
        case .tooMuchInFlight(let maximum, let actual):
            "update_add_htlc: \(actual) exceed max_htlc_value_in_flight_msat of \(maximum)"
        case .insufficientBalance(let needed, let available):
            "update_add_htlc: needs \(needed) with reserve and fees, there are \(available)"
        case .noFeeSpikeBuffer(let needed, let available):
            "update_add_htlc: needs \(needed) with the fee spike buffer, there are \(available)"
        case .peerCannotPayFee(let needed, let available):
            "update_add_htlc: the opener needs \(needed) for the fee, and has \(available)"
        case .dustExposure(_, let maximum, let actual):
            "\(actual) in HTLCs without outputs exceed \(maximum)"
        case .unknownHTLC(let key): "HTLC \(key.id): unknown"
        case .notCommitted(let key, _): "HTLC \(key.id): not irrevocably committed"
        case .alreadyRemoved(let key): "HTLC \(key.id): removed already"
        case .wrongPreimage(let expected, let actual):
            "update_fulfill_htlc: the preimage is of \(actual), not of \(expected)"
        case .notABadOnion(let code):
            "update_fail_malformed_htlc: failure_code \(code) is without BADONION"
        case .reasonTooLong(let maximum, let actual):
            "update_fail_htlc: a reason of \(actual) bytes, at most \(maximum) are allowed"
        case .feeFromAccepter: "update_fee: only the opener changes the fee rate"
        case .feerateOutOfRange(let range, let actual):
            "update_fee: \(actual) is not in \(range.lowerBound) to \(range.upperBound)"
        case .cannotPayFee(let needed, let available):
            "update_fee: needs \(needed) with the reserve, there are \(available)"
        default: nil
        }
    }

    private var commitmentText: String? {
        switch self {
        case .awaitingRevocation: "commitment_signed: the last one is not answered"
        case .nothingToSign: "commitment_signed: there is nothing new to sign"
        case .noNextPoint: "commitment_signed: channel_ready has not come"
        case .noNumberLeft: "commitment_signed: all commitment numbers are used up"
        case .fundingNotNamed: "commitment_signed: funding_txid is missing"
        case .fundingNotSigned(let id): "commitment_signed: missing for funding \(id)"
        case .wrongHTLCSignatureCount(let expected, let actual):
            "commitment_signed: \(actual) HTLC signatures instead of \(expected)"
        case .invalidCommitmentSignature(let number):
            "commitment_signed: the signature does not hold for commitment \(number)"
        case .invalidHTLCSignature(let index):
            "commitment_signed: HTLC signature \(index) does not hold"
        case .unusablePoint: "per_commitment_point: has no keys"
        case .signer: "internal error: no signature was made"
        case .unexpectedRevocation: "revoke_and_ack: no commitment is to be revoked"
        case .invalidSecret: "revoke_and_ack: the secret is no key"
        case .wrongSecret: "revoke_and_ack: the secret is not that of the commitment"
        case .strangeSecret: "revoke_and_ack: the secret does not derive those before it"
        case .invalidNextPoint: "next_per_commitment_point: not a point on the curve"
        case .quiescing: "stfu has been said"
        default: nil
        }
    }

    private var closingText: String? {
        switch self {
        case .updatesPending: "updates are pending"
        case .closing: "the channel is shutting down"
        case .splicePending: "shutdown: a splice is pending"
        case .closingScriptNotAllowed(let script):
            "shutdown: script \(Hex.encode(script.bytes)) is not of an allowed form"
        case .notTheUpfrontScript(let expected, let actual):
            "shutdown: script \(Hex.encode(actual.bytes)) is not \(Hex.encode(expected.bytes))"
        case .notNegotiatingClose: "closing: the channel is not drained, or shutdown is missing"
        case .otherClosingForm: "closing: option_simple_close decides the form"
        case .noClosingTransaction: "closing: no transaction with that fee"
        case .invalidClosingSignature: "closing: the signature does not hold"
        case .closingOutputIsDust(let limit, let actual):
            "closing: an output of \(actual) is below \(limit)"
        case .closingFeesDisjoint(let mine, let theirs):
            "closing_signed: fees of \(theirs.minimum) to \(theirs.maximum) do not meet"
                + " \(mine.minimum) to \(mine.maximum)"
        case .closingFeeRefused(let range, let actual):
            "closing_signed: a fee of \(actual) is not in \(range.minimum) to \(range.maximum)"
        case .closingFeeNotBetween(let one, let other, let actual):
            "closing_signed: a fee of \(actual) is not between \(one) and \(other)"
        case .closeeScriptOutdated: "closing_complete: closee_scriptpubkey is not the last one"
        case .closerScriptNotAllowed: "closing_complete: closer_scriptpubkey is not allowed"
        case .closingSignatureMissing: "closing: the signature for these outputs is missing"
        case .wrongClosingSignatureCount(let count):
            "closing_sig: \(count) signatures instead of one"
        case .closingSigWithoutProposal: "closing_sig: answers no closing_complete"
        case .closingUnanswered: "closing_complete: the last one is not answered"
        default: nil
        }
    }

    private var connectionText: String {
        switch self {
        case .notUsable(let state): "the channel is \(state.rawValue)"
        case .wrongChannel(let expected, let actual):
            "channel_id: expected \(expected), got \(actual)"
        case .notConnected: "the peer is not connected, or has not reestablished the channel"
        case .nextCommitmentIsZero: "channel_reestablish: next_commitment_number is 0"
        case .unexpectedCommitmentNumber(let expected, let actual):
            "channel_reestablish: next_commitment_number is \(actual) instead of \(expected)"
        case .unexpectedRevocationNumber(let expected, let actual):
            "channel_reestablish: next_revocation_number is \(actual) instead of \(expected)"
        case .wrongLastSecret:
            "channel_reestablish: your_last_per_commitment_secret is not the one given"
        case .outdated(let local, let proven):
            "sync error: this side has lost state, having commitment \(local) of \(proven);"
                + " please publish your commitment"
        default: "internal error"
        }
    }
}

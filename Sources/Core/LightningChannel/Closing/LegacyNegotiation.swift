import Bitcoin
import LightningCommitment
import LightningWire

/// `closing_signed`: the opener pays, and both look for a fee that either accepts (BOLT 2, "Legacy Closing Negotiation").
///
///     opener                                accepter
///     fee, range  --- closing_signed --->
///                 <--- closing_signed ---    the same fee: done; or another one of both ranges
///     that fee    --- closing_signed --->    done
struct LegacyNegotiation: Hashable, Sendable {
    /// What this side says in a `closing_signed`.
    struct Offer: Hashable {
        var fee: Satoshi
        var range: ClosingFeeRange
    }

    /// What this side said last on this connection, and the fee that the peer did.
    private var sent: Offer?
    private var receivedFee: Satoshi?
    private var isAgreed = false

    mutating func start(
        _ commitments: Commitments, _ preferences: ClosingPreferences, _ signer: some ChannelSigner
    ) throws(ChannelError) -> ChannelStep {
        // BOLT 2: "The funding node: after `shutdown` has been received, AND no HTLCs remain in either commitment
        // transaction: SHOULD send a `closing_signed` message."
        guard commitments.parameters.opener == .local, sent == nil else { return ChannelStep() }
        let fees = try LegacyFees(commitments, preferences)
        let offer = Offer(fee: fees.ideal, range: fees.range)
        let message = try message(offer, commitments, signer)
        sent = offer
        return ChannelStep(messages: [message])
    }

    mutating func receive(
        _ message: ClosingSigned, _ commitments: Commitments, _ preferences: ClosingPreferences,
        _ signer: some ChannelSigner
    ) throws(ChannelError) -> ChannelStep {
        // The last word may be an echo.
        guard !isAgreed else { return ChannelStep() }
        let (closing, signature) = try signedVariant(message, commitments)
        let fees = try LegacyFees(commitments, preferences)
        let answer = try fees.answer(
            to: message, sent: sent, received: receivedFee,
            isOpener: commitments.parameters.opener == .local)
        guard answer.fee == message.fee else {
            let reply = try self.message(answer, commitments, signer)
            sent = answer
            receivedFee = message.fee
            return ChannelStep(messages: [reply])
        }
        let mine = try commitments.sign(closing, signer)
        var step = ChannelStep(events: [
            .closing(commitments.signed(closing, mine, signature))
        ])
        // BOLT 2: "SHOULD reply with a `closing_signed` with the same `fee_satoshis` value if it is different from its
        // previously sent `fee_satoshis`"
        if sent?.fee != message.fee {
            step.messages = [Self.message(mine, answer, commitments.parameters.channelID)]
        }
        sent = answer
        isAgreed = true
        return step
    }

    /// The transaction that the peer has signed: with all outputs, or without one that a side gives up.
    ///
    /// BOLT 2: "if the `signature` is not valid for either variant of closing transaction specified in [...] OR non-compliant
    /// with LOW-S-standard rule[...]: MUST send a `warning` and close the connection, or send an `error` and fail the
    /// channel."
    private func signedVariant(
        _ message: ClosingSigned, _ commitments: Commitments
    ) throws(ChannelError) -> (ClosingTransaction, ECDSASignature) {
        let parameters = commitments.parameters
        // BOLT 3: "MUST remove any output below its own `dust_limit_satoshis`." What the peer's limit removes of this side is
        // worth less than a dispute.
        var variants = [parameters.local.dustLimit, parameters.remote.dustLimit].map {
            commitments.legacyTerms(message.fee, dustLimit: $0)
        }
        // BOLT 3: "MAY eliminate its own output."
        var without = variants[0]
        without.eliminated = parameters.opener == .remote ? .opener : .accepter
        variants.append(without)
        var failure: ChannelError = .invalidClosingSignature
        for terms in variants {
            let closing: ClosingTransaction
            do throws(ChannelError) {
                closing = try commitments.closing(.legacy(terms))
            } catch {
                failure = error
                continue
            }
            guard let signature = commitments.verified(message.signature, closing) else {
                continue
            }
            // BOLT 2: "if one of the outputs in the closing transaction is below the dust limit for its `scriptpubkey` [...]:
            // MUST fail the channel"
            for output in closing.transaction.outputs {
                let limit = output.scriptPubKey.closingDustLimit
                guard output.amount >= limit else {
                    throw .closingOutputIsDust(limit: limit, actual: output.amount)
                }
            }
            return (closing, signature)
        }
        throw failure
    }

    private func message(
        _ offer: Offer, _ commitments: Commitments, _ signer: some ChannelSigner
    ) throws(ChannelError) -> Message {
        let terms = commitments.legacyTerms(
            offer.fee, dustLimit: commitments.parameters.local.dustLimit)
        let signature = try commitments.sign(commitments.closing(.legacy(terms)), signer)
        return Self.message(signature, offer, commitments.parameters.channelID)
    }

    private static func message(
        _ signature: ECDSASignature, _ offer: Offer, _ channelID: ChannelID
    ) -> Message {
        .closingSigned(
            ClosingSigned(
                channelID: channelID, fee: offer.fee, signature: WireSignature(signature),
                tlvs: ClosingSignedTLVs(feeRange: offer.range)))
    }
}

extension Commitments {
    /// The terms of a closing transaction of the older form.
    func legacyTerms(_ fee: Satoshi, dustLimit: Satoshi) -> LegacyClosing {
        LegacyClosing(
            opener: closingOutput(of: parameters.opener),
            accepter: closingOutput(of: parameters.opener.other), fee: fee, dustLimit: dustLimit)
    }
}

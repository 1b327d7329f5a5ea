import Bitcoin
import LightningCommitment
import LightningWire

/// `closing_complete` and `closing_sig`: each side proposes a transaction that it pays for, and the other one signs it
/// (BOLT 2, "Closing Negotiation").
struct SimpleNegotiation: Hashable, Sendable {
    /// What this side has proposed and the peer has not answered.
    private var proposal: ClosingComplete?
    /// The fee of this side's last proposal, which a replacement has to outbid; known across connections.
    private var lastFee: Satoshi?
    private var hasStarted = false

    mutating func start(
        _ commitments: Commitments, _ preferences: ClosingPreferences, _ signer: some ChannelSigner
    ) throws(ChannelError) -> ChannelStep {
        guard !hasStarted else { return ChannelStep() }
        let fees = try SimpleFees(commitments, preferences)
        // Where this side has too little to pay for a transaction that anybody relays, the other side's has to do.
        guard fees.fee >= fees.least else {
            hasStarted = true
            return ChannelStep()
        }
        let step = try propose(
            max(fees.fee, min(lastFee ?? .zero, fees.most)), commitments, preferences, signer)
        hasStarted = true
        return step
    }

    mutating func bump(
        to script: Script?, _ commitments: inout Commitments, _ allowed: ClosingScripts,
        _ preferences: ClosingPreferences, _ signer: some ChannelSigner
    ) throws(ChannelError) -> ChannelStep {
        // BOLT 2: "If it wants to send another `closing_complete` [...]: MUST wait until it has received `closing_sig` first."
        guard proposal == nil else { throw .closingUnanswered }
        var changed = commitments
        if let script {
            try changed.checkCloser(script, .local, allowed)
            changed.shutdown.local = script
        }
        let fees = try SimpleFees(changed, preferences)
        let fee = max(fees.fee, lastFee.map { $0 + fees.increment } ?? .zero)
        guard fee <= fees.most else {
            throw .noClosingTransaction(.feeAboveBalance(fee: fee, available: fees.most))
        }
        var step = try propose(fee, changed, preferences, signer)
        hasStarted = true
        guard script != nil else { return step }
        commitments = changed
        step.writes.append(commitments.stateWrite())
        return step
    }

    mutating func disconnect() {
        proposal = nil
        hasStarted = false
    }

    private mutating func propose(
        _ fee: Satoshi, _ commitments: Commitments, _ preferences: ClosingPreferences,
        _ signer: some ChannelSigner
    ) throws(ChannelError) -> ChannelStep {
        var message = ClosingComplete(
            channelID: commitments.parameters.channelID,
            closerScript: commitments.closingOutput(of: .local).script,
            closeeScript: commitments.closingOutput(of: .remote).script, fee: fee,
            lockTime: preferences.lockTime)
        for variant in try SimpleFees.variants(commitments, fee) {
            let terms = commitments.simpleTerms(message, closer: .local, variant)
            message.tlvs[variant] = WireSignature(
                try commitments.sign(commitments.closing(.simple(terms)), signer))
        }
        proposal = message
        lastFee = fee
        return ChannelStep(messages: [.closingComplete(message)])
    }

    // MARK: The peer's proposal

    func receive(
        _ message: ClosingComplete, _ commitments: inout Commitments, _ allowed: ClosingScripts,
        _ signer: some ChannelSigner
    ) throws(ChannelError) -> ChannelStep {
        // BOLT 2: "If `closee_scriptpubkey` does not match the last script it sent (from `closing_complete` or from the
        // initial `shutdown`): SHOULD ignore `closing_complete`. SHOULD send a `warning`. SHOULD close the connection."
        let mine = commitments.closingOutput(of: .local)
        guard message.closeeScript == mine.script else {
            throw .closeeScriptOutdated(expected: mine.script, actual: message.closeeScript)
        }
        // BOLT 2: "If `closer_scriptpubkey` is invalid [...]: SHOULD ignore `closing_complete`. SHOULD send a `warning`. SHOULD
        // close the connection."
        try commitments.checkCloser(message.closerScript, .remote, allowed)
        let variant = Self.variant(message, mine)
        // BOLT 2: "If `fee_satoshis` is greater than the closer's outstanding balance" and "If the selected signature field
        // does not exist" and "is not valid [...] OR non-compliant with LOW-S-standard rule: MUST either send a `warning` and
        // close the connection, or send an `error` and fail the channel."
        let closing = try commitments.closing(
            .simple(commitments.simpleTerms(message, closer: .remote, variant)))
        guard let claimed = message.tlvs[variant] else { throw .closingSignatureMissing(variant) }
        guard let theirs = commitments.verified(claimed, closing) else {
            throw .invalidClosingSignature
        }
        let signature = try commitments.sign(closing, signer)

        // BOLT 2: "MUST send `closing_sig` with a single valid signature in the same TLV field as the `closing_complete`."
        var answer = ClosingSig(
            channelID: message.channelID, closerScript: message.closerScript,
            closeeScript: message.closeeScript, fee: message.fee, lockTime: message.lockTime)
        answer.tlvs[variant] = WireSignature(signature)
        var step = ChannelStep(
            messages: [.closingSig(answer)],
            events: [.closing(commitments.signed(closing, signature, theirs))])
        // BOLT 2: "MUST use `closer_scriptpubkey` for its own future `closing_complete` messages."
        if commitments.shutdown.remote != message.closerScript {
            commitments.shutdown.remote = message.closerScript
            step.writes.append(commitments.stateWrite())
        }
        return step
    }

    /// The signature that this side takes, as closee.
    ///
    /// BOLT 2: "If the local output amount is dust: MUST use `closer_output_only`." "Otherwise, if
    /// `closer_and_closee_outputs` is present: MUST use `closer_and_closee_outputs`. Otherwise: MUST use
    /// `closee_output_only`." No output above dust is given up as uneconomical.
    private static func variant(_ message: ClosingComplete, _ mine: ClosingOutput) -> ClosingVariant
    {
        if mine.amount.roundedDown < mine.script.closingDustLimit { return .closerOutputOnly }
        return message.tlvs.closerAndCloseeOutputs == nil
            ? .closeeOutputOnly : .closerAndCloseeOutputs
    }

    // MARK: The peer's signature

    mutating func receive(
        _ message: ClosingSig, _ commitments: Commitments
    ) throws(ChannelError) -> ChannelStep {
        // BOLT 2: "If `closer_scriptpubkey`, `closee_scriptpubkey`, `fee_satoshis` or `locktime` don't match what was sent in
        // `closing_complete`: MUST either send a `warning` and close the connection, or send an `error` and fail the channel."
        guard let proposal, message.closerScript == proposal.closerScript,
            message.closeeScript == proposal.closeeScript, message.fee == proposal.fee,
            message.lockTime == proposal.lockTime
        else { throw .closingSigWithoutProposal }
        // BOLT 2: "If `tlvs` does not contain exactly one signature" and "If `tlvs` does not contain one of the TLV fields sent
        // in `closing_complete`"
        let variants = ClosingVariant.allCases.filter { message.tlvs[$0] != nil }
        guard variants.count == 1 else { throw .wrongClosingSignatureCount(variants.count) }
        guard let claimed = message.tlvs[variants[0]],
            let mine = try? proposal.tlvs[variants[0]]?.ecdsa()
        else { throw .closingSignatureMissing(variants[0]) }
        let closing = try commitments.closing(
            .simple(commitments.simpleTerms(proposal, closer: .local, variants[0])))
        guard let theirs = commitments.verified(claimed, closing) else {
            throw .invalidClosingSignature
        }

        self.proposal = nil
        return ChannelStep(
            events: [.closing(commitments.signed(closing, mine, theirs))])
    }
}

extension Commitments {
    /// The terms of a transaction that `closer` proposes with `message`.
    func simpleTerms(
        _ message: ClosingComplete, closer: Party, _ variant: ClosingVariant
    ) -> SimpleClosing {
        var (closerOutput, closeeOutput) = (
            closingOutput(of: closer), closingOutput(of: closer.other)
        )
        (closerOutput.script, closeeOutput.script) = (message.closerScript, message.closeeScript)
        return SimpleClosing(
            closer: closerOutput, closee: closeeOutput, fee: message.fee,
            lockTime: message.lockTime, variant: variant)
    }

    /// Throws where `party` may not be paid to `script` by its own proposal.
    func checkCloser(
        _ script: Script, _ party: Party, _ allowed: ClosingScripts
    ) throws(ChannelError) {
        if let expected = parameters[party].upfrontShutdownScript, expected != script {
            throw .notTheUpfrontScript(expected: expected, actual: script)
        }
        guard allowed.allow(script) else { throw .closerScriptNotAllowed(script) }
    }
}

extension ClosingTLVs {
    /// The signature of one variant.
    subscript(variant: ClosingVariant) -> WireSignature? {
        get {
            switch variant {
            case .closerOutputOnly: closerOutputOnly
            case .closeeOutputOnly: closeeOutputOnly
            case .closerAndCloseeOutputs: closerAndCloseeOutputs
            }
        }
        set {
            switch variant {
            case .closerOutputOnly: closerOutputOnly = newValue
            case .closeeOutputOnly: closeeOutputOnly = newValue
            case .closerAndCloseeOutputs: closerAndCloseeOutputs = newValue
            }
        }
    }
}

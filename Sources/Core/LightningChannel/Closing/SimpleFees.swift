import Bitcoin
import LightningCommitment
import LightningWire

/// What this side pays for a closing transaction of its own, and the outputs that such a transaction may have.
struct SimpleFees {
    /// By what this side prefers, as far as it can.
    let fee: Satoshi
    /// What nodes relay.
    let least: Satoshi
    /// What this side can pay so that an output is left that is no dust.
    let most: Satoshi
    /// By how much a replacement has to pay more (BIP 125, rule 4).
    let increment: Satoshi

    /// Nodes relay a replacement that pays 1 sat/vB more, and before Bitcoin Core 29.1 no other one.
    private static let incrementalFeerate = FeeratePerKw.minimumRelay

    init(_ commitments: Commitments, _ preferences: ClosingPreferences) throws(ChannelError) {
        let (mine, theirs) = (
            commitments.closingOutput(of: .local), commitments.closingOutput(of: .remote)
        )
        let isAlone = theirs.isDust()
        let weight = try commitments.closing(
            .simple(
                SimpleClosing(
                    closer: mine, closee: theirs, fee: .zero, lockTime: preferences.lockTime,
                    variant: isAlone ? .closerOutputOnly : .closerAndCloseeOutputs))
        ).expectedWeight
        let balance = mine.amount.roundedDown
        // BOLT 2: "MUST set `fee_satoshis` to a fee less than or equal to its outstanding balance, rounded down to whole
        // satoshis." Only the side with less may give up its output; the other one keeps what is above dust.
        let kept = mine.amount < theirs.amount ? Satoshi.zero : mine.script.closingDustLimit
        most = max(balance - kept, .zero)
        fee = min(preferences.feerate.feeRoundedUp(for: weight), most)
        least = FeeratePerKw.minimumRelay.feeRoundedUp(for: weight)
        increment = Self.incrementalFeerate.feeRoundedUp(for: weight)
    }

    /// The variants that this side signs as closer at `fee`.
    ///
    /// BOLT 2: "If the local outstanding balance (in millisatoshi) is less than the remote outstanding balance: MUST NOT set
    /// `closer_output_only`. MUST set `closee_output_only` if the local output amount is dust." "Otherwise (not lesser amount,
    /// cannot remove its own output): MUST NOT set `closee_output_only`." "If the closee's output amount is dust: MUST set
    /// `closer_output_only`. MUST NOT set `closer_and_closee_outputs`. Otherwise: MUST set both `closer_output_only` and
    /// `closer_and_closee_outputs`."
    static func variants(
        _ commitments: Commitments, _ fee: Satoshi
    ) throws(ChannelError) -> [ClosingVariant] {
        let (mine, theirs) = (
            commitments.closingOutput(of: .local), commitments.closingOutput(of: .remote)
        )
        let isLesser = mine.amount < theirs.amount
        switch (isLesser, mine.isDust(after: fee), theirs.isDust()) {
        case (true, true, false): return [.closeeOutputOnly]
        case (true, false, false): return [.closerAndCloseeOutputs]
        case (false, false, true): return [.closerOutputOnly]
        case (false, false, false): return [.closerOutputOnly, .closerAndCloseeOutputs]
        // BOLT 2: "MUST set `fee_satoshis` so that at least one output is not dust."
        case (true, _, true), (false, true, _): throw .noClosingTransaction(.noOutput)
        }
    }
}

extension ClosingOutput {
    /// Whether nobody relays the output after `fee` is taken from it. Nothing is left of an output that is burnt.
    fileprivate func isDust(after fee: Satoshi = .zero) -> Bool {
        amount.roundedDown - fee < script.closingDustLimit
    }
}

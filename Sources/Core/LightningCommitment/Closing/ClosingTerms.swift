import Bitcoin
import LightningWire

/// What two sides agree on when they close a channel together, from which both make the same transaction.
public enum ClosingTerms: Hashable, Sendable {
    /// `closing_signed` (BOLT 3, "Legacy Closing Transaction").
    case legacy(LegacyClosing)
    /// `closing_complete` and `closing_sig` (BOLT 3, "Closing Transaction").
    case simple(SimpleClosing)
}

/// The older form, in which the opener pays the fee.
public struct LegacyClosing: Hashable, Sendable {
    public var opener: ClosingOutput
    public var accepter: ClosingOutput
    public var fee: Satoshi
    /// The signer's own limit, below which outputs are left out.
    public var dustLimit: Satoshi
    /// The side that gives up its output. BOLT 3: "MAY eliminate its own output."
    public var eliminated: ClosingParty?

    /// The terms of a legacy closing transaction.
    public init(
        opener: ClosingOutput, accepter: ClosingOutput, fee: Satoshi, dustLimit: Satoshi,
        eliminated: ClosingParty? = nil
    ) {
        self.opener = opener
        self.accepter = accepter
        self.fee = fee
        self.dustLimit = dustLimit
        self.eliminated = eliminated
    }
}

/// A side of a channel, by who opened it.
public enum ClosingParty: Hashable, Sendable, CaseIterable {
    case opener
    case accepter
}

/// The form of `option_simple_close`, in which whoever proposes the transaction pays the fee.
public struct SimpleClosing: Hashable, Sendable {
    public var closer: ClosingOutput
    public var closee: ClosingOutput
    public var fee: Satoshi
    public var lockTime: LockTime
    public var variant: ClosingVariant

    /// The terms of a closing transaction.
    public init(
        closer: ClosingOutput, closee: ClosingOutput, fee: Satoshi, lockTime: LockTime,
        variant: ClosingVariant
    ) {
        self.closer = closer
        self.closee = closee
        self.fee = fee
        self.lockTime = lockTime
        self.variant = variant
    }
}

/// Which outputs a closing transaction has (BOLT 2, `closing_tlvs`).
public enum ClosingVariant: Hashable, Sendable, CaseIterable {
    case closerOutputOnly
    case closeeOutputOnly
    case closerAndCloseeOutputs
}

/// What one side gets at a mutual close.
public struct ClosingOutput: Hashable, Sendable {
    /// The script of the side's `shutdown` or `closing_complete`.
    public var script: Script
    /// The side's balance.
    public var amount: MilliSatoshi

    /// `amount` for `script`.
    public init(script: Script, amount: MilliSatoshi) {
        self.script = script
        self.amount = amount
    }

    /// The output with `amount`. BOLT 3: "MUST set the output amount to 0 if the `scriptpubkey` is `OP_RETURN`."
    func output(_ amount: Satoshi) -> TransactionOutput {
        let isBurnt = script.bytes.first == Opcode.return.rawValue
        return TransactionOutput(amount: isBurnt ? .zero : amount, scriptPubKey: script)
    }
}

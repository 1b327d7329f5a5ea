import Bitcoin
import LightningWire

/// The transaction by which both sides close a channel in agreement (BOLT 3).
public struct ClosingTransaction: Hashable, Sendable {
    public let funding: ChannelFunding
    /// The transaction without its witness.
    public let transaction: Transaction

    /// The older form, of `closing_signed` (BOLT 3, "Legacy Closing Transaction").
    ///
    /// `fee` is taken from the opener's amount, and an output below the signer's own `dustLimit` is left out. Throws
    /// where the opener cannot pay the fee or no output is left.
    public init(
        legacy funding: ChannelFunding, opener: ClosingOutput, accepter: ClosingOutput,
        fee: Satoshi, dustLimit: Satoshi
    ) throws(ClosingError) {
        let available = opener.amount.roundedDown
        guard available >= fee else { throw .feeAboveBalance(fee: fee, available: available) }
        let outputs = [
            TransactionOutput(amount: available - fee, scriptPubKey: opener.script),
            TransactionOutput(amount: accepter.amount.roundedDown, scriptPubKey: accepter.script),
        ].filter { $0.amount >= dustLimit }
        try self.init(funding, outputs, lockTime: .none, sequence: .final)
    }

    /// The form of `closing_complete` and `closing_sig`, with the outputs of `variant`.
    ///
    /// The closer pays `fee`. Throws where it cannot, or where the variant has no output.
    public init(
        _ funding: ChannelFunding, closer: ClosingOutput, closee: ClosingOutput, fee: Satoshi,
        lockTime: LockTime, variant: ClosingVariant
    ) throws(ClosingError) {
        let available = closer.amount.roundedDown
        guard available >= fee else { throw .feeAboveBalance(fee: fee, available: available) }
        var outputs: [TransactionOutput] = []
        if variant != .closeeOutputOnly { outputs.append(closer.output(available - fee)) }
        if variant != .closerOutputOnly {
            outputs.append(closee.output(closee.amount.roundedDown))
        }
        try self.init(funding, outputs, lockTime: lockTime, sequence: .replaceable)
    }

    private init(
        _ funding: ChannelFunding, _ outputs: [TransactionOutput], lockTime: LockTime,
        sequence: InputSequence
    ) throws(ClosingError) {
        guard !outputs.isEmpty else { throw .noOutput }
        self.funding = funding
        transaction = Transaction(
            version: 2,
            inputs: [TransactionInput(previousOutput: funding.outPoint, sequence: sequence)],
            outputs: outputs.sorted {
                $0.amount == $1.amount
                    ? $0.scriptPubKey.bytes.lexicographicallyPrecedes($1.scriptPubKey.bytes)
                    : $0.amount < $1.amount
            },
            lockTime: lockTime)
    }

    /// What both sides sign.
    public var signatureHash: Hash256 {
        funding.script.signatureHash(transaction, amount: funding.amount)
    }

    /// The transaction with the witness of both signatures; `key` is the funding key that made `signature`.
    public func signed(
        _ signature: ECDSASignature, by key: PublicKey, _ otherSignature: ECDSASignature
    ) -> Transaction {
        var signed = transaction
        signed.inputs[0].witness = funding.script.witness(signature, by: key, otherSignature)
        return signed
    }

    /// The weight with signatures of the largest size, by which a fee is chosen.
    public var expectedWeight: Weight {
        Weight(transaction.weight.value + 2) + FundingScript.witnessWeight
    }
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

/// Which outputs a closing transaction has (BOLT 2, `closing_tlvs`).
public enum ClosingVariant: Hashable, Sendable, CaseIterable {
    case closerOutputOnly
    case closeeOutputOnly
    case closerAndCloseeOutputs
}

/// Why there is no such closing transaction.
public enum ClosingError: Error, Equatable, Sendable {
    /// The side that pays has less than the fee.
    case feeAboveBalance(fee: Satoshi, available: Satoshi)
    /// All outputs would be below the dust limit.
    case noOutput
}

import Bitcoin
import LightningWire

/// The transaction by which both sides close a channel in agreement (BOLT 3).
public struct ClosingTransaction: Hashable, Sendable {
    public let funding: ChannelFunding
    /// What the transaction was made of.
    public let terms: ClosingTerms
    /// The transaction without its witness.
    public let transaction: Transaction

    /// The transaction that spends `funding` by `terms`.
    ///
    /// Throws where who pays cannot pay the fee, or no output is left.
    public init(_ funding: ChannelFunding, _ terms: ClosingTerms) throws(ClosingError) {
        let outputs: [TransactionOutput]
        let lockTime: LockTime
        let sequence: InputSequence
        switch terms {
        case .legacy(let legacy):
            outputs = try legacy.outputs()
            (lockTime, sequence) = (.none, .final)
        case .simple(let simple):
            outputs = try simple.outputs()
            (lockTime, sequence) = (simple.lockTime, .replaceable)
        }
        guard !outputs.isEmpty else { throw .noOutput }
        self.funding = funding
        self.terms = terms
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

    /// Whether `signature` was made with the funding key `key` for this transaction.
    public func isSigned(_ signature: ECDSASignature, by key: PublicKey) -> Bool {
        key.verify(signature, signatureHash)
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
        let markerAndFlag = Weight(2)
        return transaction.weight + markerAndFlag + FundingScript.witnessWeight
    }
}

extension LegacyClosing {
    /// BOLT 3: "MUST subtract the fee given by `fee_satoshis` from the output to the funder." and "MUST remove any output
    /// below its own `dust_limit_satoshis`."
    fileprivate func outputs() throws(ClosingError) -> [TransactionOutput] {
        let available = opener.amount.roundedDown
        guard available >= fee else { throw .feeAboveBalance(fee: fee, available: available) }
        let sides: [(ClosingParty, Script, Satoshi)] = [
            (.opener, opener.script, available - fee),
            (.accepter, accepter.script, accepter.amount.roundedDown),
        ]
        return sides.compactMap { party, script, amount in
            guard amount >= dustLimit, party != eliminated else { return nil }
            return TransactionOutput(amount: amount, scriptPubKey: script)
        }
    }
}

extension SimpleClosing {
    /// BOLT 3: "MUST subtract the fee given by `fee_satoshis` from the closer output."
    fileprivate func outputs() throws(ClosingError) -> [TransactionOutput] {
        let available = closer.amount.roundedDown
        guard available >= fee else { throw .feeAboveBalance(fee: fee, available: available) }
        let closerOutput = closer.output(available - fee)
        let closeeOutput = closee.output(closee.amount.roundedDown)
        return switch variant {
        case .closerOutputOnly: [closerOutput]
        case .closeeOutputOnly: [closeeOutput]
        case .closerAndCloseeOutputs: [closerOutput, closeeOutput]
        }
    }
}

/// Why there is no such closing transaction.
public enum ClosingError: Error, Equatable, Sendable {
    /// The side that pays has less than the fee.
    case feeAboveBalance(fee: Satoshi, available: Satoshi)
    /// All outputs would be below the dust limit, or the one left was given up.
    case noOutput
}

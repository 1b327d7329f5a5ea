import Bitcoin

/// Invariant 7: all transactions that honest nodes publish are valid by consensus and policy when published.
///
/// Refusals that a node can do nothing about in advance do not count: that another has spent the output, that fees rose,
/// that the mempool holds something better.
package enum ValidityChecker {
    /// What a refusal says about who offered the transaction; nil where it is no fault.
    package static func judge(_ rejection: TransactionRejection) -> Violation? {
        switch rejection {
        case .missingInputs, .alreadyInMempool, .sameWithoutWitness, .alreadyKnown, .conflict,
            .belowMempoolMinimum, .belowMinimumRelay, .mempoolFull, .insufficientFee,
            .spendsConflicting, .chainTooLong, .tooManyReplacements,
            .replacementAddsUnconfirmed, .replacementDisallowed, .topology, .feerateTooHigh,
            .missingEphemeralSpends:
            return nil
        case .noInputs, .noOutputs, .oversize, .negativeOutput, .outputTooLarge,
            .outputTotalTooLarge, .duplicateInputs, .coinbaseScriptLength, .nullInput, .coinbase,
            .prematureCoinbaseSpend, .inputsOutOfRange, .outputsExceedInputs, .feeOutOfRange,
            .nonFinal, .nonFinalSequence, .mandatoryScript, .policyScript, .version, .tooHeavy,
            .tooSmall, .scriptSigSize, .scriptSigNotPushOnly, .scriptPubKey, .bareMultisig,
            .dustOutputs, .dustWithFee, .multipleNullData, .nonstandardInputs,
            .nonstandardWitness, .tooManySigOps:
            return Violation(.validity, "a transaction is refused: \(rejection.reason)")
        }
    }
}

extension Simulation {
    /// Holds a refused transaction against the node that published it when `tip` was the last block it knew.
    func judge(
        _ rejection: TransactionRejection, of transaction: Transaction?, by node: SimulatedNode,
        knowing tip: BlockHash?
    ) {
        trace.note(
            .mempool, at: now, node: node.index, Array(rejection.reason.utf8),
            "\(transaction.map { "\($0.id)" } ?? "") refused: \(rejection)")
        guard node.isHonest, let violation = ValidityChecker.judge(rejection) else { return }
        // What was final on the chain that the node knew may not be so on another that has come since.
        if rejection == .nonFinal || rejection == .nonFinalSequence {
            guard tip == world.chain.tip.hash else { return }
        }
        report(
            Violation(
                violation.invariant, "node \(node.index): \(violation.message) (\(rejection))"))
    }
}

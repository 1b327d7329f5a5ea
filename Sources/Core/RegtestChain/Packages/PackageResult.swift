import Bitcoin

/// What came of a package.
public struct PackageResult: Sendable {
    /// What came of one transaction.
    public enum Outcome: Sendable {
        /// It is in the mempool now, or would be.
        case accepted(AcceptedTransaction)
        /// It was in the mempool before.
        case alreadyThere(MempoolEntry)
        /// The mempool holds it with another witness.
        case differentWitness(WitnessTransactionID)
        /// It breaks a rule.
        case rejected(TransactionRejection)
    }

    /// Why the package as a whole was refused; nil where it was taken.
    public var rejection: PackageRejection?
    /// What came of each transaction that was judged.
    public var outcomes: [WitnessTransactionID: Outcome] = [:]

    /// The transactions that were replaced.
    public var replaced: [TransactionID] {
        var all: Set<TransactionID> = []
        for case .accepted(let accepted) in outcomes.values { all.formUnion(accepted.replaced) }
        return all.sorted()
    }
}

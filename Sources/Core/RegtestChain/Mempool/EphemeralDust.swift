import Bitcoin

extension RegtestChain {
    /// Throws unless each transaction with an unconfirmed parent spends all the dust of that parent.
    ///
    /// `package` holds transactions before it that are not in the mempool yet.
    func checkSpendsDust(
        _ transaction: Transaction, name: TransactionName,
        package: [TransactionID: Transaction] = [:]
    ) throws(TransactionRejection) {
        let spent = Set(transaction.inputs.map(\.previousOutput))
        for parent in Set(spent.map(\.transactionID)).sorted() {
            guard let source = package[parent] ?? mempool[parent]?.transaction else { continue }
            for index in policy.dustOutputs(of: source)
            where !spent.contains(OutPoint(parent, UInt32(index))) {
                throw .missingEphemeralSpends(
                    "tx \(name) did not spend parent's ephemeral dust")
            }
        }
    }
}

import Bitcoin

/// Transactions that are judged together.
struct JudgedPackage {
    var candidates: [Candidate]
    var fees = Satoshi.zero
    var virtualSize: UInt64 = 0

    var feerate: FeeratePerKvB { FeeratePerKvB(fee: fees, virtualSize: virtualSize) }
    var transactions: [Transaction] { candidates.map(\.transaction) }
}

/// Why transactions that are judged together were refused, and whose fault it was.
struct PackageFailure: Error {
    var rejection = PackageRejection.transactionFailed
    var culprit: (witnessID: WitnessTransactionID, rejection: TransactionRejection)?
}

extension RegtestChain {
    /// Holds transactions that depend on each other against every rule, in Bitcoin Core's order.
    func judge(
        together transactions: [Transaction], mode: AcceptanceMode
    ) throws(PackageFailure) -> JudgedPackage {
        do throws(PackageRejection) {
            try PackageShape.check(transactions)
        } catch {
            throw PackageFailure(rejection: error)
        }
        var package = JudgedPackage(candidates: [])
        var outputs: [OutPoint: TransactionOutput] = [:]
        for transaction in transactions {
            let candidate = try blaming(transaction) { () throws(TransactionRejection) in
                try preCheck(transaction, mode: mode, packageOutputs: outputs)
            }
            for (index, output) in transaction.outputs.enumerated() {
                outputs[OutPoint(candidate.id, UInt32(index))] = output
            }
            package.fees += candidate.modifiedFee
            package.virtualSize += candidate.virtualSize
            package.candidates.append(candidate)
        }
        try checkTogether(&package, mode: mode)
        for candidate in package.candidates {
            try blaming(candidate.transaction) { () throws(TransactionRejection) in
                try checkScripts(of: candidate)
            }
        }
        return package
    }

    private func checkTogether(
        _ package: inout JudgedPackage, mode: AcceptanceMode
    ) throws(PackageFailure) {
        do throws(PackageRejection) {
            try checkRestrictedTopology(of: package)
        } catch {
            throw PackageFailure(rejection: error)
        }
        if mode.usesPackageFeerate, let last = package.candidates.last {
            try blaming(last.transaction) { () throws(TransactionRejection) in
                try checkFeerate(virtualSize: package.virtualSize, fee: package.fees)
            }
        }
        do throws(PackageRejection) {
            try checkReplacement(by: &package)
            try checkChainLimits(of: package)
        } catch {
            throw PackageFailure(rejection: error)
        }
        var byID: [TransactionID: Transaction] = [:]
        for candidate in package.candidates {
            do throws(TransactionRejection) {
                try checkSpendsDust(candidate.transaction, name: candidate.name, package: byID)
            } catch {
                throw PackageFailure(
                    rejection: .unspentDust,
                    culprit: (candidate.witnessID, error))
            }
            byID[candidate.id] = candidate.transaction
        }
    }

    func blaming<Result>(
        _ transaction: Transaction, _ body: () throws(TransactionRejection) -> Result
    ) throws(PackageFailure) -> Result {
        do throws(TransactionRejection) {
            return try body()
        } catch {
            throw PackageFailure(culprit: (transaction.witnessID, error))
        }
    }

    /// The limits of chains of unconfirmed transactions, as if all of the package were one chain.
    private func checkChainLimits(of package: JudgedPackage) throws(PackageRejection) {
        let count = package.candidates.count
        guard count > 1 else { return }
        var parents: Set<TransactionID> = []
        for candidate in package.candidates {
            parents.formUnion(mempool.parents(of: candidate.transaction))
        }
        do throws(ChainLimitViolation) {
            let limits = ChainLimits(policy)
            guard package.virtualSize <= limits.ancestors.virtualSize else {
                throw ChainLimitViolation(
                    text: "package size \(package.virtualSize) exceeds ancestor size limit"
                        + " [limit: \(limits.ancestors.virtualSize)]")
            }
            _ = try mempool.ancestors(
                parents: parents, virtualSize: package.virtualSize, count: count, within: limits)
        } catch {
            throw PackageRejection("package-mempool-limits", detail: error.text)
        }
    }
}

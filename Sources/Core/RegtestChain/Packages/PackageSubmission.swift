import Bitcoin

extension RegtestChain {
    /// Offers a child with its unconfirmed parents, parents first; fees that are too low alone may count together.
    ///
    /// A transaction that pays more than `maximumFeerate` by itself is taken for a mistake.
    public mutating func submit(
        package: [Transaction], maximumFeerate: FeeratePerKvB? = nil, now: UInt32
    ) -> PackageResult {
        updateMinimumFee(now: now)
        var result = PackageResult()
        do throws(PackageRejection) {
            try checkSubmittable(package)
        } catch {
            result.rejection = error
            return result
        }
        let names = package.map(\.witnessID)
        var waiting: [Transaction] = []
        for (transaction, name) in zip(package, names) {
            let outcome = submitAlone(
                transaction, name, maximumFeerate: maximumFeerate, now: now)
            result.outcomes[name] = outcome
            guard case .rejected(let rejection) = outcome else { continue }
            guard package.count > 1, rejection.isReconsiderable || rejection == .missingInputs
            else {
                // The others are judged all the same: some may stand alone.
                result.rejection = .transactionFailed
                continue
            }
            waiting.append(transaction)
        }
        if result.rejection == nil {
            submitTogether(
                waiting, maximumFeerate: maximumFeerate, into: &result, now: now)
        }
        limitMempool(now: now)
        noteEvicted(names, in: &result)
        return result
    }

    /// What would come of transactions that may depend on each other, each by its own fee rate, without taking them.
    public mutating func test(package: [Transaction], now: UInt32) -> PackageResult {
        updateMinimumFee(now: now)
        var result = PackageResult()
        do throws(PackageFailure) {
            let judged = try judge(together: package, mode: .packageTest)
            for candidate in judged.candidates {
                result.outcomes[candidate.witnessID] = .accepted(
                    AcceptedTransaction(candidate, mempool: mempool))
            }
        } catch {
            result.note(error)
        }
        return result
    }

    private func checkSubmittable(_ package: [Transaction]) throws(PackageRejection) {
        try PackageShape.check(package)
        guard package.count > 1, let child = package.last else { return }
        guard PackageShape.isChildWithParents(package) else {
            throw PackageRejection("package-not-child-with-parents")
        }
        let parents = Set(package.dropLast().map(\.id))
        let hasAllParents = child.inputs.allSatisfy { input in
            parents.contains(input.previousOutput.transactionID)
                || state.coins[input.previousOutput] != nil
        }
        guard hasAllParents else {
            throw PackageRejection("package-not-child-with-unconfirmed-parents")
        }
    }

    private mutating func submitAlone(
        _ transaction: Transaction, _ name: WitnessTransactionID, maximumFeerate: FeeratePerKvB?,
        now: UInt32
    ) -> PackageResult.Outcome {
        if let entry = mempool.id(name).flatMap({ mempool[$0] }) { return .alreadyThere(entry) }
        if let other = mempool[transaction.id] { return .differentWitness(other.witnessID) }
        do throws(TransactionRejection) {
            let candidate = try judge(transaction, mode: .inPackage)
            try candidate.check(maximumFeerate)
            let accepted = AcceptedTransaction(candidate, mempool: mempool)
            insert(candidate, now: now)
            return .accepted(accepted)
        } catch {
            return .rejected(error)
        }
    }

    /// Judges what could not stand alone by the fee rate of all.
    private mutating func submitTogether(
        _ transactions: [Transaction], maximumFeerate: FeeratePerKvB?,
        into result: inout PackageResult, now: UInt32
    ) {
        guard transactions.count > 1 else {
            for transaction in transactions {
                let name = transaction.witnessID
                result.outcomes[name] = submitAlone(
                    transaction, name, maximumFeerate: maximumFeerate, now: now)
                if case .rejected = result.outcomes[name] { result.rejection = .transactionFailed }
            }
            return
        }
        do throws(PackageFailure) {
            let judged = try judge(together: transactions, mode: .package)
            for candidate in judged.candidates {
                try blaming(candidate.transaction) { () throws(TransactionRejection) in
                    try candidate.check(maximumFeerate)
                }
            }
            let names = judged.candidates.map(\.witnessID)
            for candidate in judged.candidates {
                var accepted = AcceptedTransaction(candidate, mempool: mempool)
                accepted.effectiveFeerate = judged.feerate
                accepted.effectiveIncludes = names
                insert(candidate, now: now)
                result.outcomes[candidate.witnessID] = .accepted(accepted)
            }
        } catch {
            result.note(error)
        }
    }

    /// Corrects the outcome of transactions that had to leave the full mempool again.
    private func noteEvicted(_ names: [WitnessTransactionID], in result: inout PackageResult) {
        for name in names where mempool.id(name) == nil {
            switch result.outcomes[name] {
            case .accepted, .alreadyThere:
                result.outcomes[name] = .rejected(.mempoolFull)
                result.rejection = .transactionFailed
            case .differentWitness, .rejected, nil: break
            }
        }
    }
}

extension PackageResult {
    fileprivate mutating func note(_ failure: PackageFailure) {
        rejection = failure.rejection
        if let (name, rejection) = failure.culprit { outcomes[name] = .rejected(rejection) }
    }
}

extension Candidate {
    /// Throws where the fee is so high that it must be a mistake.
    fileprivate func check(_ maximum: FeeratePerKvB?) throws(TransactionRejection) {
        guard let maximum, feerate > maximum else { return }
        throw .feerateTooHigh
    }
}

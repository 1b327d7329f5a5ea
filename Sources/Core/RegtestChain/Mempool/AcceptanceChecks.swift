import Bitcoin

extension RegtestChain {
    /// Everything about a transaction that costs no signature check, in Bitcoin Core's order.
    ///
    /// `packageOutputs` are those of transactions before it in the same package.
    func preCheck(
        _ transaction: Transaction, mode: AcceptanceMode,
        packageOutputs: [OutPoint: TransactionOutput] = [:]
    ) throws(TransactionRejection) -> Candidate {
        try transaction.checkContextFree()
        guard !transaction.isCoinbase else { throw .coinbase }
        try policy.checkStandard(transaction)
        let height = state.tip.height + 1
        guard transaction.isFinal(height: height, time: state.tip.medianTime) else {
            throw .nonFinal
        }
        var candidate = Candidate(transaction)
        guard mempool.id(candidate.witnessID) == nil else { throw .alreadyInMempool }
        guard mempool[candidate.id] == nil else { throw .sameWithoutWitness }
        for input in transaction.inputs {
            guard let conflict = mempool.spender(of: input.previousOutput) else { continue }
            guard mode.allowsReplacement else { throw .replacementDisallowed }
            candidate.conflicts.insert(conflict)
        }
        try findCoins(for: &candidate, packageOutputs: packageOutputs)
        let medianTimes = state.medianTimes
        let locks = SequenceLocks(transaction, heights: candidate.spent.lazy.map(\.height)) {
            medianTimes[Int($0.value)]
        }
        guard locks.allow(height: height, previousMedianTime: state.tip.medianTime) else {
            throw .nonFinalSequence
        }
        try checkFigures(of: &candidate, height: height, mode: mode)
        try checkTopology(of: &candidate, mode: mode)
        return candidate
    }

    /// Runs the scripts under policy's rules; where one fails, says whether consensus would mind.
    func checkScripts(of candidate: Candidate) throws(TransactionRejection) {
        try ScriptChecks.checkPolicy(
            candidate.transaction, name: candidate.name, spending: candidate.spentOutputs)
    }

    /// Throws where `fee` for `virtualSize` is below what the mempool takes at present.
    func checkFeerate(virtualSize: UInt64, fee: Satoshi) throws(TransactionRejection) {
        let needed = rollingMinimum.fee(for: virtualSize)
        guard needed <= .zero || fee >= needed else {
            throw .belowMempoolMinimum(fee: fee, needed: needed)
        }
        let relay = policy.minimumRelayFeerate.fee(for: virtualSize)
        guard fee >= relay else {
            throw .belowMinimumRelay(fee: fee, needed: relay, childMayPay: true)
        }
    }

    private func findCoins(
        for candidate: inout Candidate, packageOutputs: [OutPoint: TransactionOutput]
    ) throws(TransactionRejection) {
        let height = state.tip.height + 1
        for input in candidate.transaction.inputs {
            let outPoint = input.previousOutput
            if let coin = state.coins[outPoint] {
                candidate.spent.append(coin)
            } else if let output = packageOutputs[outPoint] ?? unconfirmedOutput(outPoint) {
                candidate.spent.append(Coin(output: output, height: height, isCoinbase: false))
            } else {
                let isKnown = candidate.transaction.outputs.indices.contains {
                    state.coins[OutPoint(candidate.id, UInt32($0))] != nil
                }
                throw isKnown ? .alreadyKnown : .missingInputs
            }
        }
    }

    /// The output of an unconfirmed transaction.
    func unconfirmedOutput(_ outPoint: OutPoint) -> TransactionOutput? {
        guard let entry = mempool[outPoint.transactionID],
            outPoint.index < entry.transaction.outputs.count
        else { return nil }
        return entry.transaction.outputs[Int(outPoint.index)]
    }

    /// Fees, sizes, and the rules about them.
    private func checkFigures(
        of candidate: inout Candidate, height: BlockHeight, mode: AcceptanceMode
    ) throws(TransactionRejection) {
        let transaction = candidate.transaction
        candidate.fee = try transaction.checkAmounts(spending: candidate.spent, height: height)
        let spent = candidate.spentOutputs
        try policy.checkStandardInputs(of: transaction, spending: spent)
        try policy.checkStandardWitness(of: transaction, spending: spent)
        candidate.sigOpsCost = transaction.sigOpsCost(spending: spent)
        candidate.modifiedFee = candidate.fee + (mempool.feeDeltas[candidate.id] ?? .zero)
        candidate.weight = transaction.weight
        candidate.virtualSize = policy.virtualSize(
            weight: candidate.weight, sigOpsCost: candidate.sigOpsCost)
        try policy.checkEphemeralDust(
            transaction, fee: candidate.fee, modifiedFee: candidate.modifiedFee)
        try policy.checkSigOps(cost: candidate.sigOpsCost)
        guard !mode.bypassesLimits else { return }
        // A child that pays can be replaced, and its parent would stay: only restricted topology rules that out.
        let relay = policy.minimumRelayFeerate.fee(for: candidate.virtualSize)
        guard candidate.isRestricted || candidate.modifiedFee >= relay else {
            throw .belowMinimumRelay(
                fee: candidate.modifiedFee, needed: relay, childMayPay: false)
        }
        if !mode.usesPackageFeerate {
            try checkFeerate(virtualSize: candidate.virtualSize, fee: candidate.modifiedFee)
        }
    }

    /// Where the transaction would stand among the unconfirmed ones.
    private func checkTopology(
        of candidate: inout Candidate, mode: AcceptanceMode
    ) throws(TransactionRejection) {
        candidate.ancestors = try checkChainLimits(of: candidate, mode: mode)
        do throws(TopologyViolation) {
            try checkRestrictedTopology(of: candidate)
        } catch {
            guard mode.allowsSiblingEviction, let sibling = error.evictableSibling else {
                throw .topology(error.text)
            }
            candidate.conflicts.insert(sibling)
            candidate.evictsSibling = true
        }
        if let conflict = candidate.conflicts.intersection(candidate.ancestors).min() {
            throw .spendsConflicting(candidate.id, conflict: conflict)
        }
    }
}

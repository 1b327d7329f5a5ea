import Bitcoin

extension RegtestChain {
    /// BIP 125 with full RBF: what a transaction must pay to replace those that it conflicts with. Notes what would go.
    func checkReplacement(_ candidate: inout Candidate) throws(TransactionRejection) {
        guard !candidate.conflicts.isEmpty else { return }
        let sibling = candidate.evictsSibling
        let direct = candidate.conflicts.sorted().compactMap { mempool[$0] }
        try checkOutbids(candidate, direct)
        let count = direct.reduce(0) { $0 + mempool.withDescendants($1.id).count }
        guard count <= RelayPolicy.maximumReplaced else {
            throw .tooManyReplacements(
                "rejecting replacement \(candidate.id); too many potential replacements"
                    + " (\(count) > \(RelayPolicy.maximumReplaced))", siblingEviction: sibling)
        }
        try checkAddsNoUnconfirmed(candidate, direct)
        for entry in direct {
            candidate.replaced.formUnion(mempool.descendants(of: entry.id).union([entry.id]))
        }
        let replacedFees = mempool.aggregate(candidate.replaced).fees
        do throws(ReplacementShortfall) {
            try policy.checkPaysForReplacement(
                candidate.id, fees: candidate.modifiedFee, virtualSize: candidate.virtualSize,
                replacedFees: replacedFees)
        } catch {
            throw .insufficientFee(error.text, siblingEviction: sibling)
        }
    }

    /// The rate must exceed that of each transaction directly replaced, so that miners are never worse off.
    private func checkOutbids(
        _ candidate: Candidate, _ direct: [MempoolEntry]
    ) throws(TransactionRejection) {
        for entry in direct {
            let replaced = FeeratePerKvB(fee: entry.modifiedFee, virtualSize: entry.virtualSize)
            guard candidate.feerate > replaced else {
                throw .insufficientFee(
                    "rejecting replacement \(candidate.id); new feerate \(candidate.feerate)"
                        + " <= old feerate \(replaced)", siblingEviction: candidate.evictsSibling)
            }
        }
    }

    /// BIP 125, rule 2: "The replacement transaction may only include an unconfirmed input if that input was included in
    /// one of the original transactions."
    private func checkAddsNoUnconfirmed(
        _ candidate: Candidate, _ direct: [MempoolEntry]
    ) throws(TransactionRejection) {
        var parents: Set<TransactionID> = []
        for entry in direct {
            for input in entry.transaction.inputs {
                parents.insert(input.previousOutput.transactionID)
            }
        }
        for (index, input) in candidate.transaction.inputs.enumerated() {
            let parent = input.previousOutput.transactionID
            if mempool[parent] != nil, !parents.contains(parent) {
                throw .replacementAddsUnconfirmed(
                    "replacement \(candidate.id) adds unconfirmed input, idx \(index)",
                    siblingEviction: candidate.evictsSibling)
            }
        }
    }
}

/// By how much a replacement pays too little, in Bitcoin Core's words.
struct ReplacementShortfall: Error {
    let text: String
}

extension RelayPolicy {
    /// BIP 125, rules 3 and 4: a replacement pays for what it replaces, and for its own relay on top.
    func checkPaysForReplacement(
        _ id: TransactionID, fees: Satoshi, virtualSize: UInt64, replacedFees: Satoshi
    ) throws(ReplacementShortfall) {
        guard fees >= replacedFees else {
            throw ReplacementShortfall(
                text: "rejecting replacement \(id), less fees than conflicting txs;"
                    + " \(fees.shortBitcoinText) < \(replacedFees.shortBitcoinText)")
        }
        let additional = fees - replacedFees
        let needed = incrementalFeerate.fee(for: virtualSize)
        guard additional >= needed else {
            throw ReplacementShortfall(
                text: "rejecting replacement \(id), not enough additional fees to relay;"
                    + " \(additional.shortBitcoinText) < \(needed.shortBitcoinText)")
        }
    }
}

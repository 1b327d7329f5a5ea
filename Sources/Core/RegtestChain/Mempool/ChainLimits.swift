import Bitcoin

extension RegtestChain {
    /// The unconfirmed ancestors of a transaction, where it keeps to the limits of chains of unconfirmed transactions.
    func checkChainLimits(
        of candidate: Candidate, mode: AcceptanceMode
    ) throws(TransactionRejection) -> Set<TransactionID> {
        var limits = ChainLimits(policy)
        // What is replaced leaves the chain, so that the replacement may take its place.
        if candidate.conflicts.count == 1, mode.allowsCarveOut, let only = candidate.conflicts.first
        {
            limits.descendants.count += 1
            limits.descendants.virtualSize += mempool.withDescendants(only).virtualSize
        }
        let parents = mempool.parents(of: candidate.transaction)
        do throws(ChainLimitViolation) {
            return try mempool.ancestors(
                parents: parents, virtualSize: candidate.virtualSize, count: 1, within: limits)
        } catch {
            // CPFP carve-out: one small child more, of a transaction that has no other unconfirmed ancestor.
            guard mode.allowsCarveOut,
                candidate.virtualSize <= RelayPolicy.carveOutVirtualSize,
                candidate.transaction.version != RelayPolicy.restrictedVersion
            else { throw .chainTooLong(error.text) }
            var carveOut = limits
            carveOut.ancestors.count = 2
            carveOut.descendants.count += 1
            carveOut.descendants.virtualSize += RelayPolicy.carveOutVirtualSize
            do throws(ChainLimitViolation) {
                return try mempool.ancestors(
                    parents: parents, virtualSize: candidate.virtualSize, count: 1,
                    within: carveOut)
            } catch _ {
                throw .chainTooLong(error.text)
            }
        }
    }
}

/// How long and large chains of unconfirmed transactions may be.
struct ChainLimits {
    var ancestors: RelayPolicy.ChainLimit
    var descendants: RelayPolicy.ChainLimit

    init(_ policy: RelayPolicy) {
        ancestors = policy.ancestorLimit
        descendants = policy.descendantLimit
    }
}

/// Which limit a transaction exceeds, in Bitcoin Core's words.
struct ChainLimitViolation: Error {
    let text: String
}

extension Mempool {
    /// The unconfirmed transactions that `transaction` spends from.
    func parents(of transaction: Transaction) -> Set<TransactionID> {
        Set(transaction.inputs.lazy.map(\.previousOutput.transactionID).filter { self[$0] != nil })
    }

    /// The ancestors that `count` new transactions of `virtualSize` in all would have, or the limit that they exceed.
    func ancestors(
        parents: Set<TransactionID>, virtualSize: UInt64, count: Int, within limits: ChainLimits
    ) throws(ChainLimitViolation) -> Set<TransactionID> {
        guard parents.count + count <= limits.ancestors.count else {
            throw ChainLimitViolation(
                text: "too many unconfirmed parents [limit: \(limits.ancestors.count)]")
        }
        // The order decides which limit is named: each ancestor in turn, that with the lowest identifier first.
        var (waiting, ancestors) = (parents, Set<TransactionID>())
        var size = virtualSize
        while let id = waiting.min() {
            waiting.remove(id)
            ancestors.insert(id)
            size += self[id]?.virtualSize ?? 0
            try check(descendantsOf: id, virtualSize: virtualSize, count: count, within: limits)
            guard size <= limits.ancestors.virtualSize else {
                throw ChainLimitViolation(
                    text: "exceeds ancestor size limit [limit: \(limits.ancestors.virtualSize)]")
            }
            waiting.formUnion((self[id]?.parents ?? []).subtracting(ancestors))
            guard waiting.count + ancestors.count + count <= limits.ancestors.count else {
                throw ChainLimitViolation(
                    text: "too many unconfirmed ancestors [limit: \(limits.ancestors.count)]")
            }
        }
        return ancestors
    }

    private func check(
        descendantsOf id: TransactionID, virtualSize: UInt64, count: Int, within limits: ChainLimits
    ) throws(ChainLimitViolation) {
        let descendants = withDescendants(id)
        guard descendants.virtualSize + virtualSize <= limits.descendants.virtualSize else {
            throw ChainLimitViolation(
                text: "exceeds descendant size limit for tx \(id)"
                    + " [limit: \(limits.descendants.virtualSize)]")
        }
        guard descendants.count + count <= limits.descendants.count else {
            throw ChainLimitViolation(
                text: "too many descendants for tx \(id) [limit: \(limits.descendants.count)]")
        }
    }
}

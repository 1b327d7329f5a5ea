import Bitcoin

/// What the rules found out about a transaction that they took.
public struct AcceptedTransaction: Sendable {
    /// Its identifier.
    public let id: TransactionID
    /// Its identifier with witnesses.
    public let witnessID: WitnessTransactionID
    /// Its size as policy counts it, in virtual bytes.
    public let virtualSize: UInt64
    /// Inputs less outputs.
    public let fee: Satoshi
    /// The rate that it was judged by, its own or that of its package.
    public var effectiveFeerate: FeeratePerKvB
    /// The transactions that the rate was computed over.
    public var effectiveIncludes: [WitnessTransactionID]
    /// The transactions that it replaced.
    public let replaced: [TransactionID]

    init(_ candidate: Candidate, mempool: Mempool) {
        id = candidate.id
        witnessID = candidate.witnessID
        virtualSize = candidate.virtualSize
        fee = candidate.fee
        effectiveFeerate = candidate.feerate
        effectiveIncludes = [candidate.witnessID]
        replaced = candidate.replaced.sorted()
    }
}

extension RegtestChain {
    /// Holds a transaction against every rule for one that comes alone.
    func judge(
        _ transaction: Transaction, mode: AcceptanceMode
    ) throws(TransactionRejection) -> Candidate {
        var candidate = try preCheck(transaction, mode: mode)
        try checkReplacement(&candidate)
        try checkSpendsDust(transaction, name: candidate.name)
        try checkScripts(of: candidate)
        return candidate
    }

    /// Takes a judged transaction in, and those out that it replaces.
    mutating func insert(_ candidate: Candidate, now: UInt32) {
        for id in mempool.topologicallySorted(candidate.replaced).reversed() { evict(id) }
        let spendsCoinbase = candidate.spent.contains(where: \.isCoinbase)
        mempool.insert(
            MempoolEntry(
                transaction: candidate.transaction, id: candidate.id,
                witnessID: candidate.witnessID, fee: candidate.fee, feeDelta: .zero,
                virtualSize: candidate.virtualSize, weight: candidate.weight,
                sigOpsCost: candidate.sigOpsCost, time: now, height: state.tip.height,
                spendsCoinbase: spendsCoinbase))
        notices.append(
            .transactionAdded(
                candidate.transaction, candidate.id, sequence: mempool.sequence - 1))
    }

    /// Takes a transaction out that was not mined, with all that depend on it.
    mutating func evict(_ id: TransactionID) {
        for entry in mempool.removeWithDescendants(id) {
            notices.append(.transactionRemoved(entry.id, sequence: mempool.sequence - 1))
        }
    }

    /// Drops what is too old, then what pays least, until the mempool fits.
    mutating func limitMempool(now: UInt32) {
        let expired = mempool.entries.values.filter {
            now > $0.time && now - $0.time > policy.mempoolExpiry
        }
        for entry in expired.sorted(by: { $0.id < $1.id }) { evict(entry.id) }
        while mempool.usage > policy.maximumMempoolUsage, let worst = mempool.leastPaying() {
            minimumFee.evicted(at: worst.feerate + policy.incrementalFeerate)
            evict(worst.id)
        }
        updateMinimumFee(now: now)
    }

    /// Drops what pays less than `rate` with all that depend on it, and asks for that rate until the next call: as if
    /// transactions of others that pay more had filled the mempool. Zero lets it be empty again.
    public mutating func crowdOut(below rate: FeeratePerKvB, now: UInt32) {
        minimumFee.hold(at: rate)
        while let worst = mempool.leastPaying(), worst.feerate < rate { evict(worst.id) }
        updateMinimumFee(now: now)
    }

    /// Brings the rate that the mempool asks for up to date.
    mutating func updateMinimumFee(now: UInt32) {
        rollingMinimum = minimumFee.rate(
            now: now, usage: mempool.usage, limit: policy.maximumMempoolUsage,
            increment: policy.incrementalFeerate)
    }
}

extension Mempool {
    /// The transaction whose removal, with all that depend on it, loses a miner least.
    func leastPaying() -> (id: TransactionID, feerate: FeeratePerKvB)? {
        var worst: (feerate: FeeratePerKvB, id: TransactionID)?
        for entry in entries.values {
            let all = withDescendants(entry.id)
            let feerate = max(
                FeeratePerKvB(fee: entry.modifiedFee, virtualSize: entry.virtualSize),
                FeeratePerKvB(fee: all.fees, virtualSize: all.virtualSize))
            if worst.map({ (feerate, entry.id) < $0 }) ?? true { worst = (feerate, entry.id) }
        }
        return worst.map { ($0.id, $0.feerate) }
    }
}

import Bitcoin

/// Picks transactions for a block by the fee rate of each with the ancestors that it needs, the best first.
struct BlockAssembler {
    /// A transaction with its ancestors that were not picked before, parents first.
    struct Package {
        let ids: [TransactionID]
        let fees: Satoshi
        let virtualSize: UInt64
        var feerate: FeeratePerKvB { FeeratePerKvB(fee: fees, virtualSize: virtualSize) }
    }

    private let mempool: Mempool
    private var scores: [TransactionID: MempoolAggregate]
    private var queue: [Ranked]
    private var picked: Set<TransactionID> = []

    init(mempool: Mempool) {
        self.mempool = mempool
        scores = [:]
        scores.reserveCapacity(mempool.entries.count)
        for id in mempool.entries.keys { scores[id] = mempool.withAncestors(id) }
        queue = scores.map { Ranked(id: $0.key, score: $0.value) }.sorted()
    }

    /// All packages in the order in which a miner without limits would pick them.
    consuming func packages() -> [Package] {
        var all: [Package] = []
        while let package = next(where: { _ in true }) { all.append(package) }
        return all
    }

    /// The best package that `fits`; those that do not are left out for good.
    mutating func next(where fits: (Package) -> Bool) -> Package? {
        while let best = queue.popLast() {
            // A score that changed since it was queued has been queued again.
            guard !picked.contains(best.id), scores[best.id] == best.score else { continue }
            let ids = mempool.topologicallySorted(
                mempool.ancestors(of: best.id).subtracting(picked).union([best.id]))
            let package = Package(
                ids: ids, fees: best.score.fees, virtualSize: best.score.virtualSize)
            guard fits(package) else { continue }
            for id in ids { pick(id) }
            return package
        }
        return nil
    }

    /// Takes a transaction off the scores of those that depend on it.
    private mutating func pick(_ id: TransactionID) {
        guard let entry = mempool[id] else { return }
        picked.insert(id)
        for descendant in mempool.descendants(of: id) where !picked.contains(descendant) {
            guard var score = scores[descendant] else { continue }
            score.count -= 1
            score.virtualSize -= entry.virtualSize
            score.fees -= entry.modifiedFee
            scores[descendant] = score
            enqueue(Ranked(id: descendant, score: score))
        }
    }

    private mutating func enqueue(_ ranked: Ranked) {
        var (low, high) = (0, queue.count)
        while low < high {
            let middle = (low + high) / 2
            if queue[middle] < ranked { low = middle + 1 } else { high = middle }
        }
        queue.insert(ranked, at: low)
    }

    /// Orders by fee rate without rounding, then the smaller set of ancestors, then by identifier.
    private struct Ranked: Comparable {
        let id: TransactionID
        let score: MempoolAggregate

        static func < (left: Ranked, right: Ranked) -> Bool {
            let leftProduct = left.score.fees.value.multipliedFullWidth(
                by: Int64(right.score.virtualSize))
            let rightProduct = right.score.fees.value.multipliedFullWidth(
                by: Int64(left.score.virtualSize))
            if leftProduct != rightProduct {
                return (leftProduct.high, leftProduct.low) < (rightProduct.high, rightProduct.low)
            }
            return (right.score.count, right.id) < (left.score.count, left.id)
        }
    }
}

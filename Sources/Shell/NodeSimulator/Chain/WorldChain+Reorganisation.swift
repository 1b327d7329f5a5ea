import Bitcoin
import RegtestChain

extension WorldChain {
    /// Replaces the last `depth` blocks by as many and one more. They hold what the others held, some of it some blocks
    /// later, so that a race that was decided stays so.
    ///
    /// Throws where a block of the branch is not valid, which is a fault of the simulator.
    package mutating func reorganise(depth: Int, now: VirtualTime) throws {
        let fork = chain.tip.height.saturatingSubtract(UInt32(depth))
        guard fork.value > Self.firstHeight, let base = chain.blockHash(at: fork) else { return }
        let contents = replacements(from: fork + 1, depth: depth)
        let time = UInt32(now.seconds)
        var branch = chain
        // What earlier reorganisations left behind may be next in line.
        while let next = branch.blockHash(at: fork + 1) {
            try branch.invalidate(next, now: time)
        }
        try branch.prefer(base, now: time)
        // The blocks come in one after the other; only the last makes the branch the best chain.
        for transactions in contents {
            let block = branch.block(to: Self.minerScript, transactions: transactions, now: time)
            try branch.submit(block, now: time)
            try chain.submit(block, now: time)
        }
    }

    /// What each block of a branch from `start` on holds.
    private mutating func replacements(
        from start: BlockHeight, depth: Int
    ) -> [[Transaction]] {
        var contents = [[Transaction]](repeating: [], count: depth + 1)
        var delays: [TransactionID: Int] = [:]
        for index in 0..<depth {
            guard let hash = chain.blockHash(at: start + UInt32(index)),
                let stored = chain.block(hash)
            else { continue }
            for (transaction, id) in zip(stored.block.transactions, stored.transactionIDs)
                .dropFirst()
            {
                // What spends from what is delayed keeps its distance, as relative locks ask for.
                let inherited =
                    transaction.inputs.compactMap {
                        delays[$0.previousOutput.transactionID]
                    }.max() ?? 0
                let delay = inherited + (random.chance(15) ? random.number(in: 1...3) : 0)
                delays[id] = delay
                if index + delay <= depth { contents[index + delay].append(transaction) }
            }
        }
        return contents
    }
}

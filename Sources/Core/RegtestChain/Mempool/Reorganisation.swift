import Bitcoin

extension RegtestChain {
    /// Follows the best chain, and keeps mempool and notices in step with it.
    mutating func activateBestChain(now: UInt32) {
        let before = state.tip.hash
        let verified = Set(mempool.entries.values.map(\.witnessID))
        let steps = state.activateBestChain(isVerified: verified.contains)
        follow(steps, from: before, now: now)
    }

    /// Brings the mempool up to date with a change of the chain whose tip was `before`.
    mutating func follow(_ steps: [ChainState.Step], from before: BlockHash, now: UInt32) {
        guard !steps.isEmpty else { return }
        var disconnected: [Block] = []
        for step in steps {
            switch step {
            case .connected(let stored, let node):
                removeMined(stored, at: node)
                minimumFee.blockConnected(now: now)
                notices.append(.blockConnected(stored.block, node.hash))
            case .disconnected(let stored, let node):
                disconnected.append(stored.block)
                estimator.disconnected(node.height)
                notices.append(.blockDisconnected(stored.block, node.hash))
            }
        }
        if !disconnected.isEmpty { refill(from: disconnected, now: now) }
        if state.tip.hash != before, let stored = state.tree.blocks[state.tip.hash] {
            notices.append(.tipChanged(stored.block, state.tip.hash))
        }
    }

    /// Takes out what a block holds, and what it makes impossible.
    private mutating func removeMined(_ stored: StoredBlock, at node: BlockNode) {
        var feerates: [FeeratePerKvB] = []
        for (transaction, id) in zip(stored.block.transactions, stored.transactionIDs) {
            if let entry = mempool.remove(id) {
                feerates.append(FeeratePerKvB(fee: entry.fee, virtualSize: entry.virtualSize))
            }
            for input in transaction.inputs {
                if let conflict = mempool.spender(of: input.previousOutput) { evict(conflict) }
            }
            mempool.clearPriority(id)
        }
        estimator.connected(node.height, feerates: feerates)
    }

    /// Offers the transactions of disconnected blocks again, then drops those that the new chain does not allow.
    private mutating func refill(from blocks: [Block], now: UInt32) {
        updateMinimumFee(now: now)
        for block in blocks.reversed() {
            for transaction in block.transactions.dropFirst() {
                let id = transaction.id
                guard state.transactionIndex[id] == nil else { continue }
                do throws(TransactionRejection) {
                    insert(try judge(transaction, mode: .disconnected), now: now)
                } catch {
                    // Its unconfirmed children lose their inputs with it.
                    for index in transaction.outputs.indices {
                        if let child = mempool.spender(of: OutPoint(id, UInt32(index))) {
                            evict(child)
                        }
                    }
                }
            }
        }
        dropImpossible()
        limitMempool(now: now)
    }

    /// Drops transactions whose inputs, maturity or locks do not fit the chain after a reorganisation.
    private mutating func dropImpossible() {
        let height = state.tip.height + 1
        for id in mempool.topologicallySorted(Set(mempool.entries.keys)) {
            guard let entry = mempool[id] else { continue }
            if !isPossible(entry, height: height) { evict(id) }
        }
    }

    private func isPossible(_ entry: MempoolEntry, height: BlockHeight) -> Bool {
        guard entry.transaction.isFinal(height: height, time: state.tip.medianTime) else {
            return false
        }
        var heights: [BlockHeight] = []
        for input in entry.transaction.inputs {
            if let coin = state.coins[input.previousOutput] {
                let maturity = Int64(RegtestRules.coinbaseMaturity)
                guard !coin.isCoinbase || height - coin.height >= maturity else { return false }
                heights.append(coin.height)
            } else if unconfirmedOutput(input.previousOutput) != nil {
                heights.append(height)
            } else {
                return false
            }
        }
        let medianTimes = state.medianTimes
        let locks = SequenceLocks(entry.transaction, heights: heights) {
            medianTimes[Int($0.value)]
        }
        return locks.allow(height: height, previousMedianTime: state.tip.medianTime)
    }
}

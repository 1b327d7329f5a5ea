import Bitcoin

extension Wallet {
    /// Brings back the transactions that died of what no longer holds, ancestors first.
    mutating func restoreTransactions(
        at height: BlockHeight, _ changes: inout WalletChanges,
        where isUndone: (Inactivity) -> Bool
    ) {
        var waiting = graph.inactive.filter { id in
            guard case .inactive(let reason, _) = graph[id]?.status else { return false }
            return isUndone(reason)
        }.sorted()
        while !waiting.isEmpty {
            let pending = Set(waiting)
            let ready = waiting.filter { id in
                !(graph[id]?.transaction.inputs ?? []).contains {
                    pending.contains($0.previousOutput.transactionID)
                }
            }
            for id in ready { restore(id, at: height, &changes) }
            let done = Set(ready)
            waiting.removeAll { done.contains($0) }
        }
    }

    /// Brings back the wallet's own transactions that died with `parent` when a mempool dropped it, now that it is back.
    mutating func restoreChildren(of parent: TransactionID, _ changes: inout WalletChanges) {
        var parents = [parent]
        while let parent = parents.popLast() {
            let children = graph.inactive.filter { id in
                guard let child = graph[id], child.isPublishedHere,
                    case .inactive(.evicted, _) = child.status
                else { return false }
                return child.transaction.inputs.contains {
                    $0.previousOutput.transactionID == parent
                }
            }
            for child in children.sorted() {
                restore(child, at: position.next, &changes)
                guard let restored = graph[child], restored.status == .unconfirmed else { continue }
                changes.effects.append(.broadcast(restored.transaction))
                parents.append(child)
            }
        }
    }

    private mutating func restore(
        _ id: TransactionID, at height: BlockHeight, _ changes: inout WalletChanges
    ) {
        guard let transaction = graph[id]?.transaction else { return }
        if let rival = graph.conflicts(with: transaction, id: id).min() {
            return graph.setStatus(
                .inactive(.replaced(by: rival), since: height), of: id, &changes)
        }
        for input in transaction.inputs {
            guard let parent = graph[input.previousOutput.transactionID],
                case .inactive(let reason, _) = parent.status
            else { continue }
            return graph.setStatus(.inactive(reason, since: height), of: id, &changes)
        }
        graph.setStatus(.unconfirmed, of: id, &changes)
    }
}

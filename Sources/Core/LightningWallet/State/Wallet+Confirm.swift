import Bitcoin

extension Wallet {
    /// Refuses what was scanned without knowing all that the wallet watches.
    func check(_ match: BlockMatch) throws(WalletError) {
        guard match.revision == revision else { throw .staleScan }
        for (id, branch) in book.branches where match.coverage[id, default: 0] < branch.next {
            throw .staleScan
        }
        for matched in match.transactions where !matched.transaction.hasPossibleAmounts {
            throw .impossibleTransaction(matched.id)
        }
    }

    /// Refuses blocks that spend twice what the best chain can spend once.
    func checkSpends(_ matches: [BlockMatch]) throws(WalletError) {
        var spenders: [OutPoint: TransactionID] = [:]
        for matched in matches.flatMap(\.transactions) where !matched.transaction.isCoinbase {
            for outPoint in matched.transaction.inputs.map(\.previousOutput) {
                if let rival = spenders.updateValue(matched.id, forKey: outPoint) {
                    throw .inconsistentChain(matched.id, spentBy: rival)
                }
                guard let known = graph.spenders[outPoint], known != matched.id,
                    graph[known]?.status.confirmation != nil
                else { continue }
                throw .inconsistentChain(matched.id, spentBy: known)
            }
        }
    }

    /// Takes note that the transactions of `match` are in the best chain.
    mutating func confirm(_ match: BlockMatch, now: UInt64, _ changes: inout WalletChanges) {
        // Before any is added: a late one may make known an address that an early one pays.
        noteUses(by: match.transactions.flatMap(\.transaction.outputs), &changes)
        for matched in match.transactions {
            let confirmation = Confirmation(
                block: match.block, position: matched.position, time: match.time)
            confirm(matched, confirmation, now: now, &changes)
        }
    }

    private mutating func confirm(
        _ matched: MatchedTransaction, _ confirmation: Confirmation, now: UInt64,
        _ changes: inout WalletChanges
    ) {
        let rivals = graph.conflicts(with: matched.transaction, id: matched.id)
        let reason = Inactivity.conflicted(with: matched.id, block: confirmation.block)
        // A rescanned block lies below the tip; what it ends is kept as long as if the tip had ended it.
        let tip = position.next.saturatingSubtract(1)
        for rival in rivals.sorted() { graph.deactivate(rival, reason, since: tip, &changes) }
        let wasActive = graph[matched.id]?.status.isActive == true
        if graph[matched.id] != nil {
            graph.setStatus(.confirmed(confirmation), of: matched.id, &changes)
        } else {
            add(
                matched.transaction, matched.id, .confirmed(confirmation), now: now,
                isPublishedHere: false, &changes)
        }
        if !wasActive { restoreChildren(of: matched.id, &changes) }
        releaseSpentLeases(by: matched.transaction, &changes)
        if let transaction = graph[matched.id], graph.isBuried(transaction) {
            graph.settle(matched.id, &changes)
        }
    }

    /// Whether any output of `transaction` pays the wallet, or any input spends from it.
    func isOurs(_ transaction: Transaction) -> Bool {
        transaction.outputs.contains { book.path(of: $0.scriptPubKey) != nil }
            || transaction.inputs.contains { graph.coin($0.previousOutput) != nil }
    }

    /// Adds a transaction that is new to the wallet, if any of it is the wallet's.
    mutating func add(
        _ transaction: Transaction, _ id: TransactionID, _ status: TransactionStatus,
        now: UInt64, isPublishedHere: Bool, _ changes: inout WalletChanges
    ) {
        guard isOurs(transaction) else { return }
        noteUses(by: transaction.outputs, &changes)
        var credits: [WalletTransaction.Credit] = []
        for (index, output) in transaction.outputs.enumerated() {
            guard let path = book.path(of: output.scriptPubKey) else { continue }
            credits.append(.init(index: UInt32(index), path: path))
        }
        let added = WalletTransaction(
            id: id, transaction: transaction, status: status, credits: credits, debits: [],
            seenAt: now, isPublishedHere: isPublishedHere, wasAccepted: false)
        graph.insert(added, &changes)
    }

    private mutating func noteUses(
        by outputs: [TransactionOutput], _ changes: inout WalletChanges
    ) {
        for branch in book.noteUses(by: outputs).sorted() { changes.writes.append(write(branch)) }
    }

    /// Whether a miner's reward becomes spendable with the block at `height`.
    func hasMaturing(at height: BlockHeight) -> Bool {
        let matured = height.saturatingSubtract(WalletParameters.coinbaseMaturity - 1)
        return graph.coinbases.contains {
            graph[$0]?.status.confirmation?.block.height == matured
        }
    }
}

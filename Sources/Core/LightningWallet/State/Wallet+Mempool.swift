import Bitcoin

extension Wallet {
    mutating func see(_ transaction: Transaction, now: UInt64) -> WalletStep {
        // A coinbase waits in no mempool: it is news of a block, perhaps of one that was just taken back. What claims
        // amounts that cannot exist is none of the network's transactions.
        guard !transaction.isCoinbase, transaction.hasPossibleAmounts else { return WalletStep() }
        let rivalIDs = transaction.inputs.compactMap { graph.spenders[$0.previousOutput] }
        guard !rivalIDs.isEmpty || isOurs(transaction) else { return WalletStep() }
        let id = transaction.id
        var changes = WalletChanges()
        if graph[id]?.status.isActive == true {
            graph.noteAccepted(id, &changes)
            return finish(changes)
        }
        let rivals = Set(rivalIDs)
        // What a block holds stands: the mempool's news is from before the block.
        guard rivals.allSatisfy({ graph.unconfirmed.contains($0) }) else { return WalletStep() }

        adopt(transaction, id, replacing: rivals, now: now, isPublishedHere: false, &changes)
        return finish(changes)
    }

    /// Makes a transaction one that waits to be mined, in the place of those that spend the same.
    mutating func adopt(
        _ transaction: Transaction, _ id: TransactionID, replacing rivals: Set<TransactionID>,
        now: UInt64, isPublishedHere: Bool, _ changes: inout WalletChanges
    ) {
        revision += 1
        for rival in rivals.sorted() {
            graph.deactivate(rival, .replaced(by: id), since: position.next, &changes)
        }
        if graph[id] != nil {
            graph.setStatus(.unconfirmed, of: id, &changes)
        } else {
            add(
                transaction, id, .unconfirmed, now: now, isPublishedHere: isPublishedHere, &changes)
        }
        if isPublishedHere { graph.notePublishedHere(id, &changes) }
        restoreChildren(of: id, &changes)
        releaseSpentLeases(by: transaction, &changes)
    }

    mutating func evict(_ ids: [TransactionID]) -> WalletStep {
        var changes = WalletChanges()
        for id in ids
        where graph.unconfirmed.contains(id) && !isOfferedHere(id)
            && graph[id]?.hasCaretaker == false
        {
            graph.deactivate(id, .evicted, since: position.next, &changes)
        }
        return finish(changes)
    }

    mutating func noteAccepted(_ id: TransactionID) -> WalletStep {
        var changes = WalletChanges()
        graph.noteAccepted(id, &changes)
        return finish(changes)
    }

    /// A transaction that no mempool ever took frees its inputs; one that was out once may come back, and keeps them.
    mutating func noteRejected(_ id: TransactionID) -> WalletStep {
        guard graph.unconfirmed.contains(id), let transaction = graph[id],
            !transaction.wasAccepted, !transaction.hasCaretaker
        else { return WalletStep() }
        var changes = WalletChanges()
        revision += 1
        graph.deactivate(id, .rejected, since: position.next, &changes)
        // What it was to replace is still in the mempools.
        restoreTransactions(at: position.next, &changes) { $0 == .replaced(by: id) }
        return finish(changes)
    }

    func rebroadcast() -> WalletStep {
        var step = WalletStep()
        step.effects = offeredTransactions.map { .broadcast($0.transaction) }
        return step
    }

    /// Whether the wallet sees to it that the transaction is mined.
    func isOfferedHere(_ id: TransactionID) -> Bool {
        guard let transaction = graph[id], transaction.status == .unconfirmed,
            !transaction.hasCaretaker
        else { return false }
        return transaction.isPublishedHere || transaction.isFullyFunded
    }

    /// The transactions that the wallet offers to the network, parents before children.
    private var offeredTransactions: [WalletTransaction] {
        var ordered: [WalletTransaction] = []
        var done: Set<TransactionID> = []
        func place(_ id: TransactionID) {
            guard graph.unconfirmed.contains(id), done.insert(id).inserted,
                let transaction = graph[id]
            else { return }
            let parents = transaction.transaction.inputs.map(\.previousOutput.transactionID)
            for parent in parents.sorted() { place(parent) }
            if isOfferedHere(id) { ordered.append(transaction) }
        }
        for id in graph.unconfirmed.sorted() { place(id) }
        return ordered
    }
}

extension Wallet {
    /// Gives up a transaction that waits to be mined, with its descendants, so that its inputs can be spent again.
    ///
    /// It may still be mined if it was ever offered: replacing it (``bumpFee(_:_:keys:entropy:now:)``) is the sure way.
    public mutating func abandon(_ id: TransactionID) throws(WalletError) -> WalletStep {
        guard graph[id] != nil else { throw .unknownTransaction(id) }
        guard graph.unconfirmed.contains(id) else { throw .notUnconfirmed(id) }
        var changes = WalletChanges()
        graph.deactivate(id, .abandoned, since: position.next, &changes)
        return finish(changes)
    }

    /// Takes a transaction that spends from the wallet or pays it as the wallet's own, and offers it to the network.
    ///
    /// Throws ``WalletError/notOurs(_:)``, or ``WalletError/alreadySpent(_:by:)`` where another transaction that waits
    /// or is mined spends one of its inputs.
    public mutating func publish(
        _ transaction: Transaction, now: UInt64
    ) throws(WalletError) -> WalletStep {
        let id = transaction.id
        guard !transaction.isCoinbase, transaction.hasPossibleAmounts else {
            throw .impossibleTransaction(id)
        }
        for input in transaction.inputs {
            if let rival = graph.spenders[input.previousOutput], rival != id {
                throw .alreadySpent(input.previousOutput, by: rival)
            }
        }
        guard isOurs(transaction) else { throw .notOurs(id) }
        return publish(transaction, id, replacing: [], now: now)
    }

    /// Publishes a transaction of the wallet's in the place of those that spend the same.
    mutating func publish(
        _ transaction: Transaction, _ id: TransactionID, replacing rivals: Set<TransactionID>,
        now: UInt64
    ) -> WalletStep {
        guard graph[id]?.status.confirmation == nil else { return WalletStep() }
        var changes = WalletChanges()
        adopt(transaction, id, replacing: rivals, now: now, isPublishedHere: true, &changes)
        changes.effects.append(.broadcast(transaction))
        return finish(changes)
    }
}

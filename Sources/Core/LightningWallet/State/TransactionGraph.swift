import Bitcoin

/// The wallet's transactions that matter to the present, and who spends what among them.
///
/// Invariant: each output is spent by at most one active transaction. Everything but ``transactions`` and
/// ``buriedThrough`` follows from these two, so a graph loaded from records equals the one that wrote them.
struct TransactionGraph: Equatable, Sendable {
    private(set) var transactions: [TransactionID: WalletTransaction] = [:]
    /// The active transaction that spends an output, the wallet's or another's.
    private(set) var spenders: [OutPoint: TransactionID] = [:]
    /// The wallet's outputs of active transactions that no active transaction spends.
    private(set) var unspent: [OutPoint: Coin] = [:]
    /// Transactions mined, or found dead, above ``buriedThrough``, by that height.
    private(set) var byHeight: [BlockHeight: Set<TransactionID>] = [:]
    /// Miners' rewards, of any status.
    private(set) var coinbases: Set<TransactionID> = []
    /// The transactions that wait to be mined.
    private(set) var unconfirmed: Set<TransactionID> = []
    /// The transactions that are not expected to be mined.
    private(set) var inactive: Set<TransactionID> = []
    /// The height up to which blocks are final.
    private(set) var buriedThrough: BlockHeight

    /// A graph without transactions.
    init(buriedThrough: BlockHeight) { self.buriedThrough = buriedThrough }

    subscript(_ id: TransactionID) -> WalletTransaction? { transactions[id] }

    /// The coin that `outPoint` is, spent or not, where an active transaction of the graph pays it to the wallet.
    func coin(_ outPoint: OutPoint) -> Coin? {
        guard let creator = transactions[outPoint.transactionID], creator.status.isActive,
            let credit = creator.credits.first(where: { $0.index == outPoint.index })
        else { return nil }
        return creator.coin(of: credit)
    }

    /// The other active transactions that spend an input of `transaction`.
    func conflicts(with transaction: Transaction, id: TransactionID) -> Set<TransactionID> {
        var found: Set<TransactionID> = []
        for input in transaction.inputs {
            if let spender = spenders[input.previousOutput], spender != id { found.insert(spender) }
        }
        return found
    }

    /// `id` and its active descendants, ancestors first.
    func withDescendants(_ id: TransactionID) -> [TransactionID] {
        var found = [id]
        var seen: Set<TransactionID> = [id]
        var position = 0
        while position < found.count {
            let current = found[position]
            position += 1
            guard let outputs = transactions[current]?.transaction.outputs else { continue }
            for index in outputs.indices {
                guard let child = spenders[OutPoint(current, UInt32(index))] else { continue }
                if seen.insert(child).inserted { found.append(child) }
            }
        }
        return found
    }

    /// The unconfirmed transactions among `id` and its ancestors, `id` included.
    func unconfirmedAncestry(of id: TransactionID) -> Set<TransactionID> {
        var found: Set<TransactionID> = []
        var pending = [id]
        while let current = pending.popLast() {
            guard unconfirmed.contains(current), found.insert(current).inserted,
                let inputs = transactions[current]?.transaction.inputs
            else { continue }
            pending += inputs.map(\.previousOutput.transactionID)
        }
        return found
    }
}

// MARK: - Changes

extension TransactionGraph {
    /// Adds a transaction. The caller has made the active ones that conflict with it inactive.
    mutating func insert(_ transaction: WalletTransaction, _ changes: inout WalletChanges) {
        changes.touch(transaction.id, was: nil)
        var transaction = transaction
        _ = findDebits(of: &transaction)
        load(transaction)
        guard transaction.status.isActive else { return }
        // A child that came before its parent learns now that it spends from the wallet.
        for credit in transaction.credits {
            guard let child = spenders[transaction.outPoint(credit.index)],
                var known = transactions[child]
            else { continue }
            if findDebits(of: &known) {
                changes.touch(child, was: known.status)
                transactions[child] = known
            }
        }
    }

    /// Moves a transaction to `status`, with everything that follows for coins.
    mutating func setStatus(
        _ status: TransactionStatus, of id: TransactionID, _ changes: inout WalletChanges
    ) {
        guard var transaction = transactions[id], transaction.status != status else { return }
        changes.touch(id, was: transaction.status)
        unindex(transaction)
        if transaction.status.isActive, !status.isActive { detach(transaction) }
        let activates = !transaction.status.isActive && status.isActive
        transaction.status = status
        if activates {
            _ = findDebits(of: &transaction)
        }
        transactions[id] = transaction
        if activates { attach(transaction) }
        index(transaction)
    }

    /// Takes a transaction and its descendants out of play.
    mutating func deactivate(
        _ id: TransactionID, _ reason: Inactivity, since height: BlockHeight,
        _ changes: inout WalletChanges
    ) {
        for member in withDescendants(id).reversed() {
            setStatus(.inactive(reason, since: height), of: member, &changes)
        }
    }

    /// Notes that a mempool has taken the transaction.
    mutating func noteAccepted(_ id: TransactionID, _ changes: inout WalletChanges) {
        guard let transaction = transactions[id], !transaction.wasAccepted else { return }
        changes.touch(id, was: transaction.status)
        transactions[id]?.wasAccepted = true
    }

    /// Notes whether another part of the node sees to it that the transaction is mined.
    mutating func setCaretaker(
        _ hasCaretaker: Bool, of id: TransactionID, _ changes: inout WalletChanges
    ) {
        guard let transaction = transactions[id], transaction.hasCaretaker != hasCaretaker else {
            return
        }
        changes.touch(id, was: transaction.status)
        transactions[id]?.hasCaretaker = hasCaretaker
    }

    /// Notes that the wallet offers the transaction to the network.
    mutating func notePublishedHere(_ id: TransactionID, _ changes: inout WalletChanges) {
        guard let transaction = transactions[id], !transaction.isPublishedHere else { return }
        changes.touch(id, was: transaction.status)
        transactions[id]?.isPublishedHere = true
    }
}

// MARK: - Burial

extension TransactionGraph {
    /// Makes all blocks up to `height` final, and moves what only the past needs to the history.
    mutating func bury(through height: BlockHeight, _ changes: inout WalletChanges) {
        while buriedThrough < height {
            buriedThrough = buriedThrough + 1
            for id in (byHeight.removeValue(forKey: buriedThrough) ?? []).sorted() {
                settle(id, &changes)
            }
        }
    }

    /// Moves a transaction of a final block to the history, or its parents, where no coin of theirs is left.
    mutating func settle(_ id: TransactionID, _ changes: inout WalletChanges) {
        guard let transaction = transactions[id] else { return }
        guard transaction.status.confirmation != nil else { return archive(id, &changes) }
        spendInputsForGood(of: transaction, &changes)
        archiveIfSpent(id, &changes)
    }

    /// Whether the transaction's block can no longer leave the chain.
    func isBuried(_ transaction: WalletTransaction) -> Bool {
        guard let height = transaction.height else { return false }
        return height <= buriedThrough
    }

    private mutating func spendInputsForGood(
        of transaction: WalletTransaction, _ changes: inout WalletChanges
    ) {
        for debit in transaction.debits {
            spendForGood(
                transaction.transaction.inputs[Int(debit.index)].previousOutput, &changes)
        }
    }

    private mutating func spendForGood(_ outPoint: OutPoint, _ changes: inout WalletChanges) {
        let parent = outPoint.transactionID
        guard let transaction = transactions[parent],
            let position = transaction.credits.firstIndex(where: { $0.index == outPoint.index }),
            !transaction.credits[position].isSpentForGood
        else { return }
        changes.touch(parent, was: transaction.status)
        transactions[parent]?.credits[position].isSpentForGood = true
        archiveIfSpent(parent, &changes)
    }

    private mutating func archiveIfSpent(_ id: TransactionID, _ changes: inout WalletChanges) {
        guard let transaction = transactions[id], isBuried(transaction),
            transaction.credits.allSatisfy(\.isSpentForGood)
        else { return }
        // A child of the same block may come before its parent here, which has parents of its own.
        spendInputsForGood(of: transaction, &changes)
        archive(id, &changes)
    }

    private mutating func archive(_ id: TransactionID, _ changes: inout WalletChanges) {
        guard let transaction = transactions.removeValue(forKey: id) else { return }
        unindex(transaction)
        coinbases.remove(id)
        if transaction.status.isActive {
            for input in transaction.transaction.inputs where spenders[input.previousOutput] == id {
                spenders.removeValue(forKey: input.previousOutput)
            }
        }
        changes.archive(transaction)
    }
}

// MARK: - Indexes

extension TransactionGraph {
    /// Adds a transaction as its record has it.
    mutating func load(_ transaction: WalletTransaction) {
        transactions[transaction.id] = transaction
        if transaction.transaction.isCoinbase { coinbases.insert(transaction.id) }
        if transaction.status.isActive { attach(transaction) }
        index(transaction)
    }

    private mutating func index(_ transaction: WalletTransaction) {
        switch transaction.status {
        case .confirmed: break
        case .unconfirmed: unconfirmed.insert(transaction.id)
        case .inactive: inactive.insert(transaction.id)
        }
        guard let height = transaction.height, height > buriedThrough else { return }
        byHeight[height, default: []].insert(transaction.id)
    }

    private mutating func unindex(_ transaction: WalletTransaction) {
        unconfirmed.remove(transaction.id)
        inactive.remove(transaction.id)
        guard let height = transaction.height else { return }
        byHeight[height]?.remove(transaction.id)
        if byHeight[height]?.isEmpty == true { byHeight.removeValue(forKey: height) }
    }

    private mutating func attach(_ transaction: WalletTransaction) {
        if !transaction.transaction.isCoinbase {
            for input in transaction.transaction.inputs {
                spenders[input.previousOutput] = transaction.id
                unspent.removeValue(forKey: input.previousOutput)
            }
        }
        for credit in transaction.credits where !credit.isSpentForGood {
            let coin = transaction.coin(of: credit)
            if spenders[coin.outPoint] == nil { unspent[coin.outPoint] = coin }
        }
    }

    private mutating func detach(_ transaction: WalletTransaction) {
        for input in transaction.transaction.inputs
        where spenders[input.previousOutput] == transaction.id {
            spenders.removeValue(forKey: input.previousOutput)
            if let coin = coin(input.previousOutput) { unspent[coin.outPoint] = coin }
        }
        for credit in transaction.credits {
            unspent.removeValue(forKey: transaction.outPoint(credit.index))
        }
    }

    /// Adds the inputs whose coins have become known; returns whether there were any.
    private func findDebits(of transaction: inout WalletTransaction) -> Bool {
        let known = Set(transaction.debits.map(\.index))
        var found = false
        for (index, input) in transaction.transaction.inputs.enumerated()
        where !known.contains(UInt32(index)) {
            guard let coin = knownCoin(input.previousOutput) else { continue }
            transaction.debits.append(
                .init(index: UInt32(index), output: coin.output, path: coin.path))
            found = true
        }
        if found { transaction.debits.sort { $0.index < $1.index } }
        return found
    }

    /// The coin that `outPoint` is, whatever the status of the transaction that pays it.
    private func knownCoin(_ outPoint: OutPoint) -> Coin? {
        guard let creator = transactions[outPoint.transactionID],
            let credit = creator.credits.first(where: { $0.index == outPoint.index })
        else { return nil }
        return creator.coin(of: credit)
    }
}

extension WalletTransaction {
    /// The height at which it was mined or found dead; nil while it waits.
    var height: BlockHeight? {
        switch status {
        case .confirmed(let confirmation): confirmation.block.height
        case .unconfirmed: nil
        case .inactive(_, let height): height
        }
    }

    func coin(of credit: Credit) -> Coin {
        Coin(
            outPoint: outPoint(credit.index), output: transaction.outputs[Int(credit.index)],
            path: credit.path)
    }
}

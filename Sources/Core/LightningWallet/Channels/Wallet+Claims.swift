import Bitcoin
import LightningWire

/// The wallet's part in transactions that others make and see through, such as claims of closed channels: it pays their
/// fees and takes what they pay it, and leaves offering them to whoever made them.
extension Wallet {
    /// The coins that may pay the fee of a transaction which also spends `claimed`, in the order of their outpoints:
    /// those that are mined and free, and those that such a transaction uses already.
    public func feeCoins(
        beside claimed: Set<OutPoint>, now: UInt64
    ) -> [(coin: Coin, isInUse: Bool)] {
        var found = coins(now: now).filter {
            $0.confirmations > 0 && !$0.isImmature && $0.lease == nil
        }.map { (coin: $0.coin, isInUse: false) }
        for id in waitingSpenders(of: claimed) {
            for debit in graph[id]?.debits ?? [] {
                guard let input = graph[id]?.transaction.inputs[Int(debit.index)],
                    let coin = graph.coin(input.previousOutput),
                    graph[coin.outPoint.transactionID]?.status.confirmation != nil
                else { continue }
                found.append((coin, true))
            }
        }
        return found.sorted { $0.coin.outPoint < $1.coin.outPoint }
    }

    /// Takes a transaction in that others offer to the network, in the place of those that spend the same.
    public mutating func adopt(_ transaction: Transaction, now: UInt64) -> WalletStep {
        let id = transaction.id
        guard graph[id]?.status.isActive != true else { return WalletStep() }
        let rivals = graph.conflicts(with: transaction, id: id)
        guard rivals.allSatisfy({ graph.unconfirmed.contains($0) }) else { return WalletStep() }
        var changes = WalletChanges()
        adopt(transaction, id, replacing: rivals, now: now, isPublishedHere: false, &changes)
        return finish(changes)
    }

    /// Gives up the unconfirmed transactions that spend one of `claimed`: their coins are free again.
    public mutating func abandonSpenders(of claimed: Set<OutPoint>) -> WalletStep {
        var changes = WalletChanges()
        for id in waitingSpenders(of: claimed) {
            graph.deactivate(id, .abandoned, since: position.next, &changes)
        }
        return finish(changes)
    }

    /// Offers the unconfirmed transactions that spend one of `claimed` to the network from now on.
    public mutating func offerSpenders(of claimed: Set<OutPoint>) -> WalletStep {
        var changes = WalletChanges()
        for id in waitingSpenders(of: claimed) { graph.notePublishedHere(id, &changes) }
        return finish(changes)
    }

    private func waitingSpenders(of claimed: Set<OutPoint>) -> [TransactionID] {
        Set(claimed.compactMap { graph.spenders[$0] }).filter { graph.unconfirmed.contains($0) }
            .sorted()
    }

    /// `transaction` with the wallet's signatures at the inputs that `coins` names; `spent` is what all inputs spend, in
    /// their order.
    public func sign(
        _ transaction: Transaction, coins: [Int: OutPoint], spent: [TransactionOutput],
        keys: WalletKeys
    ) throws(SpendError) -> Transaction {
        let cache = SignatureHashCache(transaction, spending: spent)
        var signed = transaction
        for (index, outPoint) in coins.sorted(by: { $0.key < $1.key }) {
            guard let coin = graph.coin(outPoint),
                transaction.inputs.indices.contains(index),
                transaction.inputs[index].previousOutput == outPoint
            else { throw .unspendableCoin(outPoint, .unknown) }
            do {
                let unlocking = try keys.unlock(
                    input: index, of: transaction, spending: coin, cache: cache)
                signed.inputs[index].scriptSig = unlocking.scriptSig
                signed.inputs[index].witness = unlocking.witness
            } catch {
                throw .wallet(error)
            }
        }
        return signed
    }
}

extension Wallet {
    /// The transaction of a plan with all signatures, which are checked. It is not published: whoever has it sees to it
    /// that the coins are kept meanwhile.
    public func signed(_ plan: SpendPlan, keys: WalletKeys) throws(SpendError) -> Transaction {
        try keys.sign(plan.transaction, spending: plan.coins)
    }

    /// Ends every lease named `id`.
    public mutating func releaseLeases(named id: Hash256) -> WalletStep {
        var changes = WalletChanges()
        for outPoint in leases.outPoints(leasedAs: id) {
            if let write = leases.release(outPoint) { changes.writes.append(write) }
        }
        changes.balanceChanged = !changes.writes.isEmpty
        return finish(changes)
    }
}

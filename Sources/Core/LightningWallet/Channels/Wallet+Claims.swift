import Bitcoin
import LightningWire

/// The wallet's part in transactions that another part of the node makes and sees through, such as claims of closed
/// channels: it pays their fees and takes what they pay it. Neither a mempool that loses or refuses one nor a rebroadcast
/// of the wallet's changes anything: whoever made it offers it, and says when it is given up.
extension Wallet {
    /// The coins that may pay the fee of a transaction which also spends `claimed`, in the order of their outpoints:
    /// those that are mined and free, and those that such a transaction uses already. None while a rescan is under way.
    public func feeCoins(
        beside claimed: Set<OutPoint>, now: UInt64
    ) -> [(coin: Coin, isInUse: Bool)] {
        guard position.rescanNext == nil else { return [] }
        let free = CoinChoice()
        var found = coins(now: now).filter { free.objection(to: $0) == nil }
            .map { (coin: $0.coin, isInUse: false) }
        for id in caredFor(spending: claimed) {
            guard let transaction = graph[id]?.transaction else { continue }
            for input in transaction.inputs {
                guard let coin = graph.coin(input.previousOutput),
                    graph[coin.outPoint.transactionID]?.status.confirmation != nil
                else { continue }
                found.append((coin, true))
            }
        }
        return found.sorted { $0.coin.outPoint < $1.coin.outPoint }
    }

    /// Takes in a transaction that another part of the node offers to the network, in the place of those that wait and
    /// spend the same.
    ///
    /// Nothing happens where none of it is the wallet's, or the best chain holds it or what spends the same.
    public mutating func adopt(_ transaction: Transaction, now: UInt64) -> WalletStep {
        let id = transaction.id
        let rivals = graph.conflicts(with: transaction, id: id)
        guard graph[id]?.status.confirmation == nil, isOurs(transaction),
            rivals.allSatisfy({ graph.unconfirmed.contains($0) })
        else { return WalletStep() }
        var changes = WalletChanges()
        adopt(transaction, id, replacing: rivals, now: now, isPublishedHere: false, &changes)
        graph.setCaretaker(true, of: id, &changes)
        return finish(changes)
    }

    /// Gives up the transactions that ``adopt(_:now:)`` took, wait, and spend one of `claimed`: their coins are free again.
    public mutating func abandonSpenders(of claimed: Set<OutPoint>) -> WalletStep {
        var changes = WalletChanges()
        for id in caredFor(spending: claimed) {
            graph.deactivate(id, .abandoned, since: position.next, &changes)
        }
        return finish(changes)
    }

    /// Makes such transactions the wallet's own: from now on it offers them itself.
    public mutating func offerSpenders(of claimed: Set<OutPoint>) -> WalletStep {
        var changes = WalletChanges()
        for id in caredFor(spending: claimed) {
            graph.setCaretaker(false, of: id, &changes)
            graph.notePublishedHere(id, &changes)
        }
        return finish(changes)
    }

    private func caredFor(spending claimed: Set<OutPoint>) -> [TransactionID] {
        Set(claimed.compactMap { graph.spenders[$0] })
            .filter { graph.unconfirmed.contains($0) && graph[$0]?.hasCaretaker == true }
            .sorted()
    }

    /// `transaction` with the wallet's signatures at the inputs that `coins` names; `spent` is what all inputs spend, in
    /// their order.
    ///
    /// Throws ``SpendError/unspendableCoin(_:_:)`` where an input is not the wallet's.
    public func sign(
        _ transaction: Transaction, coins: [Int: OutPoint], spent: [TransactionOutput],
        keys: WalletKeys
    ) throws(SpendError) -> Transaction {
        let cache = SignatureHashCache(transaction, spending: spent)
        var signed = transaction
        for (index, outPoint) in coins.sorted(by: { $0.key < $1.key }) {
            guard let coin = graph.coin(outPoint), transaction.inputs.indices.contains(index),
                spent.count == transaction.inputs.count, spent[index] == coin.output,
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

import Bitcoin

extension Wallet {
    /// The transactions of the present: those that wait, those not final yet, and those with coins left, latest last.
    public var transactions: [WalletTransaction] {
        graph.transactions.values.sorted { $0.historyKey.lexicographicallyPrecedes($1.historyKey) }
    }

    /// A transaction of the present; nil where it is in the history or unknown.
    public func transaction(_ id: TransactionID) -> WalletTransaction? { graph[id] }

    /// The transactions that wait to be mined: those to ask the mempool for, to find the ones it dropped.
    public var unconfirmedTransactions: Set<TransactionID> { graph.unconfirmed }

    /// The number of blocks that bury a transaction, its own included; 0 outside of the best chain.
    public func confirmations(of transaction: WalletTransaction) -> UInt32 {
        guard let height = transaction.status.confirmation?.block.height, height < position.next
        else { return 0 }
        return UInt32(position.next - height)
    }

    /// The coins that nothing spends, in the order of their outpoints, with what decides on their use at `now`.
    public func coins(now: UInt64) -> [CoinState] {
        graph.unspent.values.sorted { $0.outPoint < $1.outPoint }.map { state(of: $0, now: now) }
    }

    /// The coin at an outpoint; nil where the wallet does not have it, or it is spent.
    public func coin(_ outPoint: OutPoint, now: UInt64) -> CoinState? {
        graph.unspent[outPoint].map { state(of: $0, now: now) }
    }

    /// The sums of the coins at `now`.
    public func balance(now: UInt64) -> WalletBalance {
        var balance = WalletBalance()
        for coin in graph.unspent.values { balance.count(state(of: coin, now: now)) }
        return balance
    }

    /// The coins that leases keep at `now`, in the order of their outpoints.
    public func leasedCoins(now: UInt64) -> [CoinState] {
        coins(now: now).filter { $0.lease != nil }
    }

    func state(of coin: Coin, now: UInt64) -> CoinState {
        guard let creator = graph[coin.outPoint.transactionID] else {
            preconditionFailure("a coin has the transaction that pays it")
        }
        let confirmations = confirmations(of: creator)
        return CoinState(
            coin: coin, confirmations: confirmations,
            isImmature: creator.transaction.isCoinbase
                && confirmations < WalletParameters.coinbaseMaturity,
            isForeignUnconfirmed: confirmations == 0 && !isTrusted(creator),
            lease: lease(on: coin.outPoint, now: now))
    }

    /// Whether nobody but the wallet can replace the transaction or one of its unconfirmed ancestors.
    private func isTrusted(_ transaction: WalletTransaction) -> Bool {
        graph.unconfirmedAncestry(of: transaction.id).allSatisfy {
            graph[$0]?.isFullyFunded == true
        }
    }
}

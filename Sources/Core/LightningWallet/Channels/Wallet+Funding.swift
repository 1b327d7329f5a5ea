import Bitcoin

/// The wallet's part in funding transactions, which are signed long before they are published.
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

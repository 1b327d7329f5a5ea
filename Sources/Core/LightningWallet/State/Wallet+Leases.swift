import Bitcoin

extension Wallet {
    /// Keeps coins for one caller until `expiry`, in seconds since 1970. A lease of the same name is extended.
    ///
    /// Throws ``WalletError/unknownCoin(_:)``, ``WalletError/coinLeased(_:expiry:)`` or
    /// ``WalletError/leaseExpired(expiry:now:)``; then no coin of the list is kept.
    public mutating func lease(
        _ outPoints: [OutPoint], id: Hash256, until expiry: UInt64, now: UInt64
    ) throws(WalletError) -> WalletStep {
        guard expiry > now else { throw .leaseExpired(expiry: expiry, now: now) }
        for outPoint in outPoints {
            guard graph.unspent[outPoint] != nil else { throw .unknownCoin(outPoint) }
            if let other = lease(on: outPoint, now: now), other.id != id {
                throw .coinLeased(outPoint, expiry: other.expiry)
            }
        }

        var changes = WalletChanges()
        for outPoint in outPoints {
            changes.writes.append(leases.set(CoinLease(id: id, expiry: expiry), on: outPoint))
        }
        changes.balanceChanged = !outPoints.isEmpty
        return finish(changes)
    }

    /// Ends the lease named `id` on a coin.
    ///
    /// Throws ``WalletError/unknownLease(_:)``.
    public mutating func release(
        _ outPoint: OutPoint, id: Hash256
    ) throws(WalletError) -> WalletStep {
        guard leases[outPoint]?.id == id, let write = leases.release(outPoint) else {
            throw .unknownLease(outPoint)
        }
        var changes = WalletChanges()
        changes.writes.append(write)
        changes.balanceChanged = true
        return finish(changes)
    }

    /// The lease that keeps a coin at `now`; nil where it is free.
    func lease(on outPoint: OutPoint, now: UInt64) -> CoinLease? {
        guard let lease = leases[outPoint], lease.expiry > now else { return nil }
        return lease
    }

    mutating func releaseExpiredLeases(now: UInt64) -> WalletStep {
        var changes = WalletChanges()
        for outPoint in leases.expired(at: now) {
            if let write = leases.release(outPoint) { changes.writes.append(write) }
        }
        changes.balanceChanged = !changes.writes.isEmpty
        return finish(changes)
    }

    /// Ends the leases on what `transaction` spends: nobody can use those coins now.
    mutating func releaseSpentLeases(by transaction: Transaction, _ changes: inout WalletChanges) {
        for input in transaction.inputs {
            if let write = leases.release(input.previousOutput) { changes.writes.append(write) }
        }
    }
}

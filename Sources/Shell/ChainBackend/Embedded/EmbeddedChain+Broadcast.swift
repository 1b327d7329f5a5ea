import Bitcoin
import RegtestChain

extension EmbeddedChain {
    public func broadcast(_ transaction: Transaction) -> BroadcastResult {
        withChain { chain, now in
            if chain.isKnown(transaction) { return .accepted }
            do throws(TransactionRejection) {
                _ = try chain.submit(transaction, now: now)
                return .accepted
            } catch {
                return .rejected(reason: error.reason)
            }
        }
    }

    public func broadcast(package: [Transaction]) -> BroadcastResult {
        withChain { chain, now in
            let result = chain.submit(package: package.filter { !chain.isKnown($0) }, now: now)
            guard let rejection = result.rejection else { return .accepted }
            for transaction in package {
                if case .rejected(let own) = result.outcomes[transaction.witnessID] {
                    return .rejected(reason: own.reason)
                }
            }
            return .rejected(reason: rejection.reason)
        }
    }

    public func testAccept(_ transaction: Transaction) -> BroadcastResult {
        withChain { chain, now in
            if chain.isKnown(transaction) { return .accepted }
            do throws(TransactionRejection) {
                _ = try chain.test(transaction, now: now)
                return .accepted
            } catch {
                return .rejected(reason: error.reason)
            }
        }
    }
}

extension RegtestChain {
    /// Whether the transaction is in the mempool or mined.
    fileprivate func isKnown(_ transaction: Transaction) -> Bool {
        let id = transaction.id
        return mempool[id] != nil || blockHolding(id) != nil
    }
}

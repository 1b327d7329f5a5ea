import Bitcoin

extension Wallet {
    /// Spends an unconfirmed output of the wallet's back to the wallet with so high a fee that miners take the transaction
    /// that pays it along (child pays for parent).
    ///
    /// `feeRate` is that of the output's unconfirmed ancestors and the child together. Fees of transactions that others
    /// made are not known: unless `ancestorFees` tells what all ancestors pay, they count as nothing.
    /// Where the output itself is too small, confirmed coins are added.
    public mutating func speedUp(
        _ outPoint: OutPoint, feeRate: FeeratePerKw, ancestorFees: Satoshi? = nil,
        changeAccount: AccountKind = .taproot, policy: FeePolicy = FeePolicy(),
        keys: WalletKeys, entropy: Hash256, now: UInt64
    ) throws(SpendError) -> (transaction: Transaction, step: WalletStep) {
        try checkScanned()
        try policy.check(feeRate)
        if let ancestorFees, !ancestorFees.isValidOutputAmount {
            throw .feeTooHigh(ancestorFees, maximum: .maximumMoney)
        }
        let choice = CoinChoice(minimumConfirmations: 0, allowsForeignUnconfirmed: true)
        guard let state = coin(outPoint, now: now) else {
            throw .unspendableCoin(outPoint, .unknown)
        }
        if let reason = choice.objection(to: state) { throw .unspendableCoin(outPoint, reason) }
        let parent = outPoint.transactionID
        guard graph.unconfirmed.contains(parent) else { throw .notUnconfirmed(parent) }
        let ancestors = ancestors(of: parent, fees: ancestorFees)
        let current = FeeratePerKw(fee: ancestors.fees, weight: ancestors.weight)
        guard feeRate > current else { throw .feeRateNotHigher(feeRate, current: current) }

        var composer = try composer(
            feeRate: feeRate, policy: policy, changePath: nil, changeAccount: changeAccount,
            entropy: entropy)
        composer.required = [state.coin]
        let helpers = allowedCoins(CoinChoice(), now: now).sorted {
            ($1.amount, $0.outPoint) < ($0.amount, $1.outPoint)
        }
        let plan = try composer.sweepBack(ancestors: ancestors, addingFrom: helpers)
        return try sign(plan, keys: keys, now: now)
    }

    private func ancestors(of id: TransactionID, fees: Satoshi?) -> UnconfirmedAncestors {
        var ancestors = UnconfirmedAncestors()
        for member in graph.unconfirmedAncestry(of: id) {
            guard let transaction = graph[member] else { continue }
            ancestors.weight += transaction.transaction.weight
            ancestors.fees += transaction.fee ?? .zero
        }
        if let fees { ancestors.fees = fees }
        return ancestors
    }
}

extension SpendComposer {
    /// A transaction that brings the required coins back, with as many of `helpers`, first ones first, as it takes to pay
    /// the fee.
    fileprivate mutating func sweepBack(
        ancestors: UnconfirmedAncestors, addingFrom helpers: [Coin]
    ) throws(SpendError) -> SpendPlan {
        var helpers = helpers[...]
        while true {
            do throws(SpendError) {
                return try sweepBack(ancestors: ancestors)
            } catch {
                guard case .insufficientFunds = error, let helper = helpers.popFirst() else {
                    throw error
                }
                required.append(helper)
            }
        }
    }
}

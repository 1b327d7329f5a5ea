import Bitcoin

extension Wallet {
    /// Replaces a transaction of the wallet's that waits to be mined with one that pays more (BIP 125).
    ///
    /// The replacement spends all its inputs again, and pays more than it and its descendants together by the incremental
    /// rate for its own size. Coins are added only where change does not pay for that, and only confirmed ones.
    public mutating func bumpFee(
        _ id: TransactionID, _ request: BumpRequest, keys: WalletKeys, entropy: Hash256,
        now: UInt64
    ) throws(SpendError) -> (transaction: Transaction, step: WalletStep) {
        let plan = try planReplacement(of: id, request, entropy: entropy, now: now)
        return try sign(plan, replacing: [id], keys: keys, now: now)
    }

    /// What goes when `id` is replaced: itself, and what spends its outputs, theirs and so on.
    public func replaced(with id: TransactionID) -> Set<TransactionID> {
        Set(graph.withDescendants(id))
    }

    /// The replacement that ``bumpFee(_:_:keys:entropy:now:)`` would publish.
    public func planReplacement(
        of id: TransactionID, _ request: BumpRequest, entropy: Hash256, now: UInt64
    ) throws(SpendError) -> SpendPlan {
        try checkScanned()
        try request.policy.check(request.feeRate)
        guard let original = graph[id], original.status == .unconfirmed else {
            throw .notUnconfirmed(id)
        }
        guard let fee = original.fee else { throw .notReplaceable(id) }
        let current = FeeratePerKw(fee: fee, weight: original.transaction.weight)
        guard request.feeRate > current else {
            throw .feeRateNotHigher(request.feeRate, current: current)
        }
        let replaced = graph.withDescendants(id)
        guard replaced.count <= RelayPolicy.maximumReplaced else {
            throw .tooManyReplaced(replaced.count)
        }

        let change = original.credits.first { $0.path.branch == .change }
        var composer = try composer(
            feeRate: request.feeRate, policy: request.policy, changePath: change?.path,
            changeAccount: request.changeAccount, entropy: entropy)
        composer.required = original.spentCoins
        composer.replacedFees = replaced.reduce(Satoshi.zero) { $0 + (graph[$1]?.fee ?? .zero) }
        let outputs = original.transaction.outputs
        switch request.outputs {
        case .cancel:
            return try composer.sweepBack()
        case .reduce(let index):
            guard outputs.indices.contains(index) else { throw .noOutputs }
            return try composer.sweep(into: index, of: outputs)
        case .keep:
            let kept = outputs.enumerated().filter { $0.offset != change.map { Int($0.index) } }
            guard !kept.isEmpty else { return try composer.sweepBack() }
            composer.optional = allowedCoins(CoinChoice(), now: now)
            return try composer.compose(paying: kept.map(\.element))
        }
    }
}

extension SpendComposer {
    /// A transaction that brings all required coins back to the wallet.
    mutating func sweepBack(
        ancestors: UnconfirmedAncestors = UnconfirmedAncestors()
    ) throws(SpendError) -> SpendPlan {
        let output = TransactionOutput(amount: .zero, scriptPubKey: changeScript)
        let plan = try sweep(into: 0, of: [output], ancestors: ancestors)
        return SpendPlan(
            transaction: plan.transaction, coins: plan.coins, fee: plan.fee,
            change: .init(index: 0, path: changePath))
    }
}

extension WalletTransaction {
    /// What its inputs take from the wallet, in their order.
    var spentCoins: [Coin] {
        debits.map {
            Coin(
                outPoint: transaction.inputs[Int($0.index)].previousOutput, output: $0.output,
                path: $0.path)
        }
    }
}

extension FeeratePerKw {
    /// The rate of a transaction that pays `fee`, rounded down; at most 2^32 - 1.
    init(fee: Satoshi, weight: Weight) {
        let rate = UInt64(max(fee, .zero).value) * 1000 / max(weight.value, 1)
        self.init(UInt32(clamping: rate))
    }
}

import Bitcoin
import LightningWire

extension Wallet {
    /// Composes a transaction, hands out its change address, and leases its coins until `expiry` to the caller `id`.
    ///
    /// For callers that sign later or elsewhere. `entropy` is fresh randomness.
    public mutating func fund(
        _ request: SpendRequest, leaseID: Hash256, until expiry: UInt64, entropy: Hash256,
        now: UInt64
    ) throws(SpendError) -> (plan: SpendPlan, step: WalletStep) {
        var request = request
        // Coins that are named may be leased to the caller already; others must be free, or two calls would share them.
        if request.coins.exactly != nil {
            request.coins.leaseID = request.coins.leaseID ?? leaseID
        }
        guard expiry > now else { throw .wallet(.leaseExpired(expiry: expiry, now: now)) }
        let plan = try self.plan(request, entropy: entropy, now: now)

        var step = try takeChange(at: plan.change?.path)
        do {
            step.append(
                try lease(plan.coins.map(\.outPoint), id: leaseID, until: expiry, now: now))
        } catch {
            throw .wallet(error)
        }
        return (plan, step)
    }

    /// Pays: composes, signs, and publishes a transaction. `entropy` is fresh randomness.
    ///
    /// The step's effects broadcast it; where the network refuses it the coins come free again.
    public mutating func send(
        _ request: SpendRequest, keys: WalletKeys, entropy: Hash256, now: UInt64
    ) throws(SpendError) -> (transaction: Transaction, step: WalletStep) {
        let plan = try self.plan(request, entropy: entropy, now: now)
        return try sign(plan, keys: keys, now: now)
    }

    /// Sends all coins that `request.coins` allows to `script`, but for the reserve, which goes to a change address.
    public mutating func sendAll(
        to script: Script, _ request: SpendRequest, keys: WalletKeys, entropy: Hash256,
        now: UInt64
    ) throws(SpendError) -> (transaction: Transaction, step: WalletStep) {
        let plan = try planSweep(to: script, request, entropy: entropy, now: now)
        return try sign(plan, keys: keys, now: now)
    }

    /// The transaction that ``send(_:keys:entropy:now:)`` would make, without making it: for showing its fee.
    public func plan(
        _ request: SpendRequest, entropy: Hash256, now: UInt64
    ) throws(SpendError) -> SpendPlan {
        try checkScanned()
        try Self.check(request)
        try Self.check(request.outputs)
        var composer = try composer(request, entropy: entropy)
        if let exactly = request.coins.exactly {
            composer.required = try chosenCoins(exactly, request.coins, now: now)
        } else {
            composer.optional = allowedCoins(request.coins, now: now)
        }
        let plan = try composer.compose(paying: request.outputs)
        try checkReserve(request.reserve, after: plan)
        return plan
    }

    /// The most that one output to `script` can get of the coins that `request.coins` allows, and those coins.
    public func largestOutput(
        to script: Script, _ request: SpendRequest, entropy: Hash256, now: UInt64
    ) throws(SpendError) -> (amount: Satoshi, coins: [OutPoint]) {
        let plan = try planSweep(to: script, request, entropy: entropy, now: now)
        let output = plan.transaction.outputs.first { $0.scriptPubKey == script }
        return (output?.amount ?? .zero, plan.coins.map(\.outPoint))
    }

    private func planSweep(
        to script: Script, _ request: SpendRequest, entropy: Hash256, now: UInt64
    ) throws(SpendError) -> SpendPlan {
        try checkScanned()
        try Self.check(request)
        var composer = try composer(request, entropy: entropy)
        if let exactly = request.coins.exactly {
            composer.required = try chosenCoins(exactly, request.coins, now: now)
        } else {
            // A coin that costs more than it holds is better left.
            composer.required = allowedCoins(request.coins, now: now).filter {
                $0.amount > request.feeRate.feeRoundedUp(for: $0.path.account.inputWeight)
            }
        }
        let chosen = Set(composer.required.map(\.outPoint))
        let left = graph.unspent.values.filter { !chosen.contains($0.outPoint) }
        let missing = request.reserve - left.reduce(Satoshi.zero) { $0 + $1.amount }
        let reserved =
            missing > .zero ? max(missing, Dust.limit(for: composer.changeScript)) : .zero
        let output = TransactionOutput(amount: .zero, scriptPubKey: script)
        return try composer.sweep(into: 0, of: [output], reserved: reserved)
    }

    mutating func sign(
        _ plan: SpendPlan, replacing rivals: Set<TransactionID> = [], keys: WalletKeys,
        now: UInt64
    ) throws(SpendError) -> (transaction: Transaction, step: WalletStep) {
        let signed = try keys.sign(plan.transaction, spending: plan.coins)

        var step = try takeChange(at: plan.change?.path)
        step.append(publish(signed, signed.id, replacing: rivals, now: now))
        return (signed, step)
    }

    /// Hands out the change address that a plan was made with, unless it was handed out before.
    mutating func takeChange(at path: WalletKeyPath?) throws(SpendError) -> WalletStep {
        guard let path,
            path.index >= addressCount(path.account, path.branch)
        else { return WalletStep() }
        do {
            return try newAddress(path.account, path.branch).step
        } catch {
            throw .wallet(error)
        }
    }
}

// MARK: - Checks

extension Wallet {
    private static func check(_ request: SpendRequest) throws(SpendError) {
        try request.policy.check(request.feeRate)
        guard request.reserve.isValidOutputAmount else {
            throw .invalidReserve(request.reserve)
        }
    }

    static func check(_ outputs: [TransactionOutput]) throws(SpendError) {
        guard !outputs.isEmpty else { throw .noOutputs }
        var total = Satoshi.zero
        for (index, output) in outputs.enumerated() {
            guard output.amount.isValidOutputAmount else {
                throw .invalidAmount(output: index, output.amount)
            }
            total += output.amount
            guard total.isValidOutputAmount else { throw .invalidAmount(output: index, total) }
            let limit = Dust.limit(for: output.scriptPubKey)
            guard output.amount >= limit else {
                throw .dustOutput(output: index, output.amount, limit: limit)
            }
        }
    }

    func checkScanned() throws(SpendError) {
        guard let next = position.rescanNext else { return }
        throw .rescanInProgress(next: next, tip: position.next.saturatingSubtract(1))
    }

    private func checkReserve(
        _ reserve: Satoshi, after plan: SpendPlan
    ) throws(SpendError) {
        guard reserve > .zero else { return }
        let spent = Set(plan.coins.map(\.outPoint))
        var left = plan.change.map { plan.transaction.outputs[$0.index].amount } ?? .zero
        for coin in graph.unspent.values where !spent.contains(coin.outPoint) {
            left += coin.amount
        }
        guard left >= reserve else { throw .reserveNotMet(left: left, reserve: reserve) }
    }

    private func composer(
        _ request: SpendRequest, entropy: Hash256
    ) throws(SpendError) -> SpendComposer {
        var composer = try composer(
            feeRate: request.feeRate, policy: request.policy, changePath: nil,
            changeAccount: request.changeAccount, entropy: entropy)
        composer.strategy = request.coins.strategy
        return composer
    }

    /// A composer whose change goes to `changePath`, or to the next change address of `changeAccount`.
    func composer(
        feeRate: FeeratePerKw, policy: FeePolicy, changePath: WalletKeyPath?,
        changeAccount: AccountKind, entropy: Hash256
    ) throws(SpendError) -> SpendComposer {
        do throws(WalletError) {
            let path: WalletKeyPath
            if let changePath {
                path = changePath
            } else {
                path = try book.next(changeAccount, .change)
            }
            return SpendComposer(
                feeRate: feeRate, policy: policy, changePath: path,
                changeScript: try book.script(at: path), tip: tip?.height,
                generator: EntropyGenerator(seed: entropy))
        } catch {
            throw .wallet(error)
        }
    }

    /// The coins that `choice` allows, in the order of their outpoints.
    func allowedCoins(_ choice: CoinChoice, now: UInt64) -> [Coin] {
        coins(now: now).filter { choice.objection(to: $0) == nil }.map(\.coin)
    }

    private func chosenCoins(
        _ outPoints: [OutPoint], _ choice: CoinChoice, now: UInt64
    ) throws(SpendError) -> [Coin] {
        var seen: Set<OutPoint> = []
        var chosen: [Coin] = []
        for outPoint in outPoints {
            guard seen.insert(outPoint).inserted else { throw .duplicateCoin(outPoint) }
            guard let state = coin(outPoint, now: now) else {
                throw .unspendableCoin(outPoint, .unknown)
            }
            if let reason = choice.objection(to: state) {
                throw .unspendableCoin(outPoint, reason)
            }
            chosen.append(state.coin)
        }
        return chosen
    }
}

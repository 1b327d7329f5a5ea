import Bitcoin

/// What waits to be mined with too small a fee before a transaction can be.
struct UnconfirmedAncestors {
    var weight = Weight.zero
    var fees = Satoshi.zero
}

/// Composes a transaction from outputs and coins: fee, change, order, lock time.
struct SpendComposer {
    let feeRate: FeeratePerKw
    let policy: FeePolicy
    /// Where change goes.
    let changePath: WalletKeyPath
    let changeScript: Script
    /// The height of the tip, for the lock time; nil before the first block.
    let tip: BlockHeight?
    var generator: EntropyGenerator

    /// Inputs that are a must: what a replacement has to spend again, or what the user chose.
    var required: [Coin] = []
    /// Inputs that may be added.
    var optional: [Coin] = []
    /// How the wallet chooses among those.
    var strategy = CoinStrategy.leastWaste
    /// What the transactions pay that this one replaces; nil where it replaces none.
    var replacedFees: Satoshi?

    /// A transaction that pays `outputs`, and what is left over to the wallet.
    mutating func compose(paying outputs: [TransactionOutput]) throws(SpendError) -> SpendPlan {
        var extraFee = Satoshi.zero
        while true {
            let plan = try compose(paying: outputs, extraFee: extraFee)
            let missing = minimumFee(for: plan.weight) - plan.fee
            guard missing > .zero else { return plan }
            // Ends, since the funds do: each round pays more or finds too little.
            extraFee += missing
        }
    }

    /// The least fee of a transaction of that weight: at the rate, and more than what it replaces (BIP 125, rules 3, 4).
    private func minimumFee(for weight: Weight) -> Satoshi {
        let fee = feeRate.relayFee(for: weight)
        guard let replacedFees else { return fee }
        return max(fee, replacedFees + policy.incrementalRate.relayFee(for: weight))
    }

    private mutating func compose(
        paying outputs: [TransactionOutput], extraFee: Satoshi
    ) throws(SpendError) -> SpendPlan {
        guard !optional.isEmpty else { return try composeOfRequired(paying: outputs) }
        let amount = outputs.reduce(Satoshi.zero) { $0 + $1.amount }
        let fixed = CoinSelection(coins: required.map(spendable))
        let candidates = optional.map(spendable)
        // One unit of weight less than four are lost to whole virtual bytes.
        let frame = TransactionFrame.weight(
            outputs: outputs, inputs: Weight(3), inputCount: required.count + optional.count)
        let frameFee = feeRate.feeRoundedUp(for: frame)
        let fee = fixed.coins.reduce(frameFee + extraFee) { $0 + $1.fee }
        let maximumInputs =
            Weight.maximumStandard.value
            - min(
                Weight.maximumStandard.value,
                (frame + fixed.weight + changePath.account.outputWeight).value)
        let goal = SelectionGoal(
            target: amount + fee - fixed.amount,
            changeFee: feeRate.feeRoundedUp(for: changePath.account.outputWeight),
            changeSpendFee: policy.longTermRate.feeRoundedUp(
                for: changePath.account.inputWeight),
            minimumChange: Dust.limit(for: changeScript),
            maximumInputWeight: Weight(maximumInputs))

        var chosen = fixed.coins
        var added = Satoshi.zero
        if goal.target > .zero {
            guard
                let selection = CoinSelector.select(
                    from: candidates, goal: goal, by: strategy, using: &generator)
            else {
                throw shortfall(
                    candidates, goal: goal, available: fixed.amount, needed: amount + fee)
            }
            chosen += selection.coins
            added = selection.effectiveValue
        }
        let change = goal.change(of: added)
        // Left over that is worth no output goes to the miner.
        return try assemble(chosen.map(\.coin), outputs, change: change)
    }

    /// Spends the required coins alone. Its weight is known, so that nothing is lost to rounding: what `sweep` gives to an
    /// output can be paid.
    private mutating func composeOfRequired(
        paying outputs: [TransactionOutput]
    ) throws(SpendError) -> SpendPlan {
        let total = required.reduce(Satoshi.zero) { $0 + $1.amount }
        let amount = outputs.reduce(Satoshi.zero) { $0 + $1.amount }
        let fee = minimumFee(for: weightOfRequired(with: outputs))
        guard total >= amount + fee else {
            throw .insufficientFunds(available: total, needed: amount + fee)
        }
        let change = TransactionOutput(amount: .zero, scriptPubKey: changeScript)
        let left = total - amount - minimumFee(for: weightOfRequired(with: outputs + [change]))
        let isWorthAnOutput = left >= Dust.limit(for: changeScript)
        return try assemble(required, outputs, change: isWorthAnOutput ? left : nil)
    }

    private func weightOfRequired(with outputs: [TransactionOutput]) -> Weight {
        TransactionFrame.weight(
            outputs: outputs,
            inputs: required.reduce(.zero) { $0 + $1.path.account.inputWeight },
            inputCount: required.count)
    }

    /// A transaction that spends all required coins and gives what is left to output `index` of `outputs`, whatever
    /// amount that has; `reserved` goes to change. `ancestors` wait with less than the rate, and are paid for.
    mutating func sweep(
        into index: Int, of outputs: [TransactionOutput], reserved: Satoshi = .zero,
        ancestors: UnconfirmedAncestors = UnconfirmedAncestors()
    ) throws(SpendError) -> SpendPlan {
        var outputs = outputs
        let total = required.reduce(Satoshi.zero) { $0 + $1.amount }
        let others = outputs.reduce(reserved) { $0 + $1.amount } - outputs[index].amount
        let change = TransactionOutput(amount: reserved, scriptPubKey: changeScript)
        let weight = weightOfRequired(with: outputs + (reserved > .zero ? [change] : []))
        let fee = max(
            minimumFee(for: weight),
            feeRate.relayFee(for: weight + ancestors.weight) - ancestors.fees)
        let left = total - fee - others
        let limit = Dust.limit(for: outputs[index].scriptPubKey)
        guard left >= limit else {
            throw .insufficientFunds(available: total, needed: fee + others + limit)
        }
        outputs[index].amount = left
        return try assemble(required, outputs, change: reserved > .zero ? reserved : nil)
    }

    func spendable(_ coin: Coin) -> SpendableCoin {
        SpendableCoin(coin, rate: feeRate, longTermRate: policy.longTermRate)
    }

    /// Why no choice of `candidates` reaches the goal, beside inputs that bring `available`.
    func shortfall(
        _ candidates: [SpendableCoin], goal: SelectionGoal, available: Satoshi, needed: Satoshi
    ) -> SpendError {
        let useful = CoinSelection(coins: candidates.filter { $0.effectiveValue > .zero })
        if useful.effectiveValue >= goal.target {
            return .tooLarge(useful.weight, maximum: goal.maximumInputWeight)
        }
        return .insufficientFunds(
            available: available + useful.effectiveValue, needed: needed)
    }

    private mutating func assemble(
        _ coins: [Coin], _ outputs: [TransactionOutput], change: Satoshi?
    ) throws(SpendError) -> SpendPlan {
        let coins = coins.shuffled(using: &generator)
        var outputs = outputs
        var changeOutput: SpendPlan.Change?
        if let change {
            let index = Int.random(in: 0...outputs.count, using: &generator)
            outputs.insert(
                TransactionOutput(amount: change, scriptPubKey: changeScript), at: index)
            changeOutput = .init(index: index, path: changePath)
        }
        let inputs = coins.map {
            TransactionInput(previousOutput: $0.outPoint, sequence: .replaceable)
        }
        let spent = coins.reduce(Satoshi.zero) { $0 + $1.amount }
        let plan = SpendPlan(
            transaction: Transaction(
                version: 2, inputs: inputs, outputs: outputs, lockTime: lockTime()),
            coins: coins, fee: spent - outputs.reduce(.zero) { $0 + $1.amount },
            change: changeOutput)
        guard plan.weight <= .maximumStandard else {
            throw .tooLarge(plan.weight, maximum: .maximumStandard)
        }
        try policy.check(fee: plan.fee)
        return plan
    }

    /// The height of the tip, so that a miner gains nothing from mining the tip again for this fee; now and then one
    /// further back, so that transactions that were held up do not stand out.
    private mutating func lockTime() -> LockTime {
        guard let tip, tip.value < LockTime.threshold else { return .none }
        let goesBack = Int.random(in: 0..<10, using: &generator) == 0
        let distance = goesBack ? UInt32.random(in: 0..<100, using: &generator) : 0
        return LockTime(tip.saturatingSubtract(distance).value)
    }
}

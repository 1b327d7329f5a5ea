import Bitcoin

/// A coin as a fee rate sees it.
struct SpendableCoin: Hashable, Sendable {
    let coin: Coin
    /// What spending it costs at the rate of the transaction.
    let fee: Satoshi
    /// What spending it would cost at the long-term rate.
    let longTermFee: Satoshi

    init(_ coin: Coin, rate: FeeratePerKw, longTermRate: FeeratePerKw) {
        self.coin = coin
        fee = rate.feeRoundedUp(for: coin.path.account.inputWeight)
        longTermFee = longTermRate.feeRoundedUp(for: coin.path.account.inputWeight)
    }

    /// What it adds to a transaction after the fee for spending it.
    var effectiveValue: Satoshi { coin.amount - fee }

    /// What is lost by spending it now and not in calmer times; negative where now is the time.
    var waste: Satoshi { fee - longTermFee }
}

/// What a selection of coins has to reach.
struct SelectionGoal: Hashable, Sendable {
    /// The outputs and the fee for everything but inputs and change.
    let target: Satoshi
    /// The fee for a change output.
    let changeFee: Satoshi
    /// The fee for spending that output later, at the long-term rate.
    let changeSpendFee: Satoshi
    /// The least change that gets an output; less goes to the miner.
    let minimumChange: Satoshi
    /// The most that the inputs may weigh.
    let maximumInputWeight: Weight

    /// What making change costs now and later.
    var changeCost: Satoshi { changeFee + changeSpendFee }

    /// The least sum that allows for change.
    var targetWithChange: Satoshi { target + changeFee + minimumChange }

    /// The change that remains of `sum`; nil where there is none.
    func change(of sum: Satoshi) -> Satoshi? {
        let change = sum - target - changeFee
        return change >= minimumChange ? change : nil
    }
}

/// Coins chosen for a transaction.
struct CoinSelection: Hashable, Sendable {
    let coins: [SpendableCoin]

    /// The sum of the coins after the fees for spending them.
    var effectiveValue: Satoshi { coins.reduce(.zero) { $0 + $1.effectiveValue } }

    /// The sum of the coins.
    var amount: Satoshi { coins.reduce(.zero) { $0 + $1.coin.amount } }

    /// What the inputs weigh.
    var weight: Weight { coins.reduce(.zero) { $0 + $1.coin.path.account.inputWeight } }

    /// What is lost against an ideal: spending at this rate and not at the long-term one, and making change or giving what
    /// is left over to the miner.
    func waste(for goal: SelectionGoal) -> Satoshi {
        let timing = coins.reduce(Satoshi.zero) { $0 + $1.waste }
        let sum = effectiveValue
        return timing + (goal.change(of: sum) != nil ? goal.changeCost : sum - goal.target)
    }

    /// Whether the coins pay for the goal within its weight.
    func reaches(_ goal: SelectionGoal) -> Bool {
        effectiveValue >= goal.target && weight <= goal.maximumInputWeight
    }
}

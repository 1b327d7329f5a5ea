import Bitcoin

/// Searches for coins that match the target so closely that no change is needed.
///
/// The search goes depth first over "with this coin" and "without it", largest coins first, and keeps the match with the
/// least waste. It ends after a number of steps that no set of coins makes longer than a few milliseconds.
struct BranchAndBound {
    static let maximumSteps = 100_000

    private let pool: [SpendableCoin]
    private let goal: SelectionGoal
    private var isChosen: [Bool] = []
    private var best: (chosen: [Bool], waste: Satoshi)?

    /// The coins must each have a positive effective value.
    init(_ coins: [SpendableCoin], goal: SelectionGoal) {
        pool = coins.sorted {
            ($1.effectiveValue, $0.coin.outPoint) < ($0.effectiveValue, $1.coin.outPoint)
        }
        self.goal = goal
    }

    /// The match with the least waste that was found; nil where there is none.
    static func select(from coins: [SpendableCoin], goal: SelectionGoal) -> CoinSelection? {
        var search = BranchAndBound(coins, goal: goal)
        return search.run()
    }

    private mutating func run() -> CoinSelection? {
        var available = pool.reduce(Satoshi.zero) { $0 + $1.effectiveValue }
        var sum = Satoshi.zero
        var waste = Satoshi.zero
        guard available >= goal.target else { return nil }
        // Where coins cost more now than later, a further coin never lowers the waste.
        let isExpensive = pool.first.map { $0.waste > .zero } ?? false

        for _ in 0..<Self.maximumSteps {
            let isHopeless =
                sum + available < goal.target || sum > goal.target + goal.changeCost
                || (isExpensive && best.map { waste > $0.waste } == true)
            let isMatch = !isHopeless && sum >= goal.target
            if isMatch { consider(waste: waste + sum - goal.target) }
            if isHopeless || isMatch {
                // Back to the last coin that is in, and on without it.
                while isChosen.last == false {
                    isChosen.removeLast()
                    available += pool[isChosen.count].effectiveValue
                }
                guard isChosen.last == true else { break }
                isChosen[isChosen.count - 1] = false
                sum -= pool[isChosen.count - 1].effectiveValue
                waste -= pool[isChosen.count - 1].waste
            } else {
                guard isChosen.count < pool.count else { break }
                let coin = pool[isChosen.count]
                available -= coin.effectiveValue
                // With the coin before left out, an equal one would only repeat what was tried.
                let repeats =
                    isChosen.last == false
                    && pool[isChosen.count - 1].effectiveValue == coin.effectiveValue
                    && pool[isChosen.count - 1].fee == coin.fee
                isChosen.append(!repeats)
                if !repeats {
                    sum += coin.effectiveValue
                    waste += coin.waste
                }
            }
        }
        return best.map { best in
            CoinSelection(coins: zip(pool, best.chosen).filter(\.1).map(\.0))
        }
    }

    private mutating func consider(waste: Satoshi) {
        if let best, best.waste < waste { return }
        let selection = CoinSelection(coins: zip(pool, isChosen).filter(\.1).map(\.0))
        if selection.weight <= goal.maximumInputWeight { best = (isChosen, waste) }
    }
}

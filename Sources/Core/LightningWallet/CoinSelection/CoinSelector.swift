import Bitcoin

/// Chooses the coins of a transaction: of what each way of choosing finds, that with the least waste.
enum CoinSelector {
    /// Coins for `goal`; nil where all together do not pay for it, or only by weighing too much.
    static func select(
        from coins: [SpendableCoin], goal: SelectionGoal, by strategy: CoinStrategy = .leastWaste,
        using generator: inout some RandomNumberGenerator
    ) -> CoinSelection? {
        let useful = coins.filter { $0.effectiveValue > .zero }
        switch strategy {
        case .leastWaste: break
        case .largest: return largestFirst(useful, goal: goal)
        case .random:
            let drawn = SingleRandomDraw.select(from: useful, goal: goal, using: &generator)
            guard let drawn, drawn.reaches(goal) else { return largestFirst(useful, goal: goal) }
            return drawn
        }
        let found = [
            BranchAndBound.select(from: useful, goal: goal),
            Knapsack.select(from: useful, goal: goal, using: &generator),
            SingleRandomDraw.select(from: useful, goal: goal, using: &generator),
        ]
        let reaching = found.compactMap { $0 }.filter { $0.reaches(goal) }
        let best = reaching.min { $0.waste(for: goal) < $1.waste(for: goal) }
        return best ?? largestFirst(useful, goal: goal)
    }

    /// The fewest coins that reach the goal: for sums with no useful change, and where the weight is short.
    private static func largestFirst(
        _ coins: [SpendableCoin], goal: SelectionGoal
    ) -> CoinSelection? {
        var chosen: [SpendableCoin] = []
        var sum = Satoshi.zero
        let ordered = coins.sorted {
            ($1.effectiveValue, $0.coin.outPoint) < ($0.effectiveValue, $1.coin.outPoint)
        }
        for coin in ordered {
            chosen.append(coin)
            sum += coin.effectiveValue
            guard sum >= goal.target else { continue }
            let selection = CoinSelection(coins: chosen)
            return selection.reaches(goal) ? selection : nil
        }
        return nil
    }
}

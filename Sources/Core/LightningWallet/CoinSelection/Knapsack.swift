import Bitcoin

/// Looks for the least sum that pays for the target and useful change, by random trials.
///
/// It uses up small coins, which the other ways leave behind.
enum Knapsack {
    private static let trials = 1000

    /// The best sum found; nil where all coins together are too few.
    static func select(
        from coins: [SpendableCoin], goal: SelectionGoal,
        using generator: inout some RandomNumberGenerator
    ) -> CoinSelection? {
        let target = goal.targetWithChange
        let ordered = coins.sorted {
            ($1.effectiveValue, $0.coin.outPoint) < ($0.effectiveValue, $1.coin.outPoint)
        }
        let smaller = ordered.filter { $0.effectiveValue < target }
        let leastLarger = ordered.last { $0.effectiveValue >= target }
        let total = smaller.reduce(Satoshi.zero) { $0 + $1.effectiveValue }
        guard total >= target else {
            return leastLarger.map { CoinSelection(coins: [$0]) }
        }
        let subset = approximate(smaller, target: target, using: &generator)
        if let leastLarger, leastLarger.effectiveValue <= subset.effectiveValue {
            return CoinSelection(coins: [leastLarger])
        }
        return subset
    }

    private static func approximate(
        _ coins: [SpendableCoin], target: Satoshi,
        using generator: inout some RandomNumberGenerator
    ) -> CoinSelection {
        var best = [Bool](repeating: true, count: coins.count)
        var bestSum = coins.reduce(Satoshi.zero) { $0 + $1.effectiveValue }
        for _ in 0..<trials where bestSum != target {
            var chosen = [Bool](repeating: false, count: coins.count)
            var sum = Satoshi.zero
            // A random half first, then the others, until the target is reached.
            for isSecondPass in [false, true] where sum < target {
                for index in coins.indices where !chosen[index] {
                    guard isSecondPass || Bool.random(using: &generator) else { continue }
                    chosen[index] = true
                    sum += coins[index].effectiveValue
                    guard sum >= target else { continue }
                    if sum < bestSum { (best, bestSum) = (chosen, sum) }
                    // Perhaps a smaller coin does as well as this one.
                    chosen[index] = false
                    sum -= coins[index].effectiveValue
                }
            }
        }
        return CoinSelection(coins: zip(coins, best).filter(\.1).map(\.0))
    }
}

import Bitcoin

/// Takes coins in random order until they pay for the target and useful change.
enum SingleRandomDraw {
    /// The coins drawn; nil where all together are too few.
    static func select(
        from coins: [SpendableCoin], goal: SelectionGoal,
        using generator: inout some RandomNumberGenerator
    ) -> CoinSelection? {
        var chosen: [SpendableCoin] = []
        var sum = Satoshi.zero
        let ordered = coins.sorted { $0.coin.outPoint < $1.coin.outPoint }
        for coin in ordered.shuffled(using: &generator) {
            chosen.append(coin)
            sum += coin.effectiveValue
            if sum >= goal.targetWithChange { return CoinSelection(coins: chosen) }
        }
        return nil
    }
}

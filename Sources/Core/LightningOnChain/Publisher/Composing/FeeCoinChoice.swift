import Bitcoin

/// The choice of coins that pay for a fee.
struct FeeCoinChoice {
    /// What can be chosen from; those in use are taken in any case.
    let coins: [FeeCoin]
    /// The transaction without coins, and with change.
    let frame: Weight
    /// What its other inputs bring beyond its other outputs.
    let surplus: Satoshi
    /// The least change.
    let dust: Satoshi
    let bounds: FeeBounds

    /// The coins of a transaction with the fee that it has with them.
    ///
    /// Few and small ones: each coin makes the transaction larger, and a large one is missed by others until it is mined.
    func choose() throws(CompositionFailure) -> (coins: [FeeCoin], fee: Satoshi) {
        var chosen = coins.filter(\.isInUse)
        var free = coins.filter { !$0.isInUse && isWorthItsWeight($0) }
            .sorted { ($0.output.amount, $0.outPoint) < ($1.output.amount, $1.outPoint) }
        while true {
            let weight = chosen.reduce(frame) { $0 + $1.inputWeight }
            let fee = try bounds.fee(for: weight)
            let sum = chosen.reduce(surplus) { $0 + $1.output.amount }
            let missing = fee + dust - sum
            if missing <= .zero { return (chosen, fee) }
            guard let index = next(of: free, missing: missing) else {
                throw .coinsMissing(missing)
            }
            chosen.append(free.remove(at: index))
        }
    }

    /// The smallest coin that leaves room for raising the fee, or that just suffices; the largest where none does.
    private func next(of free: [FeeCoin], missing: Satoshi) -> Int? {
        func first(reaching sum: Satoshi) -> Int? {
            free.firstIndex {
                $0.output.amount - bounds.rate.relayFee(for: $0.inputWeight) >= sum
            }
        }
        return first(reaching: missing + missing + missing) ?? first(reaching: missing)
            ?? free.indices.last
    }

    private func isWorthItsWeight(_ coin: FeeCoin) -> Bool {
        coin.output.amount > bounds.rate.relayFee(for: coin.inputWeight)
    }
}

import Bitcoin

/// How high the fee of a transaction has to be, and how high it may be.
struct FeeBounds {
    /// The rate to aim at.
    let rate: FeeratePerKw
    /// The least rate that mempools take.
    let minimum: FeeratePerKw
    /// The most that the fee may be.
    let limit: Satoshi
    /// What the transaction replaces; nil where it replaces nothing that may be mined.
    let replaced: (transaction: Transaction, fee: Satoshi)?
    /// By how much a replacement pays more, for its own size.
    let incrementalRate: FeeratePerKw
    /// An unconfirmed parent that is to be mined along.
    var parent: (weight: Weight, fee: Satoshi)?

    /// The fee of a transaction of that weight.
    ///
    /// Throws ``CompositionFailure/unaffordable(fee:limit:)`` where what mempools take is above the limit.
    func fee(for weight: Weight) throws(CompositionFailure) -> Satoshi {
        let least = max(share(of: weight, at: minimum), outbidding(weight))
        guard least <= limit else { throw .unaffordable(fee: least, limit: limit) }
        return min(max(share(of: weight, at: rate), least), limit)
    }

    /// What the transaction pays so that all that is offered together has that rate.
    private func share(of weight: Weight, at rate: FeeratePerKw) -> Satoshi {
        let alone = rate.relayFee(for: weight)
        guard let parent else { return alone }
        // The child has to stand by itself too, where the parent is in the mempool already.
        return max(
            rate.relayFee(for: parent.weight + weight) - parent.fee, minimum.relayFee(for: weight))
    }

    /// The least fee that replaces: all that the other pays and the own relay, at a higher rate (BIP 125, rules 3 and 4).
    private func outbidding(_ weight: Weight) -> Satoshi {
        guard let replaced else { return .zero }
        let rate = FeeratePerKvB(
            fee: replaced.fee, virtualSize: replaced.transaction.weight.virtualSize)
        return max(
            replaced.fee + incrementalRate.relayFee(for: weight),
            FeeratePerKvB(rate.value + 1).fee(for: weight.virtualSize))
    }
}

/// Why there is no transaction.
enum CompositionFailure: Error {
    case unaffordable(fee: Satoshi, limit: Satoshi)
    case coinsMissing(Satoshi)
    case unsigned(SignerFault)
}

import Bitcoin
import LightningCommitment

/// The fee rate of a publication as its deadline nears.
///
/// Far from the deadline it is the backend's estimate for half of the blocks that are left. Near it, estimates are not all:
/// each block that goes by without confirmation raises the last rate, by a quarter at first and to the double in the last
/// three blocks, which within ``PublisherPolicy/urgency`` blocks overcomes estimates that are too low by two orders of
/// magnitude, and pays no more than needed where they are right.
struct FeerateRamp {
    let policy: PublisherPolicy
    let estimates: FeeEstimates?
    let tip: BlockHeight
    let deadline: BlockHeight?

    /// The number of blocks that can still hold the transaction in time, at least 1: a deadline that has passed is no
    /// reason to give up. Nil without a deadline.
    var blocksLeft: UInt32? {
        deadline.map { UInt32(clamping: max($0 - tip, 1)) }
    }

    /// What the backend's estimates ask for.
    var estimate: FeeratePerKw {
        let target = blocksLeft.map { min(max($0 / 2, 1), policy.slowTarget) } ?? policy.slowTarget
        let rate = estimates?.feerate(within: target) ?? policy.fallbackRate
        return min(max(rate, minimum), policy.maximumRate)
    }

    /// The rate to offer next; nil where `offer` stands as it is.
    func next(after offer: Offer?) -> FeeratePerKw? {
        guard let offer else { return estimate }
        if Mutation.isOn(.neverRaiseFees) { return nil }
        let isNewBlock = offer.height < tip
        let isUrgent = blocksLeft.map { $0 <= policy.urgency } ?? false
        if offer.isRefused {
            guard isNewBlock || offer.round < policy.offersPerBlock else { return nil }
            // Who is outbid while there is time does not join an auction far above the market.
            let bound = isUrgent ? policy.maximumRate : estimate.multiplied(by: 4, over: 1)
            let rate = max(estimate, min(raised(offer.rate), bound, policy.maximumRate))
            return rate > offer.rate ? rate : nil
        }
        if isNewBlock, isUrgent {
            return min(max(estimate, raised(offer.rate)), policy.maximumRate)
        }
        // What may wait is not chased after every movement of the market, and nothing after a mere guess.
        let isDue = estimates != nil && (deadline != nil || tip - offer.height >= 6)
        let isWorthIt = isDue && UInt64(estimate.value) * 4 >= UInt64(offer.rate.value) * 5
        return isWorthIt ? estimate : nil
    }

    /// The least rate that mempools take.
    var minimum: FeeratePerKw { estimates?.minimum ?? .minimumRelay }

    private func raised(_ rate: FeeratePerKw) -> FeeratePerKw {
        switch blocksLeft {
        case nil: rate.multiplied(by: 5, over: 4)
        case let blocks? where blocks > 6: rate.multiplied(by: 5, over: 4)
        case let blocks? where blocks > 3: rate.multiplied(by: 3, over: 2)
        case .some: rate.multiplied(by: 2, over: 1)
        }
    }
}

extension FeeratePerKw {
    /// The rate times a fraction, rounded up beyond the next whole number, so that it grows.
    fileprivate func multiplied(by numerator: UInt64, over denominator: UInt64) -> FeeratePerKw {
        FeeratePerKw(UInt32(clamping: UInt64(value) * numerator / denominator + 1))
    }

    /// The rate that `fee` is for `weight`, rounded down.
    init(_ fee: Satoshi, for weight: Weight) {
        self.init(UInt32(clamping: UInt64(max(fee, .zero).value) * 1000 / max(weight.value, 1)))
    }
}

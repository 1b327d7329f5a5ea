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
        let isNewBlock = offer.height < tip
        if offer.isRefused {
            guard isNewBlock || offer.round < policy.offersPerBlock else { return nil }
            return min(max(estimate, raised(offer.rate)), policy.maximumRate)
        }
        if isNewBlock, let blocksLeft, blocksLeft <= policy.urgency {
            return min(max(estimate, raised(offer.rate)), policy.maximumRate)
        }
        // What may wait is not chased after every movement of the market.
        let isDue = deadline != nil || tip - offer.height >= 6
        let isWorthIt = isDue && UInt64(estimate.value) * 4 >= UInt64(offer.rate.value) * 5
        return isWorthIt ? estimate : nil
    }

    /// The least rate that mempools take.
    var minimum: FeeratePerKw { estimates?.minimum ?? .minimumRelay }

    private func raised(_ rate: FeeratePerKw) -> FeeratePerKw {
        let (numerator, denominator): (UInt64, UInt64) =
            switch blocksLeft {
            case nil: (5, 4)
            case let blocks? where blocks > 6: (5, 4)
            case let blocks? where blocks > 3: (3, 2)
            case .some: (2, 1)
            }
        return FeeratePerKw(UInt32(clamping: UInt64(rate.value) * numerator / denominator + 1))
    }
}

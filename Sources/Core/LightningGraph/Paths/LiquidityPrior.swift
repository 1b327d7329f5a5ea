/// How a channel's capacity is thought to lie between its two sides, as long as nothing was learnt about it.
///
/// F(x) is the chance that a direction holds less than the share x of the capacity; an amount passes with 1 - F.
public enum LiquidityPrior: Hashable, Sendable {
    /// Every split is as likely as any other: F(x) = x.
    case uniform
    /// Channels tend to be drained to one side: three quarters of the weight on a density that grows with the square of the
    /// distance from the middle, 12 (x - 1/2)², one quarter even: F(x) = x/4 + 3/4 (4 (x - 1/2)³ + 1/2).
    case bimodal

    /// Each table divides the capacity in that many steps.
    static let steps = 1024

    /// What is not known to fail is given one chance in 1,024, in 2^-32: a step of the table tells no lower ones apart.
    static let leastChance: UInt64 = 1 << 22

    /// F at each step, in 2^-32.
    var distribution: [UInt64] {
        switch self {
        case .uniform: Self.uniformTable
        case .bimodal: Self.bimodalTable
        }
    }

    /// -log2(1 - F) at each step, in 65,536ths: how many halvings of the chance a share costs.
    var halvings: [UInt64] {
        switch self {
        case .uniform: Self.uniformHalvings
        case .bimodal: Self.bimodalHalvings
        }
    }

    private static let uniformTable = (0...steps).map { UInt64($0) << 22 }

    private static let bimodalTable = (0...steps).map { step -> UInt64 in
        // With d = 2 (step - 512), 4 (x - 1/2)³ is 2 d³ in 2^-32.
        let distance = Int64(2 * step - steps)
        let bowl = UInt64((1 << 31) + 2 * distance * distance * distance)
        return (UInt64(step) << 22 + 3 * bowl) / 4
    }

    private static let uniformHalvings = halvings(of: uniformTable)
    private static let bimodalHalvings = halvings(of: bimodalTable)

    private static func halvings(of distribution: [UInt64]) -> [UInt64] {
        distribution.map { 32 << 16 - FixedPoint.log2(max(leastChance, 1 << 32 - $0)) }
    }

    /// F at a share, a fraction of 2^64, in 2^-32.
    func distribution(at share: UInt64) -> UInt64 {
        let table = distribution
        let step = Int(share >> 54)
        let rest = share >> 38 & 0xffff
        return table[step] + ((table[step + 1] - table[step]) * rest) >> 16
    }

    /// The chance, in 2^-32, that `amount` passes a direction that is known to hold `lower` and not to hold `upper`.
    func probability(
        of amount: UInt64, lower: UInt64, upper: UInt64, capacity: UInt64
    ) -> UInt64 {
        guard amount > lower else { return 1 << 32 }
        guard amount < upper, upper <= capacity + 1 else { return 0 }
        let all = distribution(at: FixedPoint.share(upper, of: capacity))
        let less = distribution(at: FixedPoint.share(amount, of: capacity))
        let least = lower == 0 ? 0 : distribution(at: FixedPoint.share(lower, of: capacity))
        guard all > least else { return 1 << 31 }
        return max(Self.leastChance, (((all - min(all, less)) << 31) / (all - least)) << 1)
    }
}

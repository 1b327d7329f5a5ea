/// How a network adjusts the target of its proof of work.
public struct DifficultyRules: Hashable, Sendable {
    /// The easiest target.
    public let limit: UInt256
    /// Whether a block more than twenty minutes after the last may have the easiest target (the test networks).
    public let allowsMinimumDifficulty: Bool
    /// Whether the target stays as it is at the end of a period (regtest).
    public let neverRetargets: Bool
    /// Whether BIP 94 holds: the period's first block keeps the true difficulty, and its time may not warp.
    public let enforcesBIP94: Bool

    /// The seconds between two blocks that the adjustment aims at.
    public static let targetSpacing: UInt32 = 600
    /// The number of blocks between two adjustments.
    public static let interval: UInt32 = 2016
    /// The seconds between two adjustments that the adjustment aims at: two weeks.
    public static let targetTimespan: UInt32 = targetSpacing * interval

    /// The easiest target in its compact form.
    public var limitBits: UInt32 { CompactTarget(rounding: limit).bits }

    /// The target after a period of `timespan` seconds under `target`, within a factor of four.
    public func retargeted(_ target: UInt256, timespan: Int64) -> UInt256 {
        let aim = Int64(DifficultyRules.targetTimespan)
        let bounded = UInt64(min(max(timespan, aim / 4), aim * 4))
        guard
            let product = target.multiplied(by: bounded),
            let next = product.divided(by: UInt64(DifficultyRules.targetTimespan))
        else { return limit }
        return min(next, limit)
    }
}

extension Network {
    /// How the network adjusts its difficulty.
    public var difficulty: DifficultyRules {
        switch self {
        case .mainnet: Network.rules(zeroBits: 32)
        case .testnet3: Network.rules(zeroBits: 32, allowsMinimum: true)
        case .testnet4: Network.rules(zeroBits: 32, allowsMinimum: true, enforcesBIP94: true)
        case .signet:
            DifficultyRules(
                limit: UInt256(0x377ae) << 216, allowsMinimumDifficulty: false,
                neverRetargets: false, enforcesBIP94: false)
        case .regtest: Network.rules(zeroBits: 1, allowsMinimum: true, neverRetargets: true)
        }
    }

    private static func rules(
        zeroBits: Int, allowsMinimum: Bool = false, neverRetargets: Bool = false,
        enforcesBIP94: Bool = false
    ) -> DifficultyRules {
        DifficultyRules(
            limit: UInt256.max >> zeroBits, allowsMinimumDifficulty: allowsMinimum,
            neverRetargets: neverRetargets, enforcesBIP94: enforcesBIP94)
    }
}

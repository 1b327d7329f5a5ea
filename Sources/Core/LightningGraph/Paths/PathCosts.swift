import LightningWire

/// What makes one route better than another: everything that is bad about it, in millisatoshi.
///
/// The cost of a direction is its fee, the risk of waiting for its blocks, what one more hop is worth avoiding, and what a
/// lower chance of success is worth avoiding. The last is counted in halvings of the chance, so that costs add up along a
/// path as chances multiply.
public struct PathCosts: Hashable, Sendable {
    /// What halving the chance of success costs: this, and a share of the amount.
    public var halvingBase: MilliSatoshi
    /// In millionths of the amount.
    public var halvingMillionths: UInt32
    /// What one more hop costs beyond its fee: this, and a share of the amount.
    public var hopBase: MilliSatoshi
    /// In millionths of the amount.
    public var hopMillionths: UInt32
    /// What a block of waiting costs, in thousand millionths of the amount.
    public var blockBillionths: UInt32
    public var prior: LiquidityPrior

    /// Costs of these weights. As they stand, a route of half the chance has to be 60 satoshi and 0.07 % cheaper.
    public init(
        halvingBase: MilliSatoshi = MilliSatoshi(60_000), halvingMillionths: UInt32 = 700,
        hopBase: MilliSatoshi = MilliSatoshi(500), hopMillionths: UInt32 = 10,
        blockBillionths: UInt32 = 15, prior: LiquidityPrior = .bimodal
    ) {
        self.halvingBase = halvingBase
        self.halvingMillionths = halvingMillionths
        self.hopBase = hopBase
        self.hopMillionths = hopMillionths
        self.blockBillionths = blockBillionths
        self.prior = prior
    }

    /// Costs that weigh the chance of success by another measure: from -100 for none of it over 0 for the same to 100 for
    /// little else.
    ///
    /// As lnd scales them for its `time_pref`: by (1 + t) / (1 - t).
    public func weighingSuccess(_ percent: Int8) -> PathCosts {
        let percent = min(max(Int64(percent), -100), 100)
        let (factor, divisor) = percent == 100 ? (1_000, 1) : (100 + percent, 100 - percent)
        func scaled(_ value: UInt64) -> UInt64 {
            let (product, overflow) = value.multipliedReportingOverflow(by: UInt64(factor))
            return overflow ? .max : product / UInt64(divisor)
        }
        var costs = self
        costs.halvingBase = MilliSatoshi(scaled(halvingBase.value))
        costs.halvingMillionths = UInt32(clamping: scaled(UInt64(halvingMillionths)))
        return costs
    }

    /// Costs by which the least fee wins.
    public static let fees = PathCosts(
        halvingBase: .zero, halvingMillionths: 0, hopBase: MilliSatoshi(1), hopMillionths: 0,
        blockBillionths: 0)

    /// Costs by which the fewest blocks win.
    static let blocks = PathCosts(
        halvingBase: .zero, halvingMillionths: 0, hopBase: MilliSatoshi(1), hopMillionths: 0,
        blockBillionths: 1_000_000)
}

/// The weights of ``PathCosts`` for one amount.
struct CostScale: Sendable {
    /// Millisatoshi for one halving of the chance.
    let halving: UInt64
    /// Millisatoshi for one hop.
    private(set) var hop: UInt64 = 0
    /// 65,536ths of a millisatoshi for one block.
    private(set) var block: UInt64 = 0
    let prior: LiquidityPrior
    /// What each step of a capacity costs, in millisatoshi.
    let table: [UInt64]

    init(_ costs: PathCosts, amount: MilliSatoshi) {
        let halving = Self.price(
            costs.halvingBase, UInt64(costs.halvingMillionths), of: amount, over: 1_000_000)
        self.halving = halving
        prior = costs.prior
        table = costs.prior.halvings.map { ($0 * halving) >> 16 }
        resize(costs, amount: amount)
    }

    /// Takes hops and blocks for a part of that amount; halvings stay those of the whole.
    mutating func resize(_ costs: PathCosts, amount: MilliSatoshi) {
        hop = Self.price(
            costs.hopBase, UInt64(costs.hopMillionths), of: amount, over: 1_000_000)
        block = Self.price(
            .zero, UInt64(costs.blockBillionths) << 16, of: amount, over: 1_000_000_000)
    }

    /// A base and a share of the amount, bounded so that no sum of them overflows: nobody gains by more than 2^43 msat.
    private static func price(
        _ base: MilliSatoshi, _ share: UInt64, of amount: MilliSatoshi, over whole: UInt64
    ) -> UInt64 {
        let limit: UInt64 = 1 << 43
        return min(base.value, limit)
            + min(FixedPoint.multiply(amount.value, share, over: whole), limit)
    }

    /// What the wait of `blocks` costs.
    @inline(__always) func wait(_ blocks: UInt16) -> UInt64 { (UInt64(blocks) &* block) >> 16 }

    /// What a chance, in 2^-32 and not 0, costs.
    func risk(_ probability: UInt64) -> UInt64 {
        ((32 << 16 - FixedPoint.log2(probability)) * halving) >> 16
    }

    /// What sending a share of an unknown channel's capacity costs.
    @inline(__always)
    static func risk(_ share: UInt64, _ table: UnsafePointer<UInt64>) -> UInt64 {
        let step = Int(truncatingIfNeeded: share >> 54)
        let (low, high) = (table[step], table[step + 1])
        return low &+ ((high &- low) &* (share >> 38 & 0xffff)) >> 16
    }
}

import Bitcoin

/// The rate that a full mempool asks for: it rises with each eviction and then halves every 12 hours, faster while the
/// mempool is emptier.
struct RollingMinimumFee: Sendable, Equatable {
    /// The rate with 16 binary places, in satoshi per 1,000 virtual bytes.
    private var scaled: UInt64 = 0
    private var lastUpdate: UInt32 = 0
    private var blockSinceBump = false
    private var isHeld = false

    private static let halfLife: UInt64 = 12 * 3600

    /// Notes that transactions of this rate had to go.
    mutating func evicted(at rate: FeeratePerKvB) {
        guard let rate = UInt64(exactly: rate.value), rate < 1 << 40 else { return }
        guard rate << 16 > scaled else { return }
        scaled = rate << 16
        blockSinceBump = false
    }

    /// Asks for this rate until it is told another: as long as others' transactions fill the mempool.
    mutating func hold(at rate: FeeratePerKvB) {
        guard let rate = UInt64(exactly: rate.value), rate < 1 << 40 else { return }
        scaled = rate << 16
        isHeld = rate > 0
    }

    /// Notes a block, after which the rate may fall.
    mutating func blockConnected(now: UInt32) {
        lastUpdate = now
        blockSinceBump = true
    }

    /// The rate at `now`, for a mempool that takes `usage` bytes of `limit`.
    mutating func rate(
        now: UInt32, usage: Int, limit: Int, increment: FeeratePerKvB
    ) -> FeeratePerKvB {
        guard blockSinceBump, !isHeld, scaled > 0 else { return current }
        if now > lastUpdate, now - lastUpdate > 10 {
            let halfLife = Self.halfLife / (usage < limit / 4 ? 4 : usage < limit / 2 ? 2 : 1)
            decay(seconds: UInt64(now - lastUpdate), halfLife: halfLife)
            lastUpdate = now
            if Int64(scaled) < increment.value << 15 {
                scaled = 0
                return .zero
            }
        }
        return max(current, increment)
    }

    private var current: FeeratePerKvB { FeeratePerKvB(Int64((scaled + 0x8000) >> 16)) }

    /// Multiplies by 2 to the power of minus `seconds / halfLife`, in fixed point.
    private mutating func decay(seconds: UInt64, halfLife: UInt64) {
        let halvings = seconds / halfLife
        guard halvings < 64 else {
            scaled = 0
            return
        }
        scaled >>= halvings
        var fraction = (seconds % halfLife) << 16 / halfLife
        for root in Self.roots {
            fraction <<= 1
            if fraction & 0x1_0000 != 0 {
                let product = scaled.multipliedFullWidth(by: root)
                scaled = product.high << 32 | product.low >> 32
            }
            fraction &= 0xffff
        }
    }

    /// 2 to the powers of minus 1/2, 1/4, 1/8 and so on, with 32 binary places.
    private static let roots: [UInt64] = [
        3_037_000_500, 3_611_622_603, 3_938_502_376, 4_112_874_773, 4_202_935_003, 4_248_701_965,
        4_271_771_996, 4_283_353_945, 4_289_156_690, 4_292_061_010, 4_293_513_907, 4_294_240_540,
        4_294_603_903, 4_294_785_595, 4_294_876_445, 4_294_921_870,
    ]
}

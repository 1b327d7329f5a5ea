/// A whole number below 2^64 in 32 bits: 26 of value and 6 of shift, rounded to one part in 33 million where it is large.
struct CompactAmount: Hashable, Sendable, BitwiseCopyable {
    private let bits: UInt32

    /// The greatest one that is not above `value`.
    init(roundingDown value: UInt64) {
        let shift = max(0, 64 - 26 - value.leadingZeroBitCount)
        bits = UInt32(value >> UInt64(shift)) << 6 | UInt32(shift)
    }

    /// The least one that is not below `value`; the greatest one of all past that.
    init(roundingUp value: UInt64) {
        let down = CompactAmount(roundingDown: value)
        guard down.value < value else {
            self = down
            return
        }
        let step = UInt64(1) << UInt64(down.bits & 63)
        let (next, isOver) = down.value.addingReportingOverflow(step)
        self = isOver ? down : CompactAmount(roundingDown: next)
    }

    /// The number.
    @inline(__always) var value: UInt64 { UInt64(bits >> 6) &<< UInt64(bits & 63) }
}

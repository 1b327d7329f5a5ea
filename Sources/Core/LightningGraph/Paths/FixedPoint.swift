/// Logarithms and shares in whole numbers, the same on every machine.
enum FixedPoint {
    /// The binary logarithm of `value`, at least 1, in 65,536ths, rounded down.
    static func log2(_ value: UInt64) -> UInt64 {
        let exponent = UInt64(63 - value.leadingZeroBitCount)
        // Between 1 and 2, in 2^-63. Each squaring gives one more bit of the logarithm.
        var mantissa = value << UInt64(value.leadingZeroBitCount)
        var bits = exponent
        for _ in 0..<16 {
            let square = mantissa.multipliedFullWidth(by: mantissa).high
            let isOver = square >> 63 == 1
            mantissa = isOver ? square : square << 1
            bits = bits << 1 | (isOver ? 1 : 0)
        }
        return bits
    }

    /// The part of `whole`, more than 0, that `part` is: as a fraction of 2^64, just below 1 where it is all or more.
    static func share(_ part: UInt64, of whole: UInt64) -> UInt64 {
        part >= whole ? .max : whole.dividingFullWidth((part, 0)).quotient
    }

    /// `value` times `factor` / 2^64, rounded down.
    static func scale(_ value: UInt64, by factor: UInt64) -> UInt64 {
        value.multipliedFullWidth(by: factor).high
    }

    /// `value` times `numerator` / `denominator`, rounded down; the greatest number where that does not fit.
    static func multiply(_ value: UInt64, _ numerator: UInt64, over denominator: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: numerator)
        guard product.high < denominator else { return .max }
        return denominator.dividingFullWidth(product).quotient
    }
}

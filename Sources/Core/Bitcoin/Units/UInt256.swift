/// A whole number below 2^256, for targets and sums of work. No operation wraps around unnoticed.
public struct UInt256: Hashable, Sendable, BitwiseCopyable {
    /// Sixty-four bits each, the least significant first.
    private var words: SIMD4<UInt64>

    private init(_ words: SIMD4<UInt64>) { self.words = words }

    /// A small number.
    public init(_ value: UInt64) { words = SIMD4(value, 0, 0, 0) }

    /// The number whose least significant byte is the first of `hash`, as Bitcoin reads block hashes.
    public init(littleEndian hash: Hash256) {
        words = SIMD4(repeating: 0)
        for index in 0..<4 {
            words[index] = hash.withUnsafeBytes {
                UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))
            }
        }
    }

    public static let zero = UInt256(0)
    /// 2^256 - 1.
    public static let max = UInt256(SIMD4(repeating: .max))

    /// The 32 bytes, least significant first.
    public var littleEndian: Hash256 {
        Hash256(unsafeFilling: { target in
            for index in 0..<4 {
                target.storeBytes(
                    of: words[index].littleEndian, toByteOffset: index * 8, as: UInt64.self)
            }
        })
    }

    /// The number of bits up to the highest one that is set: 0 to 256.
    public var bitWidth: Int {
        for index in (0..<4).reversed() where words[index] != 0 {
            return index * 64 + 64 - words[index].leadingZeroBitCount
        }
        return 0
    }

    /// The lowest 64 bits.
    public var lowWord: UInt64 { words[0] }

    /// The sum, or nil where it does not fit.
    public func adding(_ other: UInt256) -> UInt256? {
        var (sum, carry) = (self, UInt64(0))
        for index in 0..<4 {
            let (first, over) = words[index].addingReportingOverflow(other.words[index])
            let (second, again) = first.addingReportingOverflow(carry)
            sum.words[index] = second
            carry = over || again ? 1 : 0
        }
        return carry == 0 ? sum : nil
    }

    /// The difference, or nil where `other` is greater.
    public func subtracting(_ other: UInt256) -> UInt256? {
        var (difference, borrow) = (self, UInt64(0))
        for index in 0..<4 {
            let (first, under) = words[index].subtractingReportingOverflow(other.words[index])
            let (second, again) = first.subtractingReportingOverflow(borrow)
            difference.words[index] = second
            borrow = under || again ? 1 : 0
        }
        return borrow == 0 ? difference : nil
    }

    /// The product, or nil where it does not fit.
    public func multiplied(by factor: UInt64) -> UInt256? {
        var (product, carry) = (self, UInt64(0))
        for index in 0..<4 {
            let (high, low) = words[index].multipliedFullWidth(by: factor)
            let (sum, over) = low.addingReportingOverflow(carry)
            product.words[index] = sum
            carry = high + (over ? 1 : 0)
        }
        return carry == 0 ? product : nil
    }

    /// The quotient rounded down, or nil for a divisor of zero.
    public func divided(by divisor: UInt64) -> UInt256? {
        guard divisor != 0 else { return nil }
        var (quotient, rest) = (self, UInt64(0))
        for index in (0..<4).reversed() {
            (quotient.words[index], rest) = divisor.dividingFullWidth((rest, words[index]))
        }
        return quotient
    }

    /// The quotient rounded down, or nil for a divisor of zero.
    public func divided(by divisor: UInt256) -> UInt256? {
        guard divisor != .zero else { return nil }
        var (quotient, rest) = (UInt256.zero, self)
        let excess = bitWidth - divisor.bitWidth
        guard excess >= 0 else { return quotient }
        var shifted = divisor << excess
        for bit in (0...excess).reversed() {
            if let less = rest.subtracting(shifted) {
                rest = less
                quotient.words[bit / 64] |= 1 << UInt64(bit % 64)
            }
            shifted = shifted >> 1
        }
        return quotient
    }

    /// All bits the other way round: the greatest number less this one.
    public static prefix func ~ (value: UInt256) -> UInt256 { UInt256(~value.words) }

    /// The bits moved up by `count`, 0 to 255; those moved past the top are lost.
    public static func << (value: UInt256, count: Int) -> UInt256 {
        var result = UInt256.zero
        let (skip, bits) = (count / 64, UInt64(count % 64))
        for index in skip..<4 {
            result.words[index] = value.words[index - skip] << bits
            if bits > 0, index > skip {
                result.words[index] |= value.words[index - skip - 1] >> (64 - bits)
            }
        }
        return result
    }

    /// The bits moved down by `count`, 0 to 255; those moved past the bottom are lost.
    public static func >> (value: UInt256, count: Int) -> UInt256 {
        var result = UInt256.zero
        let (skip, bits) = (count / 64, UInt64(count % 64))
        for index in 0..<(4 - skip) {
            result.words[index] = value.words[index + skip] >> bits
            if bits > 0, index + skip < 3 {
                result.words[index] |= value.words[index + skip + 1] << (64 - bits)
            }
        }
        return result
    }
}

extension UInt256: Comparable {
    public static func < (left: UInt256, right: UInt256) -> Bool {
        for index in (0..<4).reversed() where left.words[index] != right.words[index] {
            return left.words[index] < right.words[index]
        }
        return false
    }
}

extension UInt256: CustomStringConvertible {
    /// Sixty-four hexadecimal digits.
    public var description: String { littleEndian.reversed.hex }
}

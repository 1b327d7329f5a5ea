/// A target of proof of work in the four bytes of a header: an exponent of 256 and three digits, like a floating-point number.
public struct CompactTarget: Hashable, Sendable, BitwiseCopyable {
    /// The number as it stands in a header.
    public let bits: UInt32

    /// The compact form `bits`, valid or not.
    public init(bits: UInt32) { self.bits = bits }

    /// The greatest compact target that is at most `target`.
    public init(rounding target: UInt256) {
        var size = UInt32((target.bitWidth + 7) / 8)
        var digits =
            size <= 3
            ? UInt32(truncatingIfNeeded: target.lowWord) << (8 * (3 - size))
            : UInt32(truncatingIfNeeded: (target >> (8 * (Int(size) - 3))).lowWord)
        // The top bit of the digits is a sign: make room for it.
        if digits & 0x0080_0000 != 0 {
            digits >>= 8
            size += 1
        }
        bits = size << 24 | digits
    }

    /// The target itself; nil where it is negative, zero or does not fit 256 bits.
    public var target: UInt256? {
        let size = Int(bits >> 24)
        let digits = bits & 0x007f_ffff
        guard digits != 0, bits & 0x0080_0000 == 0 else { return nil }
        if size <= 3 {
            let value = digits >> (8 * UInt32(3 - size))
            return value == 0 ? nil : UInt256(UInt64(value))
        }
        let width = 32 - digits.leadingZeroBitCount
        guard width + 8 * (size - 3) <= 256 else { return nil }
        return UInt256(UInt64(digits)) << (8 * (size - 3))
    }

    /// How often one hash of 2^256 has to be tried, on average, to meet the target; zero for an invalid one.
    public var work: ChainWork {
        // 2^256 / (target + 1), which is ~target / (target + 1) + 1.
        guard let target, let next = target.adding(UInt256(1)),
            let work = (~target).divided(by: next)?.adding(UInt256(1))
        else { return .zero }
        return ChainWork(work)
    }
}

/// The number of hashes that a chain of blocks has cost on average: the chain with the most of it counts.
public struct ChainWork: Hashable, Comparable, Sendable, BitwiseCopyable {
    /// The number of hashes.
    public let value: UInt256

    /// Work of `value` hashes.
    public init(_ value: UInt256) { self.value = value }

    public static let zero = ChainWork(.zero)

    public static func < (left: ChainWork, right: ChainWork) -> Bool { left.value < right.value }

    /// The work of both; stays at the greatest number where that is reached, which takes 2^256 hashes.
    public static func + (left: ChainWork, right: ChainWork) -> ChainWork {
        ChainWork(left.value.adding(right.value) ?? .max)
    }
}

extension ChainWork: CustomStringConvertible {
    /// Sixty-four hexadecimal digits, as bitcoind prints it.
    public var description: String { value.description }
}

extension BlockHeader {
    /// The target that the header claims.
    public var compactTarget: CompactTarget { CompactTarget(bits: bits) }

    /// The work that the header claims to prove.
    public var work: ChainWork { compactTarget.work }

    /// Whether the hash of the header is a number at most the target that it claims, and that is one of `network`.
    public func hasProofOfWork(on network: Network) -> Bool {
        guard let target = compactTarget.target, target <= network.difficulty.limit else {
            return false
        }
        return UInt256(littleEndian: hash.hash) <= target
    }
}

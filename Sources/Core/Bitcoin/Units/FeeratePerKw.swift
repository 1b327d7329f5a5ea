/// A fee rate in satoshi per 1,000 weight units, the unit of the Lightning protocol.
///
/// 250 sat/kw is 1 sat/vB. Converting from the coarser units that people and bitcoind use is exact.
public struct FeeratePerKw: Hashable, Comparable, Sendable, BitwiseCopyable {
    /// The number of satoshi per 1,000 weight units.
    public let value: UInt32

    /// A rate of `value` sat/kw.
    @inlinable public init(_ value: UInt32) { self.value = value }

    /// The least that nodes relay by default since 2013: 1 sat/vB, rounded up as BOLT 3's 253 is, so that no
    /// rounding of weights ends below it.
    public static let minimumRelay = FeeratePerKw(253)

    /// A rate of `rate` sat/vB; nil past 2^32 sat/kw.
    public init?(satoshiPerVirtualByte rate: UInt64) {
        let (product, overflow) = rate.multipliedReportingOverflow(by: 250)
        guard !overflow, let value = UInt32(exactly: product) else { return nil }
        self.value = value
    }

    /// A rate of `rate` satoshi per 1,000 virtual bytes, rounded up; nil past 2^32 sat/kw.
    public init?(satoshiPerKilovirtualByte rate: UInt64) {
        let quotient = rate / 4 + (rate % 4 == 0 ? 0 : 1)
        guard let value = UInt32(exactly: quotient) else { return nil }
        self.value = value
    }

    /// The rate in satoshi per 1,000 virtual bytes.
    @inlinable public var satoshiPerKilovirtualByte: UInt64 { UInt64(value) * 4 }

    /// The fee for `weight`, rounded down as BOLT 3 does. Traps past 2^63 satoshi.
    @inlinable public func fee(for weight: Weight) -> Satoshi {
        Satoshi(Int64(UInt64(value) * weight.value / 1000))
    }

    /// The fee for `weight`, rounded up, so that the rate is never below this one. Traps past 2^63 satoshi.
    @inlinable public func feeRoundedUp(for weight: Weight) -> Satoshi {
        Satoshi(Int64((UInt64(value) * weight.value + 999) / 1000))
    }

    /// The fee at which nodes see at least this rate for a transaction of `weight`: they count whole virtual bytes.
    public func relayFee(for weight: Weight) -> Satoshi {
        feeRoundedUp(for: Weight(virtualBytes: weight.virtualSize))
    }

    @inlinable public static func < (left: FeeratePerKw, right: FeeratePerKw) -> Bool {
        left.value < right.value
    }
}

extension FeeratePerKw: CustomStringConvertible {
    public var description: String { "\(value) sat/kw" }
}

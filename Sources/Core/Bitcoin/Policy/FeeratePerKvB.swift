/// A fee rate in satoshi per 1,000 virtual bytes, the unit of relay policy.
public struct FeeratePerKvB: Hashable, Comparable, Sendable, BitwiseCopyable {
    /// The number of satoshi per 1,000 virtual bytes.
    public let value: Int64

    /// A rate of `value` sat/kvB.
    public init(_ value: Int64) { self.value = value }

    /// The rate that `fee` is for `virtualSize`, rounded down; zero where the size is.
    public init(fee: Satoshi, virtualSize: UInt64) {
        guard virtualSize > 0 else {
            value = 0
            return
        }
        let (product, overflow) = fee.value.multipliedReportingOverflow(by: 1000)
        value = overflow ? (fee.value < 0 ? .min : .max) : product / Int64(virtualSize)
    }

    /// No fee at all.
    public static let zero = FeeratePerKvB(0)

    /// The fee for `virtualSize`, rounded up. Traps past 2^63 satoshi.
    public func fee(for virtualSize: UInt64) -> Satoshi {
        Satoshi((value * Int64(virtualSize) + 999) / 1000)
    }

    public static func < (left: FeeratePerKvB, right: FeeratePerKvB) -> Bool {
        left.value < right.value
    }

    /// The sum of two rates; traps past 2^63.
    public static func + (left: FeeratePerKvB, right: FeeratePerKvB) -> FeeratePerKvB {
        FeeratePerKvB(left.value + right.value)
    }
}

extension FeeratePerKvB: CustomStringConvertible {
    /// As Bitcoin Core prints it: `0.00001000 BTC/kvB`.
    public var description: String { "\(Satoshi(value).bitcoinText) BTC/kvB" }
}

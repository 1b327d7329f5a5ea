/// An amount of bitcoin in satoshi, a hundred-millionth of a bitcoin.
///
/// Signed, as consensus has it: what a transaction claims may be negative or absurd until it is checked with
/// ``isValidOutputAmount``. The operators trap on overflow, which no pair of valid amounts can cause; for amounts from
/// outside use ``adding(_:)`` and ``sum(_:)``.
public struct Satoshi: Hashable, Comparable, Sendable, BitwiseCopyable {
    /// The number of satoshi.
    public let value: Int64

    /// An amount of `value` satoshi.
    @inlinable public init(_ value: Int64) { self.value = value }

    public static let zero = Satoshi(0)

    /// All bitcoin that can ever exist: 21 million.
    public static let maximumMoney = Satoshi(2_100_000_000_000_000)

    /// Whether consensus allows this amount in an output: 0 to 21 million bitcoin.
    @inlinable public var isValidOutputAmount: Bool {
        self >= .zero && self <= .maximumMoney
    }

    @inlinable public static func < (left: Satoshi, right: Satoshi) -> Bool {
        left.value < right.value
    }

    @inlinable public static func + (left: Satoshi, right: Satoshi) -> Satoshi {
        Satoshi(left.value + right.value)
    }

    @inlinable public static func - (left: Satoshi, right: Satoshi) -> Satoshi {
        Satoshi(left.value - right.value)
    }

    @inlinable public static func += (left: inout Satoshi, right: Satoshi) { left = left + right }

    @inlinable public static func -= (left: inout Satoshi, right: Satoshi) { left = left - right }

    @inlinable public static prefix func - (amount: Satoshi) -> Satoshi { Satoshi(-amount.value) }

    /// The sum, or nil where it does not fit 64 bits.
    @inlinable public func adding(_ other: Satoshi) -> Satoshi? {
        let (sum, overflow) = value.addingReportingOverflow(other.value)
        return overflow ? nil : Satoshi(sum)
    }

    /// The sum of amounts each of which, and whose total, consensus allows; nil otherwise.
    public static func sum(_ amounts: some Sequence<Satoshi>) -> Satoshi? {
        var total = Satoshi.zero
        for amount in amounts {
            guard amount.isValidOutputAmount else { return nil }
            total += amount
            guard total.isValidOutputAmount else { return nil }
        }
        return total
    }
}

extension Satoshi: CustomStringConvertible {
    /// The number and its unit, as in `1500 sat`.
    public var description: String { "\(value) sat" }
}

import Bitcoin

/// An amount in thousandths of a satoshi, the unit of payments.
///
/// The operators trap on overflow and below zero, which amounts that were checked cannot cause; for amounts from outside
/// use ``adding(_:)``, ``subtracting(_:)`` and ``isValid``.
public struct MilliSatoshi: Hashable, Comparable, Sendable, BitwiseCopyable {
    /// The number of millisatoshi.
    public let value: UInt64

    /// An amount of `value` millisatoshi.
    @inlinable public init(_ value: UInt64) { self.value = value }

    /// The same amount in the finer unit; traps where `amount` is negative.
    @inlinable public init(_ amount: Satoshi) { value = UInt64(amount.value) * 1000 }

    public static let zero = MilliSatoshi(0)

    /// All bitcoin that can ever exist. BOLT 1: "milli-satoshi amounts MUST be at most `0x1d24b2dfac520000`".
    public static let maximumMoney = MilliSatoshi(0x1d24_b2df_ac52_0000)

    /// Whether the amount is at most all bitcoin that can exist.
    @inlinable public var isValid: Bool { self <= .maximumMoney }

    /// The whole satoshi in this amount; the rest, below one, is dropped.
    @inlinable public var roundedDown: Satoshi { Satoshi(Int64(value / 1000)) }

    /// The least number of whole satoshi that is not below this amount.
    @inlinable public var roundedUp: Satoshi {
        Satoshi(Int64(value / 1000 + (value % 1000 == 0 ? 0 : 1)))
    }

    @inlinable public static func < (left: MilliSatoshi, right: MilliSatoshi) -> Bool {
        left.value < right.value
    }

    @inlinable public static func + (left: MilliSatoshi, right: MilliSatoshi) -> MilliSatoshi {
        MilliSatoshi(left.value + right.value)
    }

    @inlinable public static func - (left: MilliSatoshi, right: MilliSatoshi) -> MilliSatoshi {
        MilliSatoshi(left.value - right.value)
    }

    @inlinable public static func += (left: inout MilliSatoshi, right: MilliSatoshi) {
        left = left + right
    }

    @inlinable public static func -= (left: inout MilliSatoshi, right: MilliSatoshi) {
        left = left - right
    }

    /// The sum, or nil where it does not fit 64 bits.
    @inlinable public func adding(_ other: MilliSatoshi) -> MilliSatoshi? {
        let (sum, overflow) = value.addingReportingOverflow(other.value)
        return overflow ? nil : MilliSatoshi(sum)
    }

    /// The difference, or nil where it would be below zero.
    @inlinable public func subtracting(_ other: MilliSatoshi) -> MilliSatoshi? {
        value >= other.value ? MilliSatoshi(value - other.value) : nil
    }
}

extension MilliSatoshi: CustomStringConvertible {
    /// The number and its unit, as in `1500 msat`.
    public var description: String { "\(value) msat" }
}

extension MilliSatoshi: WireValue {
    public static var wireName: StaticString { "u64" }
    public static var blank: MilliSatoshi { .zero }

    public init(fromWire reader: inout ByteReader) throws(DecodeError) {
        self.init(try reader.readBigEndian())
    }

    public func write(toWire writer: inout ByteWriter) { writer.writeBigEndian(value) }
}

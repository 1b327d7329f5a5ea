import Bitcoin

/// One pass over the fields of a message: reading them, writing them, or listing their layout.
///
/// A message lists its fields once, in ``LightningMessage/code(_:)``; what happens to each is the coder's affair. Names are
/// those of the specification's tables, so that a test can hold the list against them.
public protocol FieldCoder {
    /// A value of a fixed encoding.
    mutating func field<V: WireValue>(
        _ name: StaticString, _ value: inout V
    ) throws(WireError)

    /// A number that may be negative, eight bytes in two's complement.
    mutating func signed(_ name: StaticString, _ value: inout Satoshi) throws(WireError)

    /// A number without leading zero bytes that fills the rest of a record.
    mutating func truncated<V: FixedWidthInteger & UnsignedInteger & Sendable>(
        _ name: StaticString, _ value: inout V
    ) throws(WireError)

    /// A BigSize.
    mutating func bigSize(_ name: StaticString, _ value: inout UInt64) throws(WireError)

    /// `count` bytes.
    mutating func bytes(
        _ name: StaticString, count: Int, _ value: inout [UInt8]
    ) throws(WireError)

    /// Two bytes that hold a length, and that many bytes.
    mutating func bytes(
        _ name: StaticString, length: StaticString, _ value: inout [UInt8]
    ) throws(WireError)

    /// All bytes that are left.
    mutating func remainingBytes(_ name: StaticString, _ value: inout [UInt8]) throws(WireError)

    /// Two bytes that hold a count, and that many values.
    mutating func list<V: WireValue>(
        _ name: StaticString, count: StaticString, _ values: inout [V]
    ) throws(WireError)

    /// Exactly `count` values.
    mutating func list<V: WireValue>(
        _ name: StaticString, count: Int, _ values: inout [V]
    ) throws(WireError)

    /// Values to the end.
    mutating func remainingList<V: WireValue>(
        _ name: StaticString, _ values: inout [V]
    ) throws(WireError)

    /// The TLV stream that ends the message.
    mutating func stream<T: TLVStream>(_ value: inout T) throws(WireError)
}

import Bitcoin

/// Writes fields to bytes.
///
/// Lengths that do not fit their two bytes are a mistake of the caller, which no input from outside can cause: a message
/// that came in fits, and what the node builds itself is bounded.
public struct WireEncoder: FieldCoder {
    private var writer: ByteWriter

    /// Starts with `capacity` bytes reserved.
    public init(capacity: Int = 64) {
        writer = ByteWriter(capacity: capacity)
    }

    /// What has been written so far.
    public var bytes: [UInt8] { writer.bytes }

    public mutating func field<V: WireValue>(
        _ name: StaticString, _ value: inout V
    ) throws(WireError) {
        value.write(toWire: &writer)
    }

    public mutating func signed(_ name: StaticString, _ value: inout Satoshi) throws(WireError) {
        writer.writeBigEndian(value.value)
    }

    public mutating func truncated<V: FixedWidthInteger & UnsignedInteger & Sendable>(
        _ name: StaticString, _ value: inout V
    ) throws(WireError) {
        var big = ByteWriter()
        big.writeBigEndian(UInt64(value))
        writer.write(big.bytes.drop { $0 == 0 })
    }

    public mutating func bigSize(_ name: StaticString, _ value: inout UInt64) throws(WireError) {
        writer.writeBigSize(value)
    }

    public mutating func bytes(
        _ name: StaticString, count: Int, _ value: inout [UInt8]
    ) throws(WireError) {
        precondition(value.count == count, "\(name) has \(count) bytes")
        writer.write(value)
    }

    public mutating func bytes(
        _ name: StaticString, length: StaticString, _ value: inout [UInt8]
    ) throws(WireError) {
        writeCount(value.count, name)
        writer.write(value)
    }

    public mutating func remainingBytes(
        _ name: StaticString, _ value: inout [UInt8]
    ) throws(WireError) {
        writer.write(value)
    }

    public mutating func list<V: WireValue>(
        _ name: StaticString, count: StaticString, _ values: inout [V]
    ) throws(WireError) {
        writeCount(values.count, name)
        for value in values { value.write(toWire: &writer) }
    }

    public mutating func list<V: WireValue>(
        _ name: StaticString, count: Int, _ values: inout [V]
    ) throws(WireError) {
        precondition(values.count == count, "\(name) has \(count) values")
        for value in values { value.write(toWire: &writer) }
    }

    public mutating func remainingList<V: WireValue>(
        _ name: StaticString, _ values: inout [V]
    ) throws(WireError) {
        for value in values { value.write(toWire: &writer) }
    }

    public mutating func stream<T: TLVStream>(_ value: inout T) throws(WireError) {
        writer.write(value.encoded)
    }

    private mutating func writeCount(_ count: Int, _ name: StaticString) {
        guard let short = UInt16(exactly: count) else {
            preconditionFailure("\(name) fits a message")
        }
        writer.writeBigEndian(short)
    }
}

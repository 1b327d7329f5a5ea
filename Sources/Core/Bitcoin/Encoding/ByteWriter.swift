/// Bytes under construction.
public struct ByteWriter: Sendable {
    /// What has been written so far.
    public var bytes: [UInt8]

    /// Starts empty, with room for `capacity` bytes.
    @inlinable
    public init(capacity: Int = 0) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    /// Appends an integer, least significant byte first.
    @inlinable
    public mutating func writeLittleEndian<T: FixedWidthInteger & BitwiseCopyable>(_ value: T) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// Appends an integer, most significant byte first.
    @inlinable
    public mutating func writeBigEndian<T: FixedWidthInteger & BitwiseCopyable>(_ value: T) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// Appends an integer in as few bytes as it needs, most significant byte first; none for zero.
    @inlinable
    public mutating func writeShort(_ value: UInt64) {
        let count = Self.shortLength(value)
        withUnsafeBytes(of: value.bigEndian) {
            bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: $0[(8 - count)...]))
        }
    }

    /// The number of bytes that an integer needs: 0 to 8.
    @inlinable
    public static func shortLength(_ value: UInt64) -> Int {
        (UInt64.bitWidth - value.leadingZeroBitCount + 7) / 8
    }

    /// Appends one byte.
    @inlinable
    public mutating func writeByte(_ byte: UInt8) {
        bytes.append(byte)
    }

    /// Appends bytes as they are.
    @inlinable
    public mutating func write(_ other: some Sequence<UInt8>) {
        bytes.append(contentsOf: other)
    }

    /// Appends 32 bytes in their order on the wire.
    @inlinable
    public mutating func write(_ hash: Hash256) {
        withUnsafeBytes(of: hash) { bytes.append(contentsOf: $0) }
    }

    /// Appends a compact size in its shortest form.
    @inlinable
    public mutating func writeCompactSize(_ value: Int) {
        switch value {
        case ..<0xfd: writeByte(UInt8(value))
        case ...0xffff:
            writeByte(0xfd)
            writeLittleEndian(UInt16(value))
        case ...0xffff_ffff:
            writeByte(0xfe)
            writeLittleEndian(UInt32(value))
        default:
            writeByte(0xff)
            writeLittleEndian(UInt64(value))
        }
    }

    /// Appends the compact size of `bytes` and the bytes.
    @inlinable
    public mutating func writeVariableBytes(_ bytes: [UInt8]) {
        writeCompactSize(bytes.count)
        write(bytes)
    }

    /// The number of bytes that the compact size of `value` takes: 1, 3, 5 or 9.
    @inlinable
    public static func compactSizeLength(_ value: Int) -> Int {
        switch value {
        case ..<0xfd: 1
        case ...0xffff: 3
        case ...0xffff_ffff: 5
        default: 9
        }
    }
}

import Bitcoin

/// BOLT 1: "bigsize: a variable-length, unsigned integer similar to Bitcoin's CompactSize encoding, but big-endian."
extension ByteReader {
    /// Reads a BigSize, which must be in its shortest form.
    ///
    /// Throws ``DecodeError/nonCanonicalLength(value:)`` where a shorter form exists.
    @inlinable
    @_lifetime(self: copy self)
    public mutating func readBigSize() throws(DecodeError) -> UInt64 {
        let first = try readByte()
        let value: UInt64
        let minimum: UInt64
        switch first {
        case 0xfd: (value, minimum) = (UInt64(try readBigEndian(UInt16.self)), 0xfd)
        case 0xfe: (value, minimum) = (UInt64(try readBigEndian(UInt32.self)), 0x1_0000)
        case 0xff: (value, minimum) = (try readBigEndian(UInt64.self), 0x1_0000_0000)
        default: (value, minimum) = (UInt64(first), 0)
        }
        guard value >= minimum else { throw .nonCanonicalLength(value: value) }
        return value
    }
}

extension ByteWriter {
    /// Appends a BigSize in its shortest form.
    @inlinable
    public mutating func writeBigSize(_ value: UInt64) {
        switch value {
        case ..<0xfd: writeByte(UInt8(value))
        case ...0xffff:
            writeByte(0xfd)
            writeBigEndian(UInt16(value))
        case ...0xffff_ffff:
            writeByte(0xfe)
            writeBigEndian(UInt32(value))
        default:
            writeByte(0xff)
            writeBigEndian(value)
        }
    }
}

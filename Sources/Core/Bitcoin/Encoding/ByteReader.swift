/// A cursor over borrowed bytes that never reads past their end.
///
/// Reading costs no allocation except for what the caller keeps. Every method throws
/// ``DecodeError/truncated(needed:available:)`` and leaves the position unchanged where the bytes run out.
public struct ByteReader: ~Escapable {
    @usableFromInline let span: RawSpan
    @usableFromInline var offset: Int

    /// Starts at the first byte of `span`.
    @inlinable
    @_lifetime(copy span)
    public init(_ span: RawSpan) {
        self.span = span
        self.offset = 0
    }

    /// The offset of the next byte, from the start of the input.
    @inlinable public var position: Int { offset }

    /// The number of bytes not read yet.
    @inlinable public var remaining: Int { span.byteCount - position }

    /// Whether all bytes have been read.
    @inlinable public var isAtEnd: Bool { remaining == 0 }

    @inlinable
    @_lifetime(self: copy self)
    mutating func advance(_ count: Int) throws(DecodeError) -> Int {
        guard count >= 0, count <= remaining else {
            throw .truncated(needed: count, available: remaining)
        }
        defer { offset += count }
        return offset
    }

    /// Reads an integer whose first byte is the least significant, as Bitcoin's formats do.
    @inlinable
    @_lifetime(self: copy self)
    public mutating func readLittleEndian<T: FixedWidthInteger & BitwiseCopyable>(
        _ type: T.Type = T.self
    ) throws(DecodeError) -> T {
        let start = try advance(MemoryLayout<T>.size)
        return T(littleEndian: span.unsafeLoadUnaligned(fromByteOffset: start, as: T.self))
    }

    /// Reads an integer whose first byte is the most significant, as Lightning's formats do.
    @inlinable
    @_lifetime(self: copy self)
    public mutating func readBigEndian<T: FixedWidthInteger & BitwiseCopyable>(
        _ type: T.Type = T.self
    ) throws(DecodeError) -> T {
        let start = try advance(MemoryLayout<T>.size)
        return T(bigEndian: span.unsafeLoadUnaligned(fromByteOffset: start, as: T.self))
    }

    /// Reads one byte.
    @inlinable
    @_lifetime(self: copy self)
    public mutating func readByte() throws(DecodeError) -> UInt8 {
        let start = try advance(1)
        return span.unsafeLoad(fromByteOffset: start, as: UInt8.self)
    }

    /// Reads `count` bytes into an array of their own.
    @inlinable
    @_lifetime(self: copy self)
    public mutating func readBytes(_ count: Int) throws(DecodeError) -> [UInt8] {
        let start = try advance(count)
        return span.extracting(start..<start + count).withUnsafeBytes { Array($0) }
    }

    /// Reads all bytes that are left.
    @inlinable
    @_lifetime(self: copy self)
    public mutating func readRemainingBytes() throws(DecodeError) -> [UInt8] {
        try readBytes(remaining)
    }

    /// Reads 32 bytes in their order on the wire.
    @inlinable
    @_lifetime(self: copy self)
    public mutating func readHash256() throws(DecodeError) -> Hash256 {
        let start = try advance(32)
        return span.unsafeLoadUnaligned(fromByteOffset: start, as: Hash256.self)
    }

    /// Skips `count` bytes.
    @inlinable
    @_lifetime(self: copy self)
    public mutating func skip(_ count: Int) throws(DecodeError) {
        _ = try advance(count)
    }

    /// The next `count` bytes, borrowed, without moving on.
    @inlinable
    @_lifetime(copy self)
    public func peek(_ count: Int) throws(DecodeError) -> RawSpan {
        guard count >= 0, count <= remaining else {
            throw .truncated(needed: count, available: remaining)
        }
        return span.extracting(position..<position + count)
    }

    /// Reads a compact size, which must be in its shortest form and at most `limit`.
    ///
    /// The default limit is that of Bitcoin's network serialisation, 32 MiB.
    @inlinable
    @_lifetime(self: copy self)
    public mutating func readCompactSize(
        field: StaticString = "length", limit: UInt64 = 0x0200_0000
    ) throws(DecodeError) -> Int {
        let start = position
        do throws(DecodeError) {
            let first = try readByte()
            let value: UInt64
            let minimum: UInt64
            switch first {
            case 0xfd: (value, minimum) = (UInt64(try readLittleEndian(UInt16.self)), 0xfd)
            case 0xfe: (value, minimum) = (UInt64(try readLittleEndian(UInt32.self)), 0x1_0000)
            case 0xff: (value, minimum) = (try readLittleEndian(UInt64.self), 0x1_0000_0000)
            default: (value, minimum) = (UInt64(first), 0)
            }
            guard value >= minimum else { throw .nonCanonicalLength(value: value) }
            guard value <= limit else {
                throw .limitExceeded(
                    field: "\(field)", value: value, limit: limit)
            }
            return Int(value)
        } catch {
            offset = start
            throw error
        }
    }

    /// Reads a compact size and that many bytes.
    @inlinable
    @_lifetime(self: copy self)
    public mutating func readVariableBytes(
        field: StaticString = "length"
    ) throws(DecodeError) -> [UInt8] {
        let start = position
        do throws(DecodeError) {
            let count = try readCompactSize(field: field)
            return try readBytes(count)
        } catch {
            offset = start
            throw error
        }
    }

    /// Throws ``DecodeError/trailingBytes(count:)`` unless all bytes have been read.
    @inlinable
    public func expectEnd() throws(DecodeError) {
        guard isAtEnd else { throw .trailingBytes(count: remaining) }
    }
}

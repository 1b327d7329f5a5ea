/// The checksum of RFC 3720 (Castagnoli's polynomial), which BOLT 7 uses for channel updates.
public struct CRC32C: Sendable {
    private var state: UInt32 = .max

    /// Starts with no bytes.
    public init() {}

    /// The checksum of what was added.
    public var value: UInt32 { ~state }

    /// The checksum of `bytes`.
    public static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var checksum = CRC32C()
        checksum.add(bytes.span.bytes)
        return checksum.value
    }

    /// Adds bytes, eight at a time.
    public mutating func add(_ bytes: RawSpan) {
        bytes.withUnsafeBytes { buffer in
            Self.tables.withUnsafeBufferPointer { tables in
                var crc = state
                let whole = buffer.count & ~7
                for offset in stride(from: 0, to: whole, by: 8) {
                    let word = UInt64(
                        littleEndian: buffer.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                    crc = Self.folded(word ^ UInt64(crc), tables)
                }
                for offset in whole..<buffer.count {
                    crc = crc >> 8 ^ tables[Int(UInt8(truncatingIfNeeded: crc) ^ buffer[offset])]
                }
                state = crc
            }
        }
    }

    @inline(__always)
    private static func folded(_ word: UInt64, _ tables: UnsafeBufferPointer<UInt32>) -> UInt32 {
        let low =
            tables[7 << 8 | Int(word & 0xff)] ^ tables[6 << 8 | Int(word >> 8 & 0xff)]
            ^ tables[5 << 8 | Int(word >> 16 & 0xff)] ^ tables[4 << 8 | Int(word >> 24 & 0xff)]
        let high =
            tables[3 << 8 | Int(word >> 32 & 0xff)] ^ tables[2 << 8 | Int(word >> 40 & 0xff)]
            ^ tables[1 << 8 | Int(word >> 48 & 0xff)] ^ tables[Int(word >> 56)]
        return low ^ high
    }

    /// Eight tables of 256: what a byte does to the checksum with 0 to 7 bytes behind it.
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var crc = UInt32(byte)
            for _ in 0..<8 { crc = crc >> 1 ^ (crc & 1 == 1 ? 0x82f6_3b78 : 0) }
            tables[byte] = crc
        }
        for index in 256..<tables.count {
            let before = tables[index - 256]
            tables[index] = before >> 8 ^ tables[Int(before & 0xff)]
        }
        return tables
    }()
}

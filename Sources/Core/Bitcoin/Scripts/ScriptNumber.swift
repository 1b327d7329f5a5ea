/// Whole numbers as scripts hold them: least significant byte first, the top bit of the last byte for the sign, and no
/// bytes at all for zero.
public enum ScriptNumber {
    /// The shortest encoding of `number`, up to 9 bytes.
    public static func encode(_ number: Int64) -> [UInt8] {
        guard number != 0 else { return [] }
        var bytes: [UInt8] = []
        var magnitude = number.magnitude
        while magnitude > 0 {
            bytes.append(UInt8(truncatingIfNeeded: magnitude))
            magnitude >>= 8
        }
        let last = bytes.count - 1
        if bytes[last] & 0x80 != 0 {
            bytes.append(number < 0 ? 0x80 : 0)
        } else if number < 0 {
            bytes[last] |= 0x80
        }
        return bytes
    }

    /// The number that `bytes` encode, in at most `limit` bytes.
    ///
    /// Throws ``ScriptError/numberTooLong`` past `limit`, and ``ScriptError/numberNotMinimal`` where
    /// `requireMinimal` is set and fewer bytes would do.
    public static func decode(
        _ bytes: some RandomAccessCollection<UInt8>, limit: Int = 4, requireMinimal: Bool
    ) throws(ScriptError) -> Int64 {
        precondition(limit <= 8, "the number fits 64 bits")
        guard bytes.count <= limit else { throw .numberTooLong }
        guard let last = bytes.last else { return 0 }
        if requireMinimal, last & 0x7f == 0 {
            // The last byte holds the sign alone, which is right only where the one before has no room for it.
            guard bytes.count > 1, bytes[bytes.index(bytes.endIndex, offsetBy: -2)] & 0x80 != 0
            else { throw .numberNotMinimal }
        }
        var magnitude: Int64 = 0
        var shift = 0
        for byte in bytes.dropLast() {
            magnitude |= Int64(byte) << shift
            shift += 8
        }
        magnitude |= Int64(last & 0x7f) << shift
        return last & 0x80 == 0 ? magnitude : -magnitude
    }
}

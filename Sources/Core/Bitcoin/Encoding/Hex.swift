/// Base 16 text.
public enum Hex {
    /// Lower-case digits, two for each byte.
    public static func encode(_ bytes: some Sequence<UInt8>) -> String {
        let digits: StaticString = "0123456789abcdef"
        var text: [UInt8] = []
        text.reserveCapacity(bytes.underestimatedCount * 2)
        for byte in bytes {
            text.append(digits.utf8Start[Int(byte >> 4)])
            text.append(digits.utf8Start[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes of `text`, whose digits may be of either case.
    ///
    /// Throws ``DecodeError/invalidCharacter(position:)``, or ``DecodeError/truncated(needed:available:)`` where
    /// the count of digits is odd.
    public static func decode(_ text: some StringProtocol) throws(DecodeError) -> [UInt8] {
        try decode(digits: Array(text.utf8)[...])
    }

    /// The bytes of digits in ASCII, which may be of either case; throws as the form that takes text does.
    public static func decode(digits: ArraySlice<UInt8>) throws(DecodeError) -> [UInt8] {
        var wrong: Int?
        let bytes = [UInt8](unsafeUninitializedCapacity: digits.count / 2) { target, filled in
            digits.withUnsafeBufferPointer { source in
                values.withUnsafeBufferPointer { values in
                    for index in 0..<source.count / 2 {
                        let high = values[Int(source[2 * index])]
                        let low = values[Int(source[2 * index + 1])]
                        guard high | low < 16 else {
                            wrong = 2 * index + (high < 16 ? 1 : 0)
                            return
                        }
                        target[index] = high << 4 | low
                    }
                    if source.count % 2 == 1, values[Int(source[source.count - 1])] > 15 {
                        wrong = source.count - 1
                    }
                }
            }
            filled = wrong == nil ? digits.count / 2 : 0
        }
        if let wrong { throw .invalidCharacter(position: wrong) }
        guard digits.count % 2 == 0 else {
            throw .truncated(needed: digits.count + 1, available: digits.count)
        }
        return bytes
    }

    /// The value of each ASCII digit; 255 for every other byte.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 255, count: 256)
        for (value, digit) in "0123456789abcdef".utf8.enumerated() {
            values[Int(digit)] = UInt8(value)
        }
        for (value, digit) in "ABCDEF".utf8.enumerated() { values[Int(digit)] = UInt8(value + 10) }
        return values
    }()
}

/// Why a text is not base58 or base58check.
public enum Base58Error: Error, Equatable, Sendable {
    /// A character that base58 does not have; `position` counts characters from 0.
    case invalidCharacter(Unicode.Scalar, position: Int)
    /// The text stands for more bytes than the caller accepts.
    case tooLong(limit: Int)
    /// There are fewer than the four bytes of a checksum.
    case tooShort(count: Int)
    /// The last four bytes are not the start of the double hash of those before them.
    case checksumMismatch(expected: [UInt8], actual: [UInt8])
}

/// Text over 58 digits: those of letters and numbers that are hard to confuse.
public enum Base58 {
    static let alphabet = TextAlphabet(
        "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz")

    /// The text of `bytes`. Takes time in the square of their number.
    public static func encode(_ bytes: [UInt8]) -> String {
        let zeros = bytes.prefix { $0 == 0 }.count
        // Digits of the number in base 58, least significant first.
        var digits: [UInt8] = []
        defer { digits.wipe() }
        digits.reserveCapacity((bytes.count - zeros) * 138 / 100 + 1)
        for byte in bytes[zeros...] {
            var carry = Int(byte)
            for index in digits.indices {
                carry += Int(digits[index]) << 8
                digits[index] = UInt8(carry % 58)
                carry /= 58
            }
            while carry > 0 {
                digits.append(UInt8(carry % 58))
                carry /= 58
            }
        }
        var text = [UInt8](repeating: alphabet.digits[0], count: zeros)
        defer { text.wipe() }
        text.reserveCapacity(zeros + digits.count)
        for digit in digits.reversed() { text.append(alphabet.digits[Int(digit)]) }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes of `text`, at most `limit` of them.
    public static func decode(
        _ text: some StringProtocol, limit: Int = 128
    ) throws(Base58Error) -> [UInt8] {
        var zeros = 0
        // The number in base 256, least significant byte first.
        var number: [UInt8] = []
        defer { number.wipe() }
        number.reserveCapacity(limit + 1)
        var position = 0
        for scalar in text.unicodeScalars {
            guard let value = alphabet.value(of: scalar) else {
                throw .invalidCharacter(scalar, position: position)
            }
            position += 1
            if value == 0, number.isEmpty {
                zeros += 1
            } else {
                append(value, to: &number)
            }
            guard zeros + number.count <= limit else { throw .tooLong(limit: limit) }
        }
        return [UInt8](repeating: 0, count: zeros) + number.reversed()
    }

    private static func append(_ digit: UInt8, to number: inout [UInt8]) {
        var carry = Int(digit)
        for index in number.indices {
            carry += Int(number[index]) * 58
            number[index] = UInt8(truncatingIfNeeded: carry)
            carry >>= 8
        }
        if carry > 0 { number.append(UInt8(carry)) }
    }
}

/// Base 58 with a checksum of four bytes: old addresses, WIF and extended keys.
public enum Base58Check {
    /// The text of `payload` and its checksum.
    public static func encode(_ payload: [UInt8]) -> String {
        var bytes = payload + checksum(payload)
        defer { bytes.wipe() }
        return Base58.encode(bytes)
    }

    /// The payload of `text`, at most `limit` bytes without the checksum.
    public static func decode(
        _ text: some StringProtocol, limit: Int = 128
    ) throws(Base58Error) -> [UInt8] {
        var bytes = try Base58.decode(text, limit: limit + 4)
        defer { bytes.wipe() }
        guard bytes.count >= 4 else { throw .tooShort(count: bytes.count) }
        let payload = Array(bytes.dropLast(4))
        let (expected, actual) = (checksum(payload), Array(bytes.suffix(4)))
        guard expected == actual else {
            throw .checksumMismatch(expected: expected, actual: actual)
        }
        return payload
    }

    private static func checksum(_ payload: [UInt8]) -> [UInt8] {
        Array(SHA256.doubleHash(payload).bytes.prefix(4))
    }
}

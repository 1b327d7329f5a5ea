/// Why a text is not bech32 or bech32m.
public enum Bech32Error: Error, Equatable, Sendable {
    /// A character that may not stand there; `position` counts characters from 0.
    case invalidCharacter(Unicode.Scalar, position: Int)
    /// Upper and lower case in one text: the case differs first at `position`.
    case mixedCase(position: Int)
    /// There is no `1` between a prefix and data.
    case noSeparator
    /// Nothing stands before the separator.
    case emptyPrefix
    /// The prefix is longer than 83 characters.
    case prefixTooLong(count: Int)
    /// After the separator there are fewer characters than a checksum has.
    case tooShort(count: Int, minimum: Int)
    /// The text is longer than the caller accepts.
    case tooLong(count: Int, limit: Int)
    /// The last six characters are not the checksum of the rest, neither for bech32 nor for bech32m.
    case checksumMismatch
    /// The bits left over after the last whole byte are too many or not zero.
    case invalidPadding(bits: Int, value: UInt8)
}

/// A human-readable prefix and groups of five bits, with a checksum that finds every four errors (BIP 173, BIP 350).
public struct Bech32: Hashable, Sendable {
    /// Which constant closes the checksum.
    public enum Variant: Hashable, Sendable {
        /// BIP 173: witness version 0 and BOLT 11.
        case bech32
        /// BIP 350: witness versions from 1.
        case bech32m

        var constant: UInt32 {
            switch self {
            case .bech32: 1
            case .bech32m: 0x2bc8_30a3
            }
        }
    }

    /// What stands before the last `1`, in lower case.
    public let prefix: String
    /// The data without the checksum, each value from 0 to 31.
    public let values: [UInt8]
    /// The constant of the checksum.
    public let variant: Variant

    /// The longest text for which BIP 173 guarantees to find four errors.
    public static let addressLimit = 90

    static let alphabet = TextAlphabet("qpzry9x8gf2tvdw0s3jn54khce6mua7l")
    static let checksumLength = 6

    /// Decodes `text` and finds out which variant it is.
    ///
    /// `limit` is the greatest number of characters; nil means none, as in BOLT 11.
    public init(
        decoding text: some StringProtocol, limit: Int? = addressLimit
    ) throws(Bech32Error) {
        let parts = try Bech32.split(String(text), limit: limit)
        let minimum = Bech32.checksumLength
        guard parts.values.count >= minimum else {
            throw .tooShort(count: parts.values.count, minimum: minimum)
        }
        switch Bech32.checksum(prefix: parts.prefix, values: parts.values) {
        case Variant.bech32.constant: variant = .bech32
        case Variant.bech32m.constant: variant = .bech32m
        default: throw .checksumMismatch
        }
        prefix = parts.prefix
        values = Array(parts.values.dropLast(minimum))
    }

    /// The text in lower case. `prefix` is lower-case ASCII and the values are below 32.
    public static func encode(prefix: String, values: [UInt8], variant: Variant) -> String {
        let room = [UInt8](repeating: 0, count: checksumLength)
        let remainder = checksum(prefix: prefix, values: values + room) ^ variant.constant
        let digits = (0..<checksumLength).map { index in
            UInt8(truncatingIfNeeded: remainder >> (5 * (5 - index))) & 31
        }
        return encodeWithoutChecksum(prefix: prefix, values: values + digits)
    }

    /// The prefix and the values of a text that has no checksum and no limit of length, as in BOLT 12.
    public static func decodeWithoutChecksum(
        _ text: some StringProtocol
    ) throws(Bech32Error) -> (prefix: String, values: [UInt8]) {
        try split(String(text), limit: nil)
    }

    /// The text of a prefix and values without a checksum, as in BOLT 12.
    public static func encodeWithoutChecksum(prefix: String, values: [UInt8]) -> String {
        let digits = values.map { alphabet.digits[Int($0 & 31)] }
        return prefix + "1" + String(decoding: digits, as: UTF8.self)
    }
}

extension Bech32 {
    private static func split(
        _ text: String, limit: Int?
    ) throws(Bech32Error) -> (prefix: String, values: [UInt8]) {
        let scalars = try lowercased(text)
        if let limit, scalars.count > limit {
            throw .tooLong(count: scalars.count, limit: limit)
        }
        guard let separator = scalars.lastIndex(of: "1") else { throw .noSeparator }
        guard separator > 0 else { throw .emptyPrefix }
        guard separator <= 83 else { throw .prefixTooLong(count: separator) }
        var values: [UInt8] = []
        values.reserveCapacity(scalars.count - separator)
        for index in (separator + 1)..<scalars.count {
            guard let value = alphabet.value(of: scalars[index]) else {
                throw .invalidCharacter(scalars[index], position: index)
            }
            values.append(value)
        }
        var prefix = String.UnicodeScalarView()
        prefix.append(contentsOf: scalars[..<separator])
        return (String(prefix), values)
    }

    /// The characters in lower case: all printable ASCII and of one case.
    private static func lowercased(_ text: String) throws(Bech32Error) -> [Unicode.Scalar] {
        var scalars: [Unicode.Scalar] = []
        scalars.reserveCapacity(text.utf8.count)
        var isUpper: Bool?
        for scalar in text.unicodeScalars {
            let position = scalars.count
            guard (33...126).contains(scalar.value) else {
                throw .invalidCharacter(scalar, position: position)
            }
            switch scalar {
            case "A"..."Z":
                guard isUpper != false else { throw .mixedCase(position: position) }
                isUpper = true
                scalars.append(Unicode.Scalar(UInt8(scalar.value) | 0x20))
            case "a"..."z":
                guard isUpper != true else { throw .mixedCase(position: position) }
                isUpper = false
                scalars.append(scalar)
            default:
                scalars.append(scalar)
            }
        }
        return scalars
    }

    /// The remainder of the code over the prefix, spread to groups of five bits, and the values.
    private static func checksum(prefix: String, values: [UInt8]) -> UInt32 {
        var remainder: UInt32 = 1
        for byte in prefix.utf8 { step(&remainder, byte >> 5) }
        step(&remainder, 0)
        for byte in prefix.utf8 { step(&remainder, byte & 31) }
        for value in values { step(&remainder, value) }
        return remainder
    }

    private static func step(_ remainder: inout UInt32, _ value: UInt8) {
        let top = remainder >> 25
        remainder = (remainder & 0x1ff_ffff) << 5 ^ UInt32(value)
        if top & 1 != 0 { remainder ^= 0x3b6a_57b2 }
        if top & 2 != 0 { remainder ^= 0x2650_8e6d }
        if top & 4 != 0 { remainder ^= 0x1ea1_19fa }
        if top & 8 != 0 { remainder ^= 0x3d42_33dd }
        if top & 16 != 0 { remainder ^= 0x2a14_62b3 }
    }
}

extension Bech32 {
    /// `bytes` in groups of five bits, the last one filled with zeros.
    @inlinable
    public static func values(of bytes: some Collection<UInt8>) -> [UInt8] {
        var values: [UInt8] = []
        values.reserveCapacity((bytes.count * 8 + 4) / 5)
        var (buffer, bits): (UInt32, Int) = (0, 0)
        for byte in bytes {
            buffer = (buffer << 8 | UInt32(byte)) & 0xfff
            bits += 8
            while bits >= 5 {
                bits -= 5
                values.append(UInt8(buffer >> bits & 31))
            }
        }
        if bits > 0 { values.append(UInt8(buffer << (5 - bits) & 31)) }
        return values
    }

    /// The bytes of groups of five bits; fewer than five bits may be left over and all are zero.
    ///
    /// Throws ``Bech32Error/invalidPadding(bits:value:)``.
    @inlinable
    public static func bytes(of values: some Collection<UInt8>) throws(Bech32Error) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(values.count * 5 / 8)
        var (buffer, bits): (UInt32, Int) = (0, 0)
        for value in values {
            buffer = (buffer << 5 | UInt32(value & 31)) & 0xfff
            bits += 5
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(buffer >> bits & 0xff))
            }
        }
        let rest = UInt8(buffer & ((1 << bits) - 1))
        guard bits < 5, rest == 0 else { throw .invalidPadding(bits: bits, value: rest) }
        return bytes
    }
}

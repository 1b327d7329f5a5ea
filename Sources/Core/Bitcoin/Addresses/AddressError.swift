/// Why a text is not an address, or not one of the network at hand.
public enum AddressError: Error, Equatable, Sendable {
    /// Neither base58check ...
    case base58(Base58Error)
    /// ... nor bech32 in spite of its prefix.
    case bech32(Bech32Error)
    /// A good checksum under a prefix that no Bitcoin network has.
    case unknownPrefix(String)
    /// A good checksum under a first byte that no Bitcoin network has.
    case unknownVersion(UInt8)
    /// The payload of a base58check address has another size.
    case invalidPayloadLength(expected: Int, actual: Int)
    /// The address belongs to other networks.
    case wrongNetwork(expected: Network, actual: [Network])
    /// There is no data, so no witness version.
    case missingWitnessVersion
    /// BIP 141 has versions 0 to 16.
    case invalidWitnessVersion(UInt8)
    /// BIP 141 has programs of 2 to 40 bytes, for version 0 of 20 or 32.
    case invalidProgramLength(version: UInt8, actual: Int)
    /// BIP 350: version 0 takes bech32, later ones bech32m.
    case wrongChecksum(version: UInt8, expected: Bech32.Variant, actual: Bech32.Variant)
}

extension AddressError: CustomStringConvertible {
    /// One line that says what is wrong and what would be right.
    public var description: String {
        switch self {
        case .base58(let error): "not an address: \(error)"
        case .bech32(let error): "not an address: \(error)"
        case .unknownPrefix(let prefix):
            "an address starts with bc1, tb1 or bcrt1, this one with \(prefix)1"
        case .unknownVersion(let version):
            "the version byte \(version) belongs to no Bitcoin address"
        case .invalidPayloadLength(let expected, let actual):
            "an address of this kind holds \(expected) bytes, this one \(actual)"
        case .wrongNetwork(let expected, let actual):
            "this is an address of \(actual.map(\.rawValue).joined(separator: "/")), not of \(expected.rawValue)"
        case .missingWitnessVersion: "the address ends before its witness version"
        case .invalidWitnessVersion(let version):
            "witness versions go from 0 to 16, this one is \(version)"
        case .invalidProgramLength(let version, let actual):
            "witness version \(version) takes \(version == 0 ? "20 or 32" : "2 to 40") bytes, these are \(actual)"
        case .wrongChecksum(let version, let expected, let actual):
            "witness version \(version) takes a \(expected) checksum, this one is \(actual)"
        }
    }
}

extension Base58Error: CustomStringConvertible {
    /// One line that says what is wrong and what would be right.
    public var description: String {
        switch self {
        case .invalidCharacter(let character, let position):
            "character \(position + 1), \(character.quoted), is not one of base58"
        case .tooLong(let limit): "the text stands for more than \(limit) bytes"
        case .tooShort(let count): "\(count) bytes are too few to hold a checksum of 4"
        case .checksumMismatch(let expected, let actual):
            "the checksum is \(Hex.encode(actual)), but \(Hex.encode(expected)) would fit: a character is mistyped or missing"
        }
    }
}

extension Bech32Error: CustomStringConvertible {
    /// One line that says what is wrong and what would be right.
    public var description: String {
        switch self {
        case .invalidCharacter(let character, let position):
            "character \(position + 1), \(character.quoted), may not stand there in bech32"
        case .mixedCase(let position):
            "upper and lower case are mixed: character \(position + 1) differs from those before it"
        case .noSeparator: "there is no 1 between the prefix and the data"
        case .emptyPrefix: "nothing stands before the 1"
        case .prefixTooLong(let count): "the prefix has \(count) characters, at most 83 are allowed"
        case .tooShort(let count, let minimum):
            "\(count) characters follow the prefix, the checksum alone has \(minimum)"
        case .tooLong(let count, let limit):
            "the text has \(count) characters, at most \(limit) are allowed"
        case .checksumMismatch: "the checksum does not fit: a character is mistyped or missing"
        case .invalidPadding(let bits, let value):
            "\(bits) bits of value \(value) are left over, fewer than 5 and all zero are allowed"
        }
    }
}

extension Unicode.Scalar {
    /// The character between quotes, or its code where it cannot be shown.
    fileprivate var quoted: String {
        (33...126).contains(value)
            ? "'\(self)'" : "U+\(String(value, radix: 16, uppercase: true))"
    }
}

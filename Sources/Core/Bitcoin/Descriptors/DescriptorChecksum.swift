/// Why a text is no output descriptor with a good checksum.
public enum DescriptorError: Error, Equatable, Sendable {
    /// A character that descriptors do not have; `position` counts characters from 0.
    case invalidCharacter(Unicode.Scalar, position: Int)
    /// There is no checksum.
    case missingChecksum
    /// A checksum has 8 characters.
    case invalidChecksumLength(Int)
    /// The checksum is not the one of the text before it.
    case checksumMismatch(expected: String, actual: String)
}

/// The checksum of output descriptors: eight characters behind a `#` (BIP 380).
public enum DescriptorChecksum {
    private static let inputs = TextAlphabet(
        "0123456789()[],'/*abcdefgh@:$%{}IJKLMNOPQRSTUVWXYZ&+-.;<=>?!^_|~ijklmnopqrstuvwxyzABCDEFGH`#\"\\ "
    )

    /// The checksum of `descriptor`, which has none yet.
    public static func compute(_ descriptor: some StringProtocol) throws(DescriptorError) -> String
    {
        var (state, group, count): (UInt64, UInt64, Int) = (1, 0, 0)
        var position = 0
        for scalar in descriptor.unicodeScalars {
            guard let value = inputs.value(of: scalar) else {
                throw .invalidCharacter(scalar, position: position)
            }
            position += 1
            step(&state, UInt64(value & 31))
            group = group * 3 + UInt64(value >> 5)
            count += 1
            if count == 3 {
                step(&state, group)
                (group, count) = (0, 0)
            }
        }
        if count > 0 { step(&state, group) }
        for _ in 0..<8 { step(&state, 0) }
        state ^= 1
        let digits = (0..<8).map { Bech32.alphabet.digits[Int(state >> UInt64(5 * (7 - $0)) & 31)] }
        return String(decoding: digits, as: UTF8.self)
    }

    /// `descriptor` with its checksum behind it.
    public static func append(to descriptor: String) throws(DescriptorError) -> String {
        "\(descriptor)#\(try compute(descriptor))"
    }

    /// The descriptor of `text` without its checksum, which is there and right.
    public static func verify(_ text: some StringProtocol) throws(DescriptorError) -> String {
        guard let mark = text.firstIndex(of: "#") else { throw .missingChecksum }
        let descriptor = text[..<mark]
        let actual = String(text[text.index(after: mark)...])
        guard actual.unicodeScalars.count == 8 else {
            throw .invalidChecksumLength(actual.unicodeScalars.count)
        }
        let expected = try compute(descriptor)
        guard expected == actual else {
            throw .checksumMismatch(expected: expected, actual: actual)
        }
        return String(descriptor)
    }

    private static func step(_ state: inout UInt64, _ value: UInt64) {
        let top = state >> 35
        state = (state & 0x7_ffff_ffff) << 5 ^ value
        if top & 1 != 0 { state ^= 0xf5_dee5_1989 }
        if top & 2 != 0 { state ^= 0xa9_fdca_3312 }
        if top & 4 != 0 { state ^= 0x1b_ab10_e32d }
        if top & 8 != 0 { state ^= 0x37_06b1_677a }
        if top & 16 != 0 { state ^= 0x64_4d62_6ffd }
    }
}

/// Base 64 text with padding (RFC 4648).
public enum Base64 {
    private static let alphabet = TextAlphabet(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")

    /// The text of `bytes`.
    public static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var index = 0
        while index < bytes.count {
            let group = bytes[index..<min(index + 3, bytes.count)]
            var value: UInt32 = 0
            for byte in group { value = value << 8 | UInt32(byte) }
            value <<= UInt32(8 * (3 - group.count))
            for digit in 0..<4 {
                let isPadding = digit > group.count
                let worth = Int(value >> UInt32(18 - 6 * digit) & 63)
                text.append(isPadding ? UInt8(ascii: "=") : alphabet.digits[worth])
            }
            index += 3
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes of `text`, which is padded and whose unused bits are zero.
    ///
    /// Throws ``DecodeError/invalidCharacter(position:)``, or ``DecodeError/truncated(needed:available:)`` where the
    /// count of characters is no multiple of four.
    public static func decode(_ text: some StringProtocol) throws(DecodeError) -> [UInt8] {
        let count = text.unicodeScalars.count
        guard count % 4 == 0 else {
            throw .truncated(needed: (count + 3) / 4 * 4, available: count)
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count / 4 * 3)
        var (buffer, bits, padding, position): (UInt32, UInt32, Int, Int) = (0, 0, 0, 0)
        for scalar in text.unicodeScalars {
            defer { position += 1 }
            if scalar == "=", position >= count - 2 {
                padding += 1
                continue
            }
            guard padding == 0, let value = alphabet.value(of: scalar) else {
                throw .invalidCharacter(position: position)
            }
            buffer = (buffer << 6 | UInt32(value)) & 0xffff
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(buffer >> bits & 0xff))
            }
        }
        guard buffer & ((1 << bits) - 1) == 0 else {
            throw .invalidCharacter(position: count - 1 - padding)
        }
        return bytes
    }
}

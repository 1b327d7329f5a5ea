/// Amounts in bitcoin as decimal text, the unit of bitcoind's interface and of people.
extension Satoshi {
    /// The amount that decimal text in bitcoin names, such as `0.00001`, `-1.5` or `1e-5`, with no rounding.
    ///
    /// Takes JSON's grammar for numbers (leading zeros are let pass) in at most 64 bytes. Throws
    /// ``DecodeError/invalidCharacter(position:)`` where the text is no number,
    /// ``DecodeError/invalidValue(field:)`` where it is no whole number of satoshi, and
    /// ``DecodeError/limitExceeded(field:value:limit:)`` past 2^63 satoshi or 64 bytes.
    public init(bitcoinText text: some StringProtocol) throws(DecodeError) {
        let bytes = Array(text.utf8)
        guard bytes.count <= 64 else {
            throw .limitExceeded(field: "amount's length", value: UInt64(bytes.count), limit: 64)
        }
        var number = DecimalNumber()
        try number.parse(bytes)
        value = try number.scaled(byPowerOfTen: 8)
    }

    /// The amount in bitcoin with all eight decimals, such as `0.00001000`.
    public var bitcoinText: String { text(trimmingZeros: false) }

    /// The amount in bitcoin with two to eight decimals, as Bitcoin Core's messages print amounts.
    public var shortBitcoinText: String { text(trimmingZeros: true) }

    private func text(trimmingZeros: Bool) -> String {
        let magnitude = value.magnitude
        var decimals = String(magnitude % 100_000_000)
        decimals = String(repeating: "0", count: 8 - decimals.count) + decimals
        while trimmingZeros, decimals.count > 2, decimals.last == "0" { decimals.removeLast() }
        return "\(value < 0 ? "-" : "")\(magnitude / 100_000_000).\(decimals)"
    }
}

/// A decimal number as its digits and the power of ten of the last one.
private struct DecimalNumber {
    var isNegative = false
    var digits: [UInt8] = []
    var exponent = 0

    mutating func parse(_ bytes: [UInt8]) throws(DecodeError) {
        var position = 0
        if bytes.first == UInt8(ascii: "-") {
            isNegative = true
            position = 1
        }
        try readDigits(of: bytes, at: &position)
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            position += 1
            let whole = digits.count
            try readDigits(of: bytes, at: &position)
            exponent = whole - digits.count
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            exponent += try readExponent(of: bytes, at: &position)
        }
        guard position == bytes.count else { throw .invalidCharacter(position: position) }
    }

    private mutating func readDigits(
        of bytes: [UInt8], at position: inout Int
    ) throws(DecodeError) {
        let start = position
        while position < bytes.count, let digit = Self.digit(bytes[position]) {
            digits.append(digit)
            position += 1
        }
        guard position > start else { throw .invalidCharacter(position: position) }
    }

    private func readExponent(
        of bytes: [UInt8], at position: inout Int
    ) throws(DecodeError) -> Int {
        var sign = 1
        if position < bytes.count, [UInt8(ascii: "+"), UInt8(ascii: "-")].contains(bytes[position])
        {
            sign = bytes[position] == UInt8(ascii: "-") ? -1 : 1
            position += 1
        }
        let start = position
        var magnitude = 0
        while position < bytes.count, let digit = Self.digit(bytes[position]) {
            // Past this no amount is whole and in range, whatever its digits are.
            magnitude = min(magnitude * 10 + Int(digit), 1000)
            position += 1
        }
        guard position > start else { throw .invalidCharacter(position: position) }
        return sign * magnitude
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) ? byte - UInt8(ascii: "0") : nil
    }

    /// The number times that power of ten, where it is whole.
    func scaled(byPowerOfTen power: Int) throws(DecodeError) -> Int64 {
        var digits = digits[...].drop { $0 == 0 }
        var exponent = exponent + power
        while digits.last == 0 {
            digits.removeLast()
            exponent += 1
        }
        if digits.isEmpty { return 0 }
        guard exponent >= 0 else { throw .invalidValue(field: "amount below one satoshi") }
        let tooLarge = DecodeError.limitExceeded(
            field: "amount", value: .max, limit: UInt64(Int64.max))
        guard digits.count + exponent <= 19 else { throw tooLarge }
        var magnitude: UInt64 = 0
        for digit in digits { magnitude = magnitude * 10 + UInt64(digit) }
        for _ in 0..<exponent { magnitude *= 10 }
        guard let value = Int64(exactly: magnitude) else { throw tooLarge }
        return isNegative ? -value : value
    }
}

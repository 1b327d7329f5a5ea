import LightningWire

/// An amount as it stands in the readable part of an invoice: a number and a multiplier (BOLT 11).
enum InvoiceAmount {
    /// The multipliers with the number of millisatoshi in one unit; `p` is a tenth of a millisatoshi.
    private static let units: [(letter: Character?, millisatoshi: UInt64)] = [
        (nil, 100_000_000_000), ("m", 100_000_000), ("u", 100_000), ("n", 100),
    ]

    /// Parses the amount that begins at character `offset` of the invoice.
    static func decode(_ text: Substring, offset: Int) throws(InvoiceError) -> MilliSatoshi {
        let whole = String(text)
        var digits = text
        let multiplier = text.last.flatMap { $0.isASCII && $0.isNumber ? nil : $0 }
        if multiplier != nil { digits.removeLast() }
        for (index, character) in digits.enumerated() where !("0"..."9").contains(character) {
            throw .invalidAmount(whole, position: offset + index)
        }
        guard !digits.isEmpty else { throw .invalidAmount(whole, position: offset) }
        guard digits.first != "0", let number = UInt64(digits) else {
            throw .amountOutOfRange(whole)
        }
        if multiplier == "p" {
            guard number % 10 == 0 else { throw .amountTooPrecise(whole) }
            return try checked(MilliSatoshi(number / 10), whole)
        }
        guard let unit = units.first(where: { $0.letter == multiplier }) else {
            throw .invalidAmount(whole, position: offset + digits.count)
        }
        let (product, overflow) = number.multipliedReportingOverflow(by: unit.millisatoshi)
        guard !overflow else { throw .amountOutOfRange(whole) }
        return try checked(MilliSatoshi(product), whole)
    }

    /// BOLT 11: "SHOULD use the shortest representation possible, by using the largest multiplier or omitting the
    /// multiplier."
    static func encode(_ amount: MilliSatoshi) -> String {
        for unit in units where amount.value % unit.millisatoshi == 0 {
            return "\(amount.value / unit.millisatoshi)" + (unit.letter.map(String.init) ?? "")
        }
        return "\(amount.value)0p"
    }

    private static func checked(
        _ amount: MilliSatoshi, _ text: String
    ) throws(InvoiceError) -> MilliSatoshi {
        guard amount.isValid else { throw .amountOutOfRange(text) }
        return amount
    }
}

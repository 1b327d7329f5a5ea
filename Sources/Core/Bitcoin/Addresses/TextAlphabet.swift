/// The digits of a text encoding and what each is worth.
struct TextAlphabet: Sendable {
    /// The digits in order of their worth.
    let digits: [UInt8]
    private let values: [Int8]

    /// Takes ASCII digits, worth 0, 1, 2 and so on.
    init(_ text: StaticString) {
        digits = text.withUTF8Buffer { Array($0) }
        var values = [Int8](repeating: -1, count: 128)
        for (value, digit) in digits.enumerated() { values[Int(digit)] = Int8(value) }
        self.values = values
    }

    /// What `scalar` is worth, or nil where it is no digit.
    func value(of scalar: Unicode.Scalar) -> UInt8? {
        guard scalar.value < 128 else { return nil }
        return UInt8(exactly: values[Int(scalar.value)])
    }
}

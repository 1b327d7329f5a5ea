import Bitcoin
import Testing

/// Amounts in bitcoin as text, exactly.
struct SatoshiTextTests {
    @Test(
        "text in bitcoin gives the exact amount",
        arguments: [
            ("0", 0), ("0.00000000", 0), ("-0", 0), ("0.00000001", 1), ("1", 100_000_000),
            ("1.5", 150_000_000), ("20999999.99999999", 2_099_999_999_999_999),
            ("1e-8", 1), ("1E-08", 1), ("1e-05", 1000), ("12.5e+1", 12_500_000_000),
            ("0.1000000000000000000000000000", 10_000_000), ("-0.00012345", -12345),
            ("92233720368.54775807", Int64.max), ("0e999999999999", 0), ("100e-10", 1),
            // 0.07 and 0.29 are the usual victims of binary fractions.
            ("0.07", 7_000_000), ("0.29", 29_000_000),
        ])
    func reads(_ text: String, _ value: Int64) throws {
        #expect(try Satoshi(bitcoinText: text) == Satoshi(value))
    }

    @Test(
        "what is no number, or no whole number of satoshi in range, is refused",
        arguments: [
            "", "-", ".", "1.", ".5", "1e", "1e+", "+1", "1,5", " 1", "1 ", "0x1", "nan", "1.2.3",
            "0.000000001", "1e-9", "92233720368.54775808", "1e30", "1e999999999999999999999",
            String(repeating: "0", count: 65),
        ])
    func refuses(_ text: String) {
        #expect(throws: DecodeError.self) { try Satoshi(bitcoinText: text) }
    }

    @Test(
        "an amount is written with eight decimals and read back",
        arguments: [0, 1, -1, 12345, 100_000_000, 2_100_000_000_000_000, Int64.min, Int64.max])
    func writes(_ value: Int64) throws {
        let text = Satoshi(value).bitcoinText
        #expect(text.split(separator: ".").last?.count == 8)
        if value != .min { #expect(try Satoshi(bitcoinText: text) == Satoshi(value)) }
    }
}

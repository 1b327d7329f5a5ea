import Bitcoin
import LightningInvoice
import LightningWire
import TestSupport
import Testing

/// BOLT 11's examples, valid and not.
@Suite("Invoices of BOLT 11") struct InvoiceVectors {
    static let file = VectorFile("bolt/bolt11-examples.txt")

    /// The titles and the invoices of the text, and whether it calls them valid.
    static func examples(_ text: String) -> [(title: String, invoice: String, isValid: Bool)] {
        var isValid = true
        var title = ""
        var examples: [(String, String, Bool)] = []
        for line in text.split(separator: "\n") {
            if line.hasPrefix("# Examples of Invalid") { isValid = false }
            // One invoice stands in a line of its own, without the mark of a quote.
            let content = line.hasPrefix("> ") ? line.dropFirst(2) : line[...]
            if content.hasPrefix("#") {
                title = String(content)
            } else if line.hasPrefix("> ") || content.hasPrefix("lnbc") {
                if !content.isEmpty { examples.append((title, String(content), isValid)) }
            }
        }
        return examples
    }

    /// The error of each invalid example, in the order of the text.
    static let errors: [InvoiceError] = [
        .features(.unknownRequiredBit(100)),
        .bech32(.checksumMismatch),
        .bech32(.noSeparator),
        .bech32(.mixedCase(position: 8)),
        .invalidSignature,
        .tooShort(count: 103, minimum: 111),
        .invalidAmount("2500x", position: 8),
        .amountTooPrecise("2500000001p"),
        .missingField("s", name: "payment secret"),
        .highS,
    ]

    @Test(
        "every example is read or refused as the specification says",
        .enabled(if: file.isPresent, "shared/vectors is not there"))
    func all() throws {
        let text = try Self.file.text()
        let examples = Self.examples(text)
        let headings = text.split(separator: "\n").count {
            $0.hasPrefix("> ###") || $0.hasPrefix("> # ")
        }
        #expect(examples.count == headings)
        #expect(examples.count == 26)
        var passed = 0
        for example in examples where example.isValid {
            let isRight = try check(example.title, example.invoice)
            #expect(isRight, "\(example.title)")
            passed += isRight ? 1 : 0
        }
        let invalid = examples.filter { !$0.isValid }
        #expect(invalid.count == Self.errors.count)
        for (example, error) in zip(invalid, Self.errors) {
            #expect(throws: error, "\(example.title)") { try Invoice(decoding: example.invoice) }
            passed += (try? Invoice(decoding: example.invoice)) == nil ? 1 : 0
        }
        Self.file.record(cases: headings, run: examples.count, passed: passed)
    }

    /// Reads one valid example, checks what all have in common and what its title says, and writes it again.
    func check(_ title: String, _ text: String) throws -> Bool {
        let invoice = try Invoice(decoding: text)
        let content = invoice.content
        #expect(content.paymentSecret.bytes == [UInt8](repeating: 0x11, count: 32))
        let isOfOtherKey = title.contains("high-S") || title.contains("pico-BTC")
        if !isOfOtherKey {
            let key = try PrivateKey(
                Hex.decode("e126f68f7eafcc8b74f54d269fe206be715000f94dac067d1c04a8ca3b2db734"))
            #expect(invoice.payee == NodeID(key.publicKey))
            let again = try Invoice(decoding: Invoice(content, key: key).text)
            guard again.content == content, again.payee == invoice.payee else { return false }
        }
        for (part, amount) in [
            ("$3 ", 250_000_000), ("0.0025", 250_000_000), ("$24", 2_000_000_000),
            ("0.00967878534", 967_878_534), ("$30", 2_500_000_000), ("0.01 BTC", 1_000_000_000),
        ] where title.contains(part) {
            #expect(content.amount == MilliSatoshi(UInt64(amount)))
        }
        if title.contains("any amount") { #expect(content.amount == nil) }
        if title.contains("within one minute") { #expect(content.expiry == 60) }
        if title.contains("within one week") { #expect(content.expiry == 604_800) }
        if title.contains("metadata") { #expect(content.metadata == [0x01, 0xfa, 0xfa, 0xf0]) }
        if title.contains("ナンセンス") { #expect(content.description == .text("ナンセンス 1杯")) }
        if let address = title.split(separator: " ").last, title.contains("fallback") {
            try checkFallback(String(address), content, title)
        }
        return true
    }

    func checkFallback(_ last: String, _ content: InvoiceContent, _ title: String) throws {
        let word = title.contains("extra routing") ? "1RustyRX2oai4EYYDpQGWvEL62BBGqN9T" : last
        let address = try Address(word, network: content.network)
        #expect(content.fallbacks == [address.script], "\(title)")
        if title.contains("extra routing") {
            let hops = try #require(content.routeHints.first)
            #expect(hops.map(\.feeBase) == [1, 2])
            #expect(hops.map(\.feeProportionalMillionths) == [20, 30])
            #expect(hops.map(\.cltvExpiryDelta) == [3, 4])
            #expect(
                hops.map(\.shortChannelID.description) == [
                    "66051x263430x1800", "197637x395016x2314",
                ])
        }
    }
}

import Bitcoin
import LightningInvoice
import LightningWire
import Testing

@Suite("Invoices") struct InvoiceTests {
    static let key = try! PrivateKey([UInt8](repeating: 3, count: 32))

    static func content(_ seed: UInt64) -> InvoiceContent {
        var generator = Generator(state: seed)
        let networks: [Network] = [.mainnet, .testnet3, .signet, .regtest]
        func hash() -> Hash256 {
            SHA256.hash((0..<8).map { _ in UInt8.random(in: 0...255, using: &generator) })
        }
        let hop = RouteHintHop(
            nodeID: NodeID(key.publicKey), shortChannelID: ShortChannelID(generator.next()),
            feeBase: .random(in: 0 ... .max, using: &generator),
            feeProportionalMillionths: .random(in: 0 ... .max, using: &generator),
            cltvExpiryDelta: .random(in: 0 ... .max, using: &generator))
        return InvoiceContent(
            network: networks.randomElement(using: &generator) ?? .mainnet,
            amount: Bool.random(using: &generator)
                ? nil
                : MilliSatoshi(
                    1 + generator.next() >> UInt64.random(in: 6...60, using: &generator)),
            timestamp: generator.next() >> 29, paymentHash: PaymentHash(hash()),
            paymentSecret: hash(),
            description: Bool.random(using: &generator) ? .text("ναι \(seed)") : .hash(hash()),
            expiry: 1 + generator.next() >> 1, minFinalCLTVExpiryDelta: 1 + generator.next() >> 40,
            fallbacks: [
                .payToPublicKeyHash(Hash160(hashing: [1])), .payToScriptHash(Hash160(hashing: [2])),
                .payToWitnessPublicKeyHash(Hash160(hashing: [3])), .payToWitnessScriptHash(hash()),
            ],
            routeHints: [[hop], [hop, hop]].shuffled(using: &generator),
            features: Features(bits: [8, 15, 17]),
            metadata: Bool.random(using: &generator) ? nil : [1, 2, 3],
            includesPayee: Bool.random(using: &generator))
    }

    struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ state >> 29
        }
    }

    @Test("whatever an invoice says survives its text")
    func roundTrip() throws {
        for seed in 1...200 {
            let invoice = Invoice(Self.content(UInt64(seed)), key: Self.key)
            let again = try Invoice(decoding: invoice.text)
            #expect(again == invoice)
            #expect(try Invoice(decoding: "lightning:" + invoice.text.uppercased()) == invoice)
        }
    }

    @Test("a changed character is found, and a changed amount too where the checksum is made good")
    func tampering() throws {
        var content = Self.content(5)
        (content.network, content.amount) = (.mainnet, MilliSatoshi(1000))
        let invoice = Invoice(content, key: Self.key)
        let bech32 = try Bech32(decoding: invoice.text, limit: nil)
        let cheaper = Bech32.encode(prefix: "lnbc9n", values: bech32.values, variant: .bech32)
        // Another key is recovered, or none: never the payee's.
        #expect((try? Invoice(decoding: cheaper))?.payee != invoice.payee)
        content.includesPayee = true
        let named = try Bech32(decoding: Invoice(content, key: Self.key).text, limit: nil)
        #expect(throws: InvoiceError.invalidSignature) {
            try Invoice(
                decoding: Bech32.encode(prefix: "lnbc9n", values: named.values, variant: .bech32))
        }
    }

    @Test(
        "amounts are written in the shortest form and read in any",
        arguments: [
            (1, "10p"), (100, "1n"), (250_000_000, "2500u"), (2_000_000_000, "20m"),
            (100_000_000_000, "1"), (967_878_534, "9678785340p"),
        ] as [(UInt64, String)])
    func amounts(value: UInt64, text: String) throws {
        var content = Self.content(7)
        (content.network, content.amount) = (.mainnet, MilliSatoshi(value))
        let invoice = Invoice(content, key: Self.key)
        #expect(invoice.text.hasPrefix("lnbc\(text)1"))
        #expect(try Invoice(decoding: invoice.text).content.amount == MilliSatoshi(value))
    }

    @Test(
        "amounts that are none are refused with what is wrong",
        arguments: ["0", "00", "22000000", "99999999999999999999", "m", "1x", "1pp"])
    func badAmounts(text: String) throws {
        let values = try Bech32(decoding: Invoice(Self.content(9), key: Self.key).text, limit: nil)
            .values
        let invoice = Bech32.encode(prefix: "lnbc" + text, values: values, variant: .bech32)
        #expect(throws: InvoiceError.self) { try Invoice(decoding: invoice) }
    }

    @Test("an invoice expires after its time and not before")
    func expiry() {
        var content = Self.content(11)
        (content.timestamp, content.expiry) = (1000, 60)
        let invoice = Invoice(content, key: Self.key)
        #expect(!invoice.isExpired(at: 1060))
        #expect(invoice.isExpired(at: 1061))
        content.expiry = .max
        #expect(!Invoice(content, key: Self.key).isExpired(at: .max))
    }
}

import Bitcoin
import LightningInvoice
import LightningWire
import TestSupport
import Testing

/// BOLT 12's vectors: strings, offers and signatures.
@Suite("Offers and signatures of BOLT 12") struct Bolt12Vectors {
    static let strings = VectorFile("bolt/bolt12-format-string-test.json")
    static let offers = VectorFile("bolt/bolt12-offers-test.json")
    static let signatures = VectorFile("bolt/bolt12-signature-test.json")

    @Test(
        "texts may be joined by + between characters and nowhere else",
        .enabled(if: strings.isPresent, "shared/vectors is not there"))
    func formatStrings() throws {
        let cases = try #require(try Self.strings.json().array)
        #expect(cases.count == 12)
        var passed = 0
        for item in cases {
            let name = try item.text("comment")
            let isValid = (try? Offer(item.text("string"))) != nil
            #expect(isValid == item["valid"]?.bool, "\(name)")
            passed += isValid == item["valid"]?.bool ? 1 : 0
        }
        Self.strings.record(cases: cases.count, run: cases.count, passed: passed)
    }

    @Test(
        "offers are read with all their fields, or refused",
        .enabled(if: offers.isPresent, "shared/vectors is not there"))
    func readOffers() throws {
        let cases = try #require(try Self.offers.json().array)
        #expect(cases.count == 53)
        var passed = 0
        for item in cases {
            let (text, name) = (try item.text("bolt12"), try item.text("description"))
            let offer = try? Offer(text)
            var isRight = (offer != nil) == item["valid"]?.bool
            if let offer, isRight {
                let fields = try #require(item["fields"]?.array)
                let expected = try fields.map {
                    TLVRecord(
                        type: UInt64(try #require($0["type"]?.integer)),
                        value: try Hex.decode($0.text("hex")))
                }
                isRight = offer.records == expected && offer.text == text
                // What an offer's fields hold can be written again, apart from what is not known.
                let isKnown = offer.records.allSatisfy { $0.type <= 22 }
                if isKnown { isRight = try isRight && Offer(offer.fields).text == text }
            }
            #expect(isRight, "\(name)")
            passed += isRight ? 1 : 0
        }
        Self.offers.record(cases: cases.count, run: cases.count, passed: passed)
    }

    @Test(
        "the root of the tree and the signature are those of the specification",
        .enabled(if: signatures.isPresent, "shared/vectors is not there"))
    func checkSignatures() throws {
        let cases = try #require(try Self.signatures.json().array)
        #expect(cases.count == 4)
        var passed = 0
        for item in cases {
            let (isRight, name) = (try checkSignature(item), try item.text("comment"))
            #expect(isRight, "\(name)")
            passed += isRight ? 1 : 0
        }
        Self.signatures.record(cases: cases.count, run: cases.count, passed: passed)
    }

    func checkSignature(_ item: JSONValue) throws -> Bool {
        // The records stand in the names of the leaves' hashes: H(`LnLeaf`,RECORD).
        let leaves = try #require(item["leaves"]?.array)
        let records = try leaves.flatMap { leaf in
            let name = try #require(leaf.object?.keys.first { $0.hasPrefix("H(`LnLeaf`,") })
            return try TLVDecoder.split(Hex.decode(name.dropFirst(11).dropLast()))
        }
        let root = Bolt12Signature.merkleRoot(records)
        guard root.hex == (try item.text("merkle")) else { return false }
        guard let text = item["bolt12"]?.string else { return true }
        let request = try InvoiceRequest(text)
        let hash = Bolt12Signature.hash(request.records, message: "invoice_request")
        let key = try PrivateKey([UInt8](repeating: 0x42, count: 32))
        let signature = Hex.encode(key.signSchnorr(hash))
        let last = try #require(request.records.last)
        return try request.text == text && hash.hex == item.text("H(signature_tag,merkle)")
            && Hex.encode(last.value) == signature && signature == item.text("signature")
            && request.request.payerID == NodeID(key.publicKey)
    }
}

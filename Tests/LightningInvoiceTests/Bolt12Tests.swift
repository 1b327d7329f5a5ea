import Bitcoin
import LightningInvoice
import LightningWire
import Testing

@Suite("Requests and invoices of BOLT 12") struct Bolt12Tests {
    static let issuer = try! PrivateKey([UInt8](repeating: 1, count: 32))
    static let payer = try! PrivateKey([UInt8](repeating: 2, count: 32))
    static let chain = Network.mainnet.genesisHash

    static func offer(_ change: (inout OfferFields) -> Void = { _ in }) throws -> Offer {
        var fields = OfferFields()
        fields.description = "tea"
        fields.amount = 1000
        fields.issuerID = NodeID(issuer.publicKey)
        change(&fields)
        return try Offer(fields)
    }

    static func request(
        to offer: Offer, _ change: (inout InvoiceRequestFields) -> Void = { _ in }
    ) throws -> InvoiceRequest {
        var fields = InvoiceRequestFields()
        fields.metadata = [1, 2, 3, 4]
        change(&fields)
        return try InvoiceRequest(to: offer, fields, payerKey: payer)
    }

    static func invoice(
        to request: InvoiceRequest, _ change: (inout Bolt12InvoiceFields) -> Void = { _ in }
    ) throws -> Bolt12Invoice {
        var fields = Bolt12InvoiceFields()
        let point = Point(issuer.publicKey)
        fields.paths = [
            BlindedPath(
                firstNode: .nodeID(NodeID(point)), firstPathKey: point,
                hops: [BlindedHop(blindedNodeID: point, encryptedRecipientData: [9])])
        ]
        fields.payInfos = [BlindedPayInfo()]
        fields.createdAt = 1_700_000_000
        fields.paymentHash = PaymentHash(SHA256.hash([5]))
        fields.amount = 1000
        change(&fields)
        return try Bolt12Invoice(answering: request, fields, key: issuer)
    }

    @Test("an offer, a request and an invoice go together, and survive their texts")
    func wholeFlow() throws {
        let offer = try Self.offer()
        let request = try Self.request(to: offer)
        let invoice = try Self.invoice(to: request)
        #expect(try Offer(offer.text.uppercased()) == offer)
        #expect(try InvoiceRequest(request.text) == request)
        #expect(try Bolt12Invoice(invoice.text) == invoice)
        try request.check(answers: offer, chain: Self.chain)
        try invoice.check(answers: request, chain: Self.chain, time: 1_700_007_200)
        #expect(throws: Bolt12Error.expired(at: 1_700_007_200)) {
            try invoice.check(answers: request, chain: Self.chain, time: 1_700_007_201)
        }
        #expect(throws: Bolt12Error.unsupportedChain) {
            try invoice.check(answers: request, chain: Network.regtest.genesisHash, time: 0)
        }
    }

    @Test("fields that are not known are repeated in the request and in the invoice")
    func unknownFields() throws {
        var bytes = try Self.offer().records.reduce(into: [UInt8]()) { bytes, record in
            bytes += [UInt8(record.type), UInt8(record.value.count)] + record.value
        }
        bytes += [33, 2, 7, 7]
        let offer = try Offer(decoding: bytes)
        let request = try Self.request(to: offer)
        #expect(request.records.contains(TLVRecord(type: 33, value: [7, 7])))
        try request.check(answers: offer, chain: Self.chain)
        let invoice = try Self.invoice(to: request)
        try invoice.check(answers: request, chain: Self.chain, time: 0)
        #expect(throws: Bolt12Error.mismatch(type: 33)) {
            try request.check(answers: Self.offer(), chain: Self.chain)
        }
    }

    @Test("a flipped bit in any field of a request or an invoice breaks its signature or its form")
    func flippedBits() throws {
        let request = try Self.request(to: Self.offer())
        let invoice = try Self.invoice(to: request)
        for records in [request.records, invoice.records] {
            for (index, record) in records.enumerated() where !record.value.isEmpty {
                var changed = records
                changed[index].value[record.value.count - 1] ^= 1
                var writer = ByteWriter()
                for record in changed {
                    writer.writeBigSize(record.type)
                    writer.writeBigSize(UInt64(record.value.count))
                    writer.write(record.value)
                }
                let bytes = writer.bytes
                #expect(throws: Bolt12Error.self) { try InvoiceRequest(decoding: bytes) }
                #expect(throws: Bolt12Error.self) { try Bolt12Invoice(decoding: bytes) }
            }
        }
    }

    @Test("quantities and amounts are held against the offer")
    func quantities() throws {
        let many = try Self.offer { $0.quantityMax = 5 }
        #expect(throws: Bolt12Error.missingField("invreq_quantity")) {
            try Self.request(to: many)
        }
        #expect(throws: Bolt12Error.invalidField("invreq_quantity")) {
            try Self.request(to: many) { $0.quantity = 6 }
        }
        #expect(throws: Bolt12Error.unexpectedField("invreq_quantity")) {
            try Self.request(to: Self.offer()) { $0.quantity = 1 }
        }
        #expect(throws: Bolt12Error.invalidField("invreq_amount")) {
            try Self.request(to: many) {
                $0.quantity = 3
                $0.amount = 2999
            }
        }
        let request = try Self.request(to: many) { $0.quantity = 3 }
        #expect(try request.expectedAmount() == 3000)
        #expect(throws: Bolt12Error.invalidField("invreq_quantity")) {
            try Self.request(to: Self.offer { $0.quantityMax = 0 }) { $0.quantity = .max }
        }
    }

    @Test("an invoice without a way to pay it is refused")
    func unusablePaths() throws {
        let request = try Self.request(to: Self.offer())
        #expect(throws: Bolt12Error.missingField("invoice_paths")) {
            try Self.invoice(to: request) { $0.paths = nil }
        }
        #expect(throws: Bolt12Error.invalidField("invoice_blindedpay")) {
            try Self.invoice(to: request) { $0.payInfos = [] }
        }
        #expect(throws: Bolt12Error.invalidField("invoice_blindedpay")) {
            try Self.invoice(to: request) { $0.payInfos?[0].features = Features(bits: [4]) }
        }
        #expect(throws: Bolt12Error.unknownRequiredFeature(bit: 18)) {
            try Self.invoice(to: request) { $0.features = Features(bits: [18]) }
        }
    }

    @Test("a request that was published without an offer names its amount")
    func publishedRequest() throws {
        var (fields, published) = (InvoiceRequestFields(), OfferFields())
        fields.metadata = [1]
        published.description = "refund"
        #expect(throws: Bolt12Error.missingField("invreq_amount")) {
            try InvoiceRequest(to: nil, fields, published: published, payerKey: Self.payer)
        }
        fields.amount = 7
        let request = try InvoiceRequest(
            to: nil, fields, published: published, payerKey: Self.payer)
        #expect(try InvoiceRequest(request.text) == request)
    }
}

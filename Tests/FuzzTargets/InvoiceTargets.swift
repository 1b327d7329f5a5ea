import Bitcoin
import LightningInvoice
import LightningWire

extension FuzzTarget {
    /// Requests for payments, as people paste them and as nodes send them.
    static let invoices: [FuzzTarget] = [
        text(
            "bolt11", seeds: [invoice.text, invoice.text.uppercased()],
            parse: { try Invoice(decoding: $0) }, print: \.text),
        text("bolt12-offer", seeds: [offer.text], parse: { try Offer($0) }, print: \.text),
        codec(
            "bolt12-invoice-request", seeds: [Bolt12Bytes.encode(request.records)],
            isCanonical: true, decode: { try InvoiceRequest(decoding: $0) },
            encode: { Bolt12Bytes.encode($0.records) }),
        codec(
            "bolt12-invoice", seeds: [Bolt12Bytes.encode(answer.records)], isCanonical: true,
            decode: { try Bolt12Invoice(decoding: $0) },
            encode: { Bolt12Bytes.encode($0.records) }),
    ]

    private static let key: PrivateKey = {
        guard let key = try? PrivateKey([UInt8](repeating: 7, count: 32)) else {
            preconditionFailure("a number in range is a key")
        }
        return key
    }()

    private static let invoice = Invoice(
        InvoiceContent(
            network: .regtest, amount: MilliSatoshi(123_000), timestamp: 1_700_000_000,
            paymentHash: PaymentHash(.zero), paymentSecret: .zero, description: .text("tea"),
            fallbacks: [.payToWitnessPublicKeyHash(of: key.publicKey)],
            routeHints: [
                [
                    RouteHintHop(
                        nodeID: NodeID(key.publicKey), shortChannelID: ShortChannelID(9),
                        feeBase: 1, feeProportionalMillionths: 2, cltvExpiryDelta: 3)
                ]
            ],
            features: Features(bits: [8, 14, 17]), metadata: [1, 2]), key: key)

    private static let offer: Offer = made {
        var fields = OfferFields()
        fields.description = "tea"
        fields.amount = 1000
        fields.issuerID = NodeID(key.publicKey)
        return try Offer(fields)
    }

    private static let request: InvoiceRequest = made {
        var fields = InvoiceRequestFields()
        fields.metadata = [1, 2, 3, 4]
        return try InvoiceRequest(to: offer, fields, payerKey: key)
    }

    private static let answer: Bolt12Invoice = made {
        var fields = Bolt12InvoiceFields()
        let point = Point(key.publicKey)
        fields.paths = [
            BlindedPath(
                firstNode: .nodeID(NodeID(point)), firstPathKey: point,
                hops: [BlindedHop(blindedNodeID: point, encryptedRecipientData: [9])])
        ]
        fields.payInfos = [BlindedPayInfo()]
        fields.createdAt = 1_700_000_000
        fields.paymentHash = PaymentHash(.zero)
        fields.amount = 1000
        return try Bolt12Invoice(answering: request, fields, key: key)
    }

    private static func made<Value>(_ make: () throws -> Value) -> Value {
        guard let value = try? make() else { preconditionFailure("a seed can be made") }
        return value
    }
}

/// The bytes of a stream of records.
private enum Bolt12Bytes {
    static func encode(_ records: [TLVRecord]) -> [UInt8] {
        var writer = ByteWriter()
        for record in records {
            writer.writeBigSize(record.type)
            writer.writeBigSize(UInt64(record.value.count))
            writer.write(record.value)
        }
        return writer.bytes
    }
}

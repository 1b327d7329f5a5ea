import Bitcoin
import LightningCrypto
import LightningWire
import TestSupport
import Testing

/// A payment to a receiver behind a blinded path: the sender's onion, and what every node makes of it.
@Suite("Blinded payments of BOLT 4") struct BlindedPaymentVectors {
    static let file = VectorFile("bolt/bolt04-blinded-payment-onion-test.json")

    static func blindedPath(_ json: JSONValue) throws -> BlindedPath {
        BlindedPath(
            firstNode: .nodeID(NodeID(try Point(json.hex("first_node_id")))),
            firstPathKey: try Point(json.hex("first_path_key")),
            hops: try json.list("hops").map {
                BlindedHop(
                    blindedNodeID: try Point($0.hex("blinded_node_id")),
                    encryptedRecipientData: try $0.hex("encrypted_data"))
            })
    }

    @Test(
        "the sender's packet is the specification's, and all nodes read and forward it",
        .enabled(if: file.isPresent, "shared/vectors is not there"))
    func all() throws {
        let json = try Self.file.json()
        let generate = try #require(json["generate"])
        let path = try Self.blindedPath(try #require(generate["blinded_route"]))
        let hops = try #require(generate["full_route"]).list("hops")
        let payInfo = try #require(generate["blinded_payinfo"])
        let fees = PaymentRelay(
            cltvExpiryDelta: UInt16(try #require(payInfo["cltv_expiry_delta"]?.integer)),
            feeProportionalMillionths: UInt32(
                try #require(payInfo["fee_proportional_millionths"]?.integer)),
            feeBase: UInt32(try #require(payInfo["fee_base_msat"]?.integer)))
        let amount = MilliSatoshi(100_000)
        let sent = amount + (try #require(fees.fee(for: amount)))
        let first = PaymentPayload(
            amountToForward: sent, outgoingCltvValue: BlockHeight(749_000 + 150),
            shortChannelID: ShortChannelID("0x0x10"))
        let introduction = try PublicKey(hops[1].hex("pubkey"))
        let onionHops =
            [OnionHop(key: try PublicKey(hops[0].hex("pubkey")), payload: first.encoded)]
            + (try path.paymentHops(
                introduction: introduction, amount: amount, total: MilliSatoshi(150_000),
                cltvExpiry: BlockHeight(749_000)))
        var passed = 0
        for (hop, own) in zip(hops, onionHops) {
            let isRight = try OnionVectors.withoutLength(hop.hex("payload")) == own.payload
            #expect(isRight)
            passed += isRight ? 1 : 0
        }
        let built = try OnionPacket.build(
            onionHops, sessionKey: PrivateKey(generate.hex("session_key")),
            associatedData: generate.hex("associated_data"))
        let isBuilt = try built.packet.bytes == generate.hex("onion")
        #expect(isBuilt)
        passed += isBuilt ? 1 : 0
        passed += try Self.follow(json, generate: generate, sent: sent)
        Self.file.record(cases: 11, run: hops.count + 1 + 5, passed: passed)
        #expect(hops.count == 5)
    }

    /// Hands the HTLC from node to node as the nodes themselves say; answers how many did as they should.
    static func follow(
        _ json: JSONValue, generate: JSONValue, sent: MilliSatoshi
    ) throws -> Int {
        let hash = PaymentHash(try Hash256(generate.hex("associated_data")))
        var payment = IncomingPayment(
            amount: sent, paymentHash: hash, cltvExpiry: BlockHeight(749_200),
            onion: try generate.hex("onion"))
        // What each node's data says comes next, and the amount that its relay leaves.
        let expected: [(NextPeer, UInt64, UInt32)] = [
            (.channel(ShortChannelID(10)), 110_125, 749_150),
            (.channel(ShortChannelID(1)), 100_125, 749_100),
            (.channel(ShortChannelID(2)), 100_010, 749_025),
            (.channel(ShortChannelID(3)), 100_000, 749_000),
        ]
        var passed = 0
        let hops = try #require(json["decrypt"]).list("hops")
        for (index, hop) in hops.enumerated() {
            #expect(try payment.onion == hop.hex("onion"))
            let key = try PrivateKey(hop.hex("node_privkey"))
            switch payment.open(with: key, height: BlockHeight(748_000)) {
            case .forward(let forward):
                let (next, amount, expiry) = expected[index]
                let isRight =
                    try forward.next == next && forward.amount == MilliSatoshi(amount)
                    && forward.cltvExpiry == BlockHeight(expiry)
                    && forward.pathKey
                        == (index == 0 ? nil : Point(hop.hex("next_path_key")))
                #expect(isRight, "hop \(index)")
                passed += isRight ? 1 : 0
                payment = IncomingPayment(
                    amount: forward.amount, paymentHash: hash, cltvExpiry: forward.cltvExpiry,
                    onion: forward.packet.bytes, pathKey: forward.pathKey)
            case .receive(let receipt):
                let isRight =
                    index == 4 && receipt.total == MilliSatoshi(150_000)
                    && receipt.blinding?.pathID.map { Hex.encode($0) }
                        == "c9cf92f45ade68345bc20ae672e2012f4af487ed4415"
                #expect(isRight)
                passed += isRight ? 1 : 0
            case .refuse(let refusal): Issue.record("hop \(index): \(refusal)")
            }
        }
        return passed
    }
}

import Bitcoin
import LightningCrypto
import LightningWire
import TestSupport
import Testing

/// Payments over blinded paths that their creator or their user made wrong.
@Suite("Blinded paths") struct BlindedPathTests {
    static let hash = PaymentHash(SHA256.hash([1]))
    static let height = BlockHeight(700_000)
    static let relay = PaymentRelay(
        cltvExpiryDelta: 10, feeProportionalMillionths: 1000, feeBase: 5)
    static let constraints = PaymentConstraints(
        maxCltvExpiry: BlockHeight(700_200), htlcMinimum: MilliSatoshi(100))
    static let relayed = RecipientData(
        shortChannelID: ShortChannelID(7), paymentRelay: relay, paymentConstraints: constraints)
    static let received = RecipientData(pathID: [1, 2, 3], paymentConstraints: constraints)

    /// A path over the nodes of keys 1 and 2, or 1 alone.
    static func path(_ data: [RecipientData]) throws -> BlindedPath {
        try .create(
            data.enumerated().map {
                PathNode(key: OnionFixture.key(UInt8($0.offset + 1)).publicKey, data: $0.element)
            }, sessionKey: OnionFixture.key(0x55))
    }

    /// The HTLC that reaches the first node; `change` may falsify the hops before the onion is built.
    static func payment(
        _ data: [RecipientData], amount: UInt64 = 1000, expiry: UInt32 = 700_110,
        change: (inout [OnionHop]) throws -> Void = { _ in }
    ) throws -> IncomingPayment {
        var hops = try path(data).paymentHops(
            introduction: OnionFixture.key(1).publicKey, amount: MilliSatoshi(900),
            total: MilliSatoshi(900), cltvExpiry: BlockHeight(700_000))
        try change(&hops)
        let built = try OnionPacket.build(
            hops, sessionKey: OnionFixture.key(0x77), associatedData: hash.hash.bytes)
        return IncomingPayment(
            amount: MilliSatoshi(amount), paymentHash: hash, cltvExpiry: BlockHeight(expiry),
            onion: built.packet.bytes)
    }

    /// The same HTLC as the second node gets it.
    static func second(_ payment: IncomingPayment) throws -> IncomingPayment {
        guard case .forward(let forward) = payment.open(with: OnionFixture.key(1), height: height)
        else { throw OnionError.wrongHMAC }
        return IncomingPayment(
            amount: forward.amount, paymentHash: hash, cltvExpiry: forward.cltvExpiry,
            onion: forward.packet.bytes, pathKey: forward.pathKey)
    }

    @Test("the introduction node relays by its data, and the receiver knows its path")
    func twoHops() throws {
        let payment = try Self.payment([Self.relayed, Self.received])
        guard
            case .forward(let forward) = payment.open(
                with: OnionFixture.key(1), height: Self.height)
        else { return #expect(Bool(false)) }
        #expect(forward.next == .channel(ShortChannelID(7)))
        // (1000 - 5) / 1.001, rounded up.
        #expect(forward.amount == MilliSatoshi(995) && forward.cltvExpiry == BlockHeight(700_100))
        #expect(forward.reporter.place == .introduction)
        let next = try Self.second(payment)
        guard case .receive(let receipt) = next.open(with: OnionFixture.key(2), height: Self.height)
        else { return #expect(Bool(false)) }
        #expect(receipt.blinding?.pathID == [1, 2, 3] && receipt.reporter.place == .inside)
        let expected = ExpectedPayment(
            proof: .pathID([1, 2, 3]), amount: MilliSatoshi(900), minFinalCltvExpiryDelta: 100)
        #expect(receipt.problem(expecting: expected) == nil)
        var other = expected
        other.proof = .pathID([1, 2, 4])
        #expect(receipt.problem(expecting: other) == receipt.wrongDetails)
        other.proof = .paymentSecret(.zero)
        #expect(receipt.problem(expecting: other) == receipt.wrongDetails)
    }

    @Test("every failure of the introduction node and of those behind looks the same")
    func oneFailure() throws {
        let payment = try Self.payment([Self.relayed, Self.received])
        let onionHash = SHA256.hash(payment.onion)
        guard
            case .forward(let forward) = payment.open(
                with: OnionFixture.key(1), height: Self.height)
        else { return #expect(Bool(false)) }
        #expect(
            forward.reporter.refusal(.temporaryChannelFailure())
                == .failed(
                    .invalidOnionBlinding(onionHash: onionHash), forward.reporter.sharedSecret))
        let next = try Self.second(payment)
        guard case .receive(let receipt) = next.open(with: OnionFixture.key(2), height: Self.height)
        else { return #expect(Bool(false)) }
        #expect(
            receipt.reporter.refusal(receipt.wrongDetails)
                == .malformed(.invalidOnionBlinding, onionHash: SHA256.hash(next.onion)))
    }

    static let badRelayData: [RecipientData] = [
        // No relay, no next node, two of them, a feature, and constraints that do not hold.
        RecipientData(shortChannelID: ShortChannelID(7)), RecipientData(paymentRelay: relay),
        RecipientData(
            shortChannelID: ShortChannelID(7),
            nextNodeID: NodeID(OnionFixture.key(3).publicKey), paymentRelay: relay),
        RecipientData(
            shortChannelID: ShortChannelID(7), paymentRelay: relay,
            allowedFeatures: Features(bits: [113])),
        RecipientData(
            shortChannelID: ShortChannelID(7), paymentRelay: relay,
            paymentConstraints: PaymentConstraints(
                maxCltvExpiry: BlockHeight(700_109), htlcMinimum: .zero)),
        RecipientData(
            shortChannelID: ShortChannelID(7), paymentRelay: relay,
            paymentConstraints: PaymentConstraints(
                maxCltvExpiry: BlockHeight(700_110), htlcMinimum: MilliSatoshi(1001))),
        RecipientData(
            shortChannelID: ShortChannelID(7),
            paymentRelay: PaymentRelay(
                cltvExpiryDelta: 10, feeProportionalMillionths: 0, feeBase: 1000)),
    ]

    @Test("data that breaks a rule is refused without telling which", arguments: badRelayData)
    func relayRules(data: RecipientData) throws {
        let payment = try Self.payment([data, Self.received])
        guard
            case .refuse(.failed(.invalidOnionBlinding, _)) = payment.open(
                with: OnionFixture.key(1), height: Self.height)
        else { return #expect(Bool(false)) }
        // With the same data inside a path: in the second of three nodes.
        let inner = try Self.second(
            try Self.payment([Self.relayed, data, Self.received], expiry: 700_120))
        #expect(
            inner.open(with: OnionFixture.key(2), height: Self.height)
                == .refuse(
                    .malformed(.invalidOnionBlinding, onionHash: SHA256.hash(inner.onion))))
    }

    @Test("payloads inside a path hold what they must and nothing else")
    func payloadRules() throws {
        let changes: [(inout PaymentPayload) -> Void] = [
            { $0.shortChannelID = ShortChannelID(7) },
            { $0.paymentData = PaymentData(paymentSecret: .zero, total: .zero) },
            { $0.unknownRecords = [TLVRecord(type: 99, value: [])] },
            { $0.currentPathKey = nil }, { $0.encryptedRecipientData?[3] ^= 1 },
            { $0.encryptedRecipientData = [] },
            { $0.currentPathKey = Point(OnionFixture.key(8).publicKey) },
        ]
        for change in changes {
            let payment = try Self.payment([Self.relayed, Self.received]) { hops in
                var payload = try PaymentPayload(decoding: hops[0].payload)
                change(&payload)
                hops[0].payload = payload.encoded
            }
            guard
                case .refuse(.failed) = payment.open(with: OnionFixture.key(1), height: Self.height)
            else {
                #expect(Bool(false))
                continue
            }
        }
        let final: [(inout PaymentPayload) -> Void] = [
            { $0.totalAmount = nil }, { $0.amountToForward = nil }, { $0.outgoingCltvValue = nil },
            { $0.paymentMetadata = [1] },
            { $0.currentPathKey = Point(OnionFixture.key(8).publicKey) },
            { $0.unknownRecords = [TLVRecord(type: 65537, value: [])] },
            { $0.encryptedRecipientData = nil },
        ]
        for change in final {
            let payment = try Self.second(
                Self.payment([Self.relayed, Self.received]) { hops in
                    var payload = try PaymentPayload(decoding: hops[1].payload)
                    change(&payload)
                    hops[1].payload = payload.encoded
                })
            #expect(
                payment.open(with: OnionFixture.key(2), height: Self.height)
                    == .refuse(
                        .malformed(.invalidOnionBlinding, onionHash: SHA256.hash(payment.onion))))
        }
    }

    @Test("a receiver that begins its own path tells its failures as if there were none")
    func receiverAtIntroduction() throws {
        let payment = try Self.payment([Self.received], amount: 99)
        #expect(
            PaymentOpeningTests.failure(
                payment.open(with: OnionFixture.key(1), height: Self.height))
                == .incorrectOrUnknownPaymentDetails(
                    amount: MilliSatoshi(99), height: Self.height))
    }

    @Test("data is padded to one length, across the lengths that no padding can give")
    func padding() throws {
        for longest in [3, 4, 250, 253, 254, 255, 256, 257, 258, 300] {
            let data = [
                RecipientData(pathID: [UInt8](repeating: 1, count: longest)),
                RecipientData(pathID: [1, 2]), RecipientData(), RecipientData(pathID: [1, 2, 3]),
            ]
            let padded = data.paddedAlike()
            #expect(Set(padded.map(\.encoded.count)).count == 1)
            for (before, after) in zip(data, padded) {
                #expect(try RecipientData(decoding: after.encoded) == after)
                #expect(after.pathID == before.pathID)
            }
        }
        #expect([RecipientData]().paddedAlike().isEmpty)
    }

    @Test("what a path takes in all is enough for each of its nodes")
    func totals() throws {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<500 {
            let relays = (0..<Int.random(in: 1...6, using: &generator)).map { _ in
                PaymentRelay(
                    cltvExpiryDelta: .random(in: 0...300, using: &generator),
                    feeProportionalMillionths: .random(in: 0...20000, using: &generator),
                    feeBase: .random(in: 0...5000, using: &generator))
            }
            let total = try #require(PaymentRelay.total(of: relays, minFinalCltvExpiryDelta: 18))
            let amount = MilliSatoshi(.random(in: 1...1_000_000_000, using: &generator))
            var rest = amount + (try #require(total.fee(for: amount)))
            var expiry = BlockHeight(700_000 + UInt32(total.cltvExpiryDelta))
            for relay in relays {
                let next = try #require(relay.forwarded(amount: rest, cltvExpiry: expiry))
                (rest, expiry) = (next.amount, next.cltvExpiry)
            }
            #expect(rest >= amount && expiry == BlockHeight(700_018))
        }
        let absurd = PaymentRelay(
            cltvExpiryDelta: .max, feeProportionalMillionths: .max, feeBase: .max)
        #expect(PaymentRelay.total(of: [absurd, absurd], minFinalCltvExpiryDelta: 0) == nil)
        #expect(absurd.fee(for: MilliSatoshi(.max)) == nil)
        #expect(absurd.forwarded(amount: MilliSatoshi(.max), cltvExpiry: BlockHeight(.max)) != nil)
    }

    @Test("a path has a node, and not more than a byte can count")
    func hopCounts() {
        #expect(throws: BlindedPathError.wrongHopCount(0)) {
            try BlindedPath.create([], sessionKey: OnionFixture.key(1))
        }
        let node = PathNode(key: OnionFixture.key(1).publicKey, data: RecipientData())
        #expect(throws: BlindedPathError.wrongHopCount(256)) {
            try BlindedPath.create(
                [PathNode](repeating: node, count: 256), sessionKey: OnionFixture.key(1))
        }
    }
}

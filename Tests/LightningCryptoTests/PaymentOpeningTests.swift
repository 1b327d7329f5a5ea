import Bitcoin
import LightningCrypto
import LightningWire
import TestSupport
import Testing

/// HTLCs with onions of one or two hops, against the rules of BOLT 4 for those who read them.
@Suite("Payments by their onions") struct PaymentOpeningTests {
    static let preimage = PaymentPreimage(SHA256.hash([9]))
    static let hash = preimage.paymentHash
    static let height = BlockHeight(700_000)
    static let secret = SHA256.hash([3])
    static let channel = ShortChannelID("1x2x3")!

    /// An HTLC whose onion has `payload` for the node of key 1, and another hop behind it unless that is the last.
    static func payment(
        _ payload: [UInt8], isFinal: Bool, amount: UInt64 = 1000, expiry: UInt32 = 700_100
    ) throws -> IncomingPayment {
        let payloads = isFinal ? [payload] : [payload, [2, 1, 1, 4, 1, 1]]
        let built = try OnionPacket.build(
            OnionFixture.hops(payloads), sessionKey: OnionFixture.key(0x77),
            associatedData: hash.hash.bytes)
        return IncomingPayment(
            amount: MilliSatoshi(amount), paymentHash: hash, cltvExpiry: BlockHeight(expiry),
            onion: built.packet.bytes)
    }

    static func open(
        _ payload: PaymentPayload, isFinal: Bool, amount: UInt64 = 1000, expiry: UInt32 = 700_100
    ) throws -> OpenedPayment {
        try payment(payload.encoded, isFinal: isFinal, amount: amount, expiry: expiry)
            .open(with: OnionFixture.key(1), height: height)
    }

    static func failure(_ opened: OpenedPayment) -> Failure? {
        if case .refuse(.failed(let failure, _)) = opened { failure } else { nil }
    }

    static let relayed = PaymentPayload(
        amountToForward: MilliSatoshi(900), outgoingCltvValue: BlockHeight(700_050),
        shortChannelID: channel)
    static let paid = PaymentPayload(
        amountToForward: MilliSatoshi(1000), outgoingCltvValue: BlockHeight(700_100),
        paymentData: PaymentData(paymentSecret: secret, total: MilliSatoshi(3000)))

    @Test("a hop forwards what its payload says")
    func forward() throws {
        guard case .forward(let forward) = try Self.open(Self.relayed, isFinal: false) else {
            return #expect(Bool(false))
        }
        #expect(forward.next == .channel(Self.channel))
        #expect(forward.amount == MilliSatoshi(900))
        #expect(forward.cltvExpiry == BlockHeight(700_050))
        #expect(forward.pathKey == nil && forward.reporter.place == .outside)
        let next = try forward.packet.peel(
            with: OnionFixture.key(2), associatedData: Self.hash.hash.bytes)
        #expect(next.payload == [2, 1, 1, 4, 1, 1] && next.next == nil)
    }

    @Test(
        "a forwarded HTLC that breaks a channel's terms gets the code for it, the first of the list"
    )
    func terms() throws {
        guard case .forward(let forward) = try Self.open(Self.relayed, isFinal: false) else {
            return #expect(Bool(false))
        }
        let relay = PaymentRelay(
            cltvExpiryDelta: 50, feeProportionalMillionths: 100_000, feeBase: 10)
        let good = ForwardingTerms(relay: relay, htlcMinimum: MilliSatoshi(900), expiryMargin: 10)
        #expect(forward.problem(terms: good, height: Self.height) == nil)
        var terms = good
        terms.htlcMinimum = MilliSatoshi(901)
        terms.relay.feeBase = 11
        #expect(
            forward.problem(terms: terms, height: Self.height)
                == .amountBelowMinimum(amount: MilliSatoshi(900)))
        terms.htlcMinimum = .zero
        terms.relay.cltvExpiryDelta = 51
        #expect(
            forward.problem(terms: terms, height: Self.height)
                == .feeInsufficient(amount: MilliSatoshi(1000)))
        terms.relay.feeBase = 10
        #expect(
            forward.problem(terms: terms, height: Self.height)
                == .incorrectCltvExpiry(BlockHeight(700_050)))
        #expect(forward.problem(terms: good, height: BlockHeight(700_040)) == .expiryTooSoon())
        #expect(forward.problem(terms: good, height: BlockHeight(700_060)) == .expiryTooSoon())
        #expect(forward.problem(terms: good, height: BlockHeight(700_050 - 2017)) == .expiryTooFar)
        #expect(forward.problem(terms: good, height: BlockHeight(700_050 - 2016)) == nil)
        // The incoming HTLC has more than the outgoing one and this node need: 2016 blocks, and 49.
        terms = good
        terms.relay.cltvExpiryDelta = 49
        #expect(forward.problem(terms: terms, height: BlockHeight(700_050 - 2016)) == .expiryTooFar)
        terms = good
        terms.relay.feeProportionalMillionths = .max
        #expect(
            forward.problem(terms: terms, height: Self.height)
                == .feeInsufficient(amount: MilliSatoshi(1000)))
    }

    @Test("what is missing or not understood is named by its type and place")
    func invalidPayloads() throws {
        var payload = Self.relayed
        payload.shortChannelID = nil
        #expect(
            Self.failure(try Self.open(payload, isFinal: false))
                == .invalidOnionPayload(type: 6, offset: 0))
        payload = Self.paid
        payload.amountToForward = nil
        #expect(
            Self.failure(try Self.open(payload, isFinal: true))
                == .invalidOnionPayload(type: 2, offset: 0))
        payload = Self.paid
        payload.outgoingCltvValue = nil
        #expect(
            Self.failure(try Self.open(payload, isFinal: true))
                == .invalidOnionPayload(type: 4, offset: 0))
        payload = Self.relayed
        payload.currentPathKey = Point(OnionFixture.key(4).publicKey)
        let opened = try Self.open(payload, isFinal: false)
        guard case .refuse(.failed(.invalidOnionBlinding, _)) = opened else {
            return #expect(Bool(false), "\(opened)")
        }
        #expect(
            Self.failure(
                try Self.payment(Self.relayed.encoded + [20, 0], isFinal: false)
                    .open(with: OnionFixture.key(1), height: Self.height))
                == .invalidOnionPayload(type: 20, offset: UInt16(Self.relayed.encoded.count)))
        // A number with a leading zero, and types out of order.
        #expect(
            Self.failure(
                try Self.payment([2, 2, 0, 1, 4, 1, 1], isFinal: true)
                    .open(with: OnionFixture.key(1), height: Self.height))
                == .invalidOnionPayload(type: 2, offset: 0))
        #expect(
            Self.failure(
                try Self.payment([4, 1, 1, 2, 1, 1], isFinal: true)
                    .open(with: OnionFixture.key(1), height: Self.height))
                == .invalidOnionPayload(type: 2, offset: 3))
    }

    @Test("an application's even record stops a hop on the way, and reaches the receiver")
    func customRecords() throws {
        let record = TLVRecord(type: 65536, value: [1])
        var payload = Self.relayed
        payload.unknownRecords = [record]
        #expect(
            Self.failure(try Self.open(payload, isFinal: false))
                == .invalidOnionPayload(
                    type: 65536, offset: UInt16(Self.relayed.encoded.count)))
        payload = Self.paid
        payload.unknownRecords = [TLVRecord(type: 65535, value: [5]), record]
        guard case .receive(let receipt) = try Self.open(payload, isFinal: true) else {
            return #expect(Bool(false))
        }
        #expect(receipt.customRecords == [record])
    }

    @Test("the receiver refuses less and earlier than the origin sent, each with its code")
    func finalHop() throws {
        #expect(
            Self.failure(try Self.open(Self.paid, isFinal: true, amount: 999))
                == .finalIncorrectHTLCAmount(MilliSatoshi(999)))
        #expect(
            Self.failure(try Self.open(Self.paid, isFinal: true, expiry: 700_099))
                == .finalIncorrectCltvExpiry(BlockHeight(700_099)))
        guard
            case .receive(let receipt) = try Self.open(
                Self.paid, isFinal: true, amount: 1001, expiry: 700_101)
        else { return #expect(Bool(false)) }
        #expect(receipt.amount == MilliSatoshi(1001) && receipt.total == MilliSatoshi(3000))
    }

    @Test("whatever is wrong with a payment that was asked for, the sender is told the same")
    func expectations() throws {
        var payload = Self.paid
        payload.paymentMetadata = [7]
        guard case .receive(let receipt) = try Self.open(payload, isFinal: true) else {
            return #expect(Bool(false))
        }
        let good = ExpectedPayment(
            proof: .paymentSecret(Self.secret), amount: MilliSatoshi(3000), paymentMetadata: [7],
            minFinalCltvExpiryDelta: 100)
        #expect(receipt.problem(expecting: good) == nil)
        let wrong = Failure.incorrectOrUnknownPaymentDetails(
            amount: MilliSatoshi(1000), height: Self.height)
        let changes: [(inout ExpectedPayment) -> Void] = [
            { $0.proof = .paymentSecret(.zero) }, { $0.proof = .pathID([1]) },
            { $0.amount = MilliSatoshi(3001) }, { $0.amount = MilliSatoshi(1499) },
            { $0.paymentMetadata = nil }, { $0.paymentMetadata = [8] },
            { $0.minFinalCltvExpiryDelta = 101 },
        ]
        for change in changes {
            var expected = good
            change(&expected)
            #expect(receipt.problem(expecting: expected) == wrong)
        }
        var half = good
        half.amount = MilliSatoshi(1500)
        #expect(receipt.problem(expecting: half) == nil)
        half.amount = nil
        #expect(receipt.problem(expecting: half) == nil)
    }

    @Test("keysend needs the preimage of the HTLC's hash")
    func keysend() throws {
        var payload = Self.paid
        payload.paymentData = nil
        payload.unknownRecords = [
            TLVRecord(type: PaymentReceipt.keysendType, value: Self.preimage.hash.bytes)
        ]
        guard case .receive(let receipt) = try Self.open(payload, isFinal: true) else {
            return #expect(Bool(false))
        }
        #expect(receipt.keysendPreimage == Self.preimage && receipt.total == MilliSatoshi(1000))
        #expect(receipt.keysendProblem(minFinalCltvExpiryDelta: 100) == nil)
        #expect(receipt.keysendProblem(minFinalCltvExpiryDelta: 101) == receipt.wrongDetails)
        payload.unknownRecords[0].value[0] ^= 1
        #expect(
            Self.failure(try Self.open(payload, isFinal: true))
                == .incorrectOrUnknownPaymentDetails(
                    amount: MilliSatoshi(1000), height: Self.height))
        payload.unknownRecords[0].value = [1]
        guard
            case .invalidOnionPayload(PaymentReceipt.keysendType, _) = Self.failure(
                try Self.open(payload, isFinal: true))
        else { return #expect(Bool(false)) }
    }

    @Test("an onion that cannot be read goes back as malformed, with its hash")
    func malformed() throws {
        var payment = try Self.payment(Self.paid.encoded, isFinal: true)
        payment.onion[0] = 3
        var onionHash = SHA256.hash(payment.onion)
        let key = OnionFixture.key(1)
        #expect(
            payment.open(with: key, height: Self.height)
                == .refuse(.malformed(.invalidOnionVersion, onionHash: onionHash)))
        payment.onion[0] = 0
        payment.onion[1] = 7
        onionHash = SHA256.hash(payment.onion)
        #expect(
            payment.open(with: key, height: Self.height)
                == .refuse(.malformed(.invalidOnionKey, onionHash: onionHash)))
        payment.onion[1] = 2
        onionHash = SHA256.hash(payment.onion)
        #expect(
            payment.open(with: OnionFixture.key(2), height: Self.height)
                == .refuse(.malformed(.invalidOnionHMAC, onionHash: onionHash)))
        payment.pathKey = Point(OnionFixture.key(5).publicKey)
        #expect(
            payment.open(with: key, height: Self.height)
                == .refuse(.malformed(.invalidOnionBlinding, onionHash: onionHash)))
    }
}

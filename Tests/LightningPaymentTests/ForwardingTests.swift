import Bitcoin
import LightningCrypto
import LightningPayment
import LightningWire
import Testing

/// What is sent on, under which terms, and how it comes back.
@Suite("Forwarding")
struct ForwardingTests {
    private static let hash = PaymentHash(SHA256.hash([4]))
    private static let relay = PaymentRelay(
        cltvExpiryDelta: 40, feeProportionalMillionths: 1000, feeBase: 1000)

    private var forwarding: Forwarding
    private var sender: TestSender
    private let next: PrivateKey

    init() throws {
        let node = try TestNode(0)
        forwarding = node.forwarding
        sender = TestSender(to: node.key)
        next = try PrivateKey([UInt8](repeating: 77, count: 32))
    }

    /// Hands in an HTLC of 100,000 msat that is to go on with `amount`, 1,100 msat less, which is the fee.
    private mutating func receive(
        amount: UInt64 = 98_900, incoming: UInt64 = 100_000, expiry: UInt32 = 800_100,
        incomingExpiry: UInt32 = 800_140, inboundFee: InboundFee = .none,
        channels: [OutgoingChannel]? = nil, sessionKey: UInt8? = nil, dust: Bool = false,
        attributed: Bool = true
    ) throws -> (decision: ForwardingDecision, name: HTLCName) {
        let payload = PaymentPayload(
            amountToForward: MilliSatoshi(amount), outgoingCltvValue: BlockHeight(expiry),
            shortChannelID: ShortChannelID(5))
        var htlc = try sender.htlc(
            payload, hash: Self.hash, amount: MilliSatoshi(incoming), expiry: incomingExpiry,
            next: next, sessionKey: sessionKey)
        htlc.exceedsDustExposure = dust
        htlc.isAttributed = attributed
        let opened = htlc.opened(with: sender.key, height: sender.height)
        let all = channels ?? [Self.channel()]
        let decision = forwarding.receive(
            opened, inboundFee: inboundFee,
            channels: opened.next == .channel(ShortChannelID(5)) ? all : [], at: sender.moment)
        return (decision, htlc.name)
    }

    private static func channel(
        _ number: UInt32 = 1, minimum: UInt64 = 1, maximum: UInt64? = nil, enabled: Bool = true,
        available: UInt64 = 1_000_000, relay: PaymentRelay = relay
    ) -> OutgoingChannel {
        OutgoingChannel(
            number: number,
            policy: ForwardingPolicy(
                relay: relay, htlcMinimum: MilliSatoshi(minimum),
                htlcMaximum: maximum.map { MilliSatoshi($0) }, isEnabled: enabled),
            available: MilliSatoshi(available))
    }

    private func failure(_ decision: ForwardingDecision) -> Failure? {
        guard case .answer(let answer, _) = decision,
            case .failed(let failure) = sender.read(answer)
        else { return nil }
        return failure
    }

    @Test("what keeps to the terms goes on, as the onion says")
    mutating func forward() throws {
        let (decision, name) = try receive()
        guard case .forward(let forward) = decision else { return #expect(Bool(false)) }
        #expect(forward.incoming == name && forward.channels == [1])
        #expect(forward.amount == MilliSatoshi(98_900))
        #expect(forward.cltvExpiry == BlockHeight(800_100))
        #expect(forward.paymentHash == Self.hash && forward.pathKey == nil)
        let packet = try OnionPacket(forward.onion)
        let peeled = try packet.peel(
            with: next, associatedData: Self.hash.hash.bytes)
        #expect(peeled.next == nil)
        #expect(forwarding.count == 1)
    }

    @Test("what does not keep to the terms goes back with the reason", arguments: 0..<10)
    mutating func terms(_ what: Int) throws {
        let amount = MilliSatoshi(98_900)
        let (decision, expected): (ForwardingDecision, Failure) =
            switch what {
            case 0: (try receive(channels: []).decision, .unknownNextPeer)
            case 1:
                (
                    try receive(channels: [Self.channel(minimum: 98_901)]).decision,
                    .amountBelowMinimum(amount: amount)
                )
            case 2:
                (
                    try receive(channels: [Self.channel(maximum: 98_899)]).decision,
                    .temporaryChannelFailure()
                )
            case 3:
                (
                    try receive(incoming: 99_997).decision,
                    .feeInsufficient(amount: MilliSatoshi(99_997))
                )
            case 4:
                (
                    try receive(incomingExpiry: 800_139).decision,
                    .incorrectCltvExpiry(BlockHeight(800_100))
                )
            case 5:
                (
                    try receive(expiry: 800_013, incomingExpiry: 800_053).decision,
                    .expiryTooSoon()
                )
            case 6:
                (try receive(expiry: 802_017, incomingExpiry: 802_057).decision, .expiryTooFar)
            case 7:
                (
                    try receive(channels: [Self.channel(enabled: false)]).decision,
                    .channelDisabled()
                )
            case 8:
                (
                    try receive(channels: [Self.channel(available: 98_899)]).decision,
                    .temporaryChannelFailure()
                )
            default: (try receive(dust: true).decision, .temporaryChannelFailure())
            }
        #expect(failure(decision) == expected)
        #expect(forwarding.count == 0)
    }

    @Test("at the edge of the terms it goes on")
    mutating func edges() throws {
        let channel = Self.channel(minimum: 98_900, maximum: 98_900, available: 98_900)
        for decision in [
            try receive(incoming: 99_998, channels: [channel]).decision,
            try receive(expiry: 800_014, incomingExpiry: 800_054).decision,
            try receive(expiry: 802_016, incomingExpiry: 802_056).decision,
        ] {
            guard case .forward = decision else { return #expect(Bool(false)) }
        }
    }

    @Test("nothing is never sent on, whatever the policy says")
    mutating func nothing() throws {
        let decision = try receive(amount: 0, channels: [Self.channel(minimum: 0)]).decision
        #expect(failure(decision) == .amountBelowMinimum(amount: .zero))
    }

    @Test("the channel that it came by may cost, or give a discount, but never below nothing")
    mutating func inboundFees() throws {
        // The outgoing channel takes 1,098 of 98,900, and of the sum the incoming one 2 in 1000 more or less.
        let cases: [(fee: InboundFee, least: UInt64)] = [
            (InboundFee(base: 500, proportionalMillionths: 0), 100_498),
            (InboundFee(base: -500, proportionalMillionths: 0), 99_498),
            (InboundFee(base: 0, proportionalMillionths: 2000), 100_197),
            (InboundFee(base: 0, proportionalMillionths: -2000), 99_799),
            (InboundFee(base: -5000, proportionalMillionths: -500_000), 98_900),
        ]
        for (fee, least) in cases {
            let short = try receive(incoming: least - 1, inboundFee: fee).decision
            if least > 98_900 {
                #expect(
                    failure(short) == .feeInsufficient(amount: MilliSatoshi(least - 1)))
            }
            guard case .forward = try receive(incoming: least, inboundFee: fee).decision else {
                return #expect(Bool(false), "with \(fee)")
            }
        }
    }

    @Test("any channel with the same peer will do, and the named one's reason is told")
    mutating func others() throws {
        let poor = Self.channel(1, available: 0)
        let good = Self.channel(2)
        let off = Self.channel(3, enabled: false)
        guard case .forward(let forward) = try receive(channels: [poor, good, off]).decision
        else { return #expect(Bool(false)) }
        #expect(forward.channels == [2])
        let decision = try receive(channels: [off, poor]).decision
        #expect(failure(decision) == .channelDisabled())
    }

    @Test("an onion is carried once, however often it comes")
    mutating func replay() throws {
        guard case .forward = try receive(sessionKey: 1).decision else {
            return #expect(Bool(false))
        }
        let decision = try receive(sessionKey: 1).decision
        #expect(failure(decision) == .temporaryNodeFailure)
        guard case .forward = try receive(sessionKey: 2).decision else {
            return #expect(Bool(false))
        }
    }

    @Test("a preimage goes back with the time that it took")
    mutating func fulfill() throws {
        let (_, name) = try receive()
        sender.time += 750
        let preimage = PaymentPreimage(SHA256.hash([4, 5]))
        let fulfilled = forwarding.fulfill(
            name, preimage: preimage, attribution: nil, at: sender.moment)
        let result = try #require(fulfilled)
        #expect(result.payment.fee == MilliSatoshi(1100))
        guard case .fulfill(let told, let attribution) = result.answer.answer else {
            return #expect(Bool(false))
        }
        #expect(told == preimage)
        let secrets = try #require(sender.secrets[name])
        #expect(attribution?.holdTimes(sharedSecrets: secrets) == [7])
        // Twice is once.
        let again = forwarding.fulfill(
            name, preimage: preimage, attribution: nil, at: sender.moment)
        #expect(again == nil)
    }

    @Test("without attribution in the channel there is none in the answer")
    mutating func unattributed() throws {
        let (_, name) = try receive(attributed: false)
        let failed = forwarding.fail(name, with: Failure.unknownNextPeer, at: sender.moment)
        let answer = try #require(failed)
        guard case .fail(let returned) = answer.answer else { return #expect(Bool(false)) }
        #expect(returned.attribution == nil)
        #expect(sender.read(answer) == .failed(.unknownNextPeer))
    }

    @Test("a malformed onion further on is told with the code and the hash that were given")
    mutating func malformed() throws {
        for code in [
            FailureCode.invalidOnionHMAC, .invalidOnionKey, .invalidOnionVersion,
            FailureCode(rawValue: 0xc0ff),
        ] {
            let (_, name) = try receive()
            let failed = forwarding.failMalformed(
                name, code: code, onionHash: SHA256.hash([8]), at: sender.moment)
            let answer = try #require(failed)
            guard case .failed(let failure) = sender.read(answer) else {
                return #expect(Bool(false))
            }
            #expect(failure.code == code)
            #expect(FailureMessage(failure).encoded.suffix(32) == SHA256.hash([8]).bytes[...])
        }
    }

    @Test("an onion that cannot be read goes back as malformed")
    mutating func unreadable() throws {
        let payload = PaymentPayload(
            amountToForward: MilliSatoshi(1), outgoingCltvValue: BlockHeight(1))
        var htlc = try sender.htlc(
            payload, hash: Self.hash, amount: MilliSatoshi(1), expiry: 800_100)
        htlc.payment.onion[100] ^= 1
        let opened = htlc.opened(with: sender.key, height: sender.height)
        let decision = forwarding.receive(opened, at: sender.moment)
        guard case .answer(let answer, _) = decision else { return #expect(Bool(false)) }
        let expected = HTLCAnswer.failMalformed(
            .invalidOnionHMAC, onionHash: SHA256.hash(htlc.payment.onion))
        #expect(answer.answer == expected)
    }

    @Test("a payload that cannot be read goes back as such, attributed")
    mutating func badPayload() throws {
        let payload = PaymentPayload(amountToForward: MilliSatoshi(1))
        var htlc = try sender.htlc(
            payload, hash: Self.hash, amount: MilliSatoshi(1), expiry: 800_100)
        htlc.isAttributed = true
        let opened = htlc.opened(with: sender.key, height: sender.height)
        let decision = forwarding.receive(opened, at: sender.moment)
        #expect(failure(decision) == .invalidOnionPayload(type: 4, offset: 0))
        guard case .answer(let answer, _) = decision, case .fail(let returned) = answer.answer
        else { return #expect(Bool(false)) }
        #expect(returned.attribution != nil)
    }

    @Test("a peer cannot make the node forget what came from another")
    mutating func flood() throws {
        var flooded = sender
        guard case .forward = try receive(sessionKey: 1).decision else {
            return #expect(Bool(false))
        }
        for _ in 0..<1100 {
            var htlc = try flooded.htlc(
                PaymentPayload(
                    amountToForward: MilliSatoshi(1), outgoingCltvValue: BlockHeight(1)),
                hash: Self.hash, amount: MilliSatoshi(1), expiry: 800_100)
            htlc.name = HTLCName(channel: 10, id: htlc.name.id)
            let opened = htlc.opened(with: flooded.key, height: flooded.height)
            _ = forwarding.receive(opened, at: flooded.moment)
        }
        let decision = try receive(sessionKey: 1).decision
        #expect(failure(decision) == .temporaryNodeFailure)
    }
}

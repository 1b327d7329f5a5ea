import Bitcoin
import LightningChannel
import LightningCommitment
import LightningWire
import Testing

/// A message that is wrong in one thing, and what is said of it.
struct OpeningFault<Input: Sendable>: Sendable, CustomTestStringConvertible {
    let rule: String
    let error: OpeningError
    let change: @Sendable (inout Input) -> Void

    init(
        _ rule: String, _ error: OpeningError, _ change: @escaping @Sendable (inout Input) -> Void
    ) {
        self.rule = rule
        self.error = error
        self.change = change
    }

    var testDescription: String { rule }
}

/// What decides about an `open_channel`.
struct OpenCase: Sendable {
    var message: OpenChannel
    var policy: AcceptPolicy
    var context: ChannelContext

    var type: Features {
        get { message.tlvs.channelType ?? Features() }
        set { message.tlvs.channelType = newValue }
    }
}

@Suite("The rules of opening a channel")
struct OpeningRuleTests {
    private static let offCurve: Point = {
        // No point has this x.
        let bytes = [2] + [UInt8](repeating: 0, count: 31) + [5]
        return (try? Point(bytes)) ?? .blank
    }()

    static let openFaults: [OpeningFault<OpenCase>] = [
        .init("another chain", .wrongChain(expected: chain, actual: BlockHash(.zero))) {
            $0.message.chainHash = BlockHash(.zero)
        },
        .init("no channel type", .noChannelType) { $0.message.tlvs.channelType = nil },
        .init("a type of anchors alone", .unsuitableChannelType(Features(bits: [22]))) {
            $0.type = Features(bits: [22])
        },
        .init("a type with odd bits", .unsuitableChannelType(Features(bits: [13, 23]))) {
            $0.type = Features(bits: [13, 23])
        },
        .init("a type with a further bit", .unsuitableChannelType(Features(bits: [12, 22, 36]))) {
            $0.type = Features(bits: [12, 22, 36])
        },
        .init("anchors that are not negotiated", .notNegotiated(.anchors)) {
            $0.context.features.clear(23)
        },
        .init("an alias that is not negotiated", .notNegotiated(.shortChannelIDAlias)) {
            $0.type.set(46)
            $0.message.channelFlags = []
            $0.context.features.clear(47)
        },
        .init("an announced channel with aliases alone", .announcedAlias) { $0.type.set(46) },
        .init("no confirmations without trust", .zeroConfirmationNotTrusted) { $0.type.set(50) },
        .init("a format that the policy excludes", .unsuitableChannelType(anchors)) {
            $0.policy.formats = [.staticRemoteKey]
        },
        .init("announced, where only unannounced ones are taken", .announcedNotTaken) {
            $0.policy.takesAnnounced = false
        },
        .init("unannounced, where only announced ones are taken", .unannouncedNotTaken) {
            $0.policy.takesUnannounced = false
            $0.message.channelFlags = []
        },
        .init("version 1 where version 2 is negotiated", .dualFundingNegotiated) {
            $0.context.features.add(.dualFunding)
        },
        .init("too little", .below(.fundingAmount, minimum: 20_000, actual: 19_999)) {
            $0.message.fundingAmount = Satoshi(19_999)
        },
        .init("more than the policy takes", .above(.fundingAmount, maximum: 5, actual: 1_000_000)) {
            $0.policy.minimumAmount = .zero
            $0.policy.maximumAmount = Satoshi(5)
        },
        .init(
            "a large channel", .above(.fundingAmount, maximum: 16_777_215, actual: 16_777_216)
        ) { $0.message.fundingAmount = Satoshi(1 << 24) },
        .init(
            "more pushed than there is",
            .above(.pushAmount, maximum: 1_000_000_000, actual: 1_000_000_001)
        ) { $0.message.pushAmount = MilliSatoshi(1_000_000_001) },
        .init("a delay of 2017 blocks", .above(.toSelfDelay, maximum: 2016, actual: 2017)) {
            $0.message.toSelfDelay = 2017
        },
        .init("484 HTLCs", .above(.maximumAcceptedHTLCs, maximum: 483, actual: 484)) {
            $0.message.maxAcceptedHTLCs = 484
        },
        .init("too few HTLCs", .below(.maximumAcceptedHTLCs, minimum: 5, actual: 4)) {
            $0.message.maxAcceptedHTLCs = 4
        },
        .init("a fee rate that is not relayed", .below(.feerate, minimum: 253, actual: 252)) {
            $0.message.feerate = FeeratePerKw(252)
        },
        .init("an absurd fee rate", .above(.feerate, maximum: 250_000, actual: 250_001)) {
            $0.message.feerate = FeeratePerKw(250_001)
        },
        .init(
            "dust above the own reserve",
            .reserveBelowDustLimit(dustLimit: Satoshi(500), reserve: Satoshi(499))
        ) {
            $0.message.dustLimit = Satoshi(500)
            $0.message.channelReserve = Satoshi(499)
        },
        .init("a dust limit below 354", .below(.dustLimit, minimum: 354, actual: 353)) {
            $0.message.dustLimit = Satoshi(353)
        },
        .init("a dust limit that is too high", .above(.dustLimit, maximum: 1062, actual: 1063)) {
            $0.message.dustLimit = Satoshi(1063)
        },
        .init(
            "a reserve below the accepter's dust",
            .reserveBelowDustLimit(dustLimit: Satoshi(600), reserve: Satoshi(599))
        ) {
            $0.message.channelReserve = Satoshi(599)
            $0.policy.terms.dustLimit = Satoshi(600)
        },
        .init("a reserve of more than a fifth", .above(.reserve, maximum: 200_000, actual: 200_001))
        {
            $0.message.channelReserve = Satoshi(200_001)
        },
        .init(
            "a high least HTLC", .above(.htlcMinimum, maximum: 10_000_000, actual: 10_000_001)
        ) { $0.message.htlcMinimum = MilliSatoshi(10_000_001) },
        .init("little in flight", .below(.maximumInFlight, minimum: 1_000_000, actual: 999_999)) {
            $0.message.maxHTLCValueInFlight = MilliSatoshi(999_999)
        },
        .init(
            "an opener that pays for half an anchor",
            .cannotPayInitialFee(needed: Satoshi(2810 + 660), available: Satoshi(2810 + 659))
        ) { $0.message.pushAmount = MilliSatoshi(1_000_000_000 - 3_469_000) },
        .init(
            "an opener that does not pay the fee",
            .cannotPayInitialFee(needed: Satoshi(2810 + 660), available: Satoshi(2809))
        ) { $0.message.pushAmount = MilliSatoshi(1_000_000_000 - 2_809_999) },
        .init(
            "both sides within the reserve",
            .bothWithinReserve(
                reserve: Satoshi(10_000), opener: Satoshi(9_000), accepter: Satoshi(10_000))
        ) {
            $0.message.fundingAmount = Satoshi(22_470)
            $0.message.pushAmount = MilliSatoshi(10_000_000)
            $0.policy.limits.maximumReservePercent = 100
        },
        .init(
            "a closing script of another form",
            .upfrontScriptNotAllowed(Script([0x51]))
        ) { $0.message.tlvs.upfrontShutdownScript = Script([0x51]) },
        .init("a funding key off the curve", .invalidPoint(.fundingKey)) {
            $0.message.keys.fundingPublicKey = offCurve
        },
        .init("a revocation basepoint off the curve", .invalidPoint(.revocationBasepoint)) {
            $0.message.keys.revocationBasepoint = offCurve
        },
        .init("a payment basepoint off the curve", .invalidPoint(.paymentBasepoint)) {
            $0.message.keys.paymentBasepoint = offCurve
        },
        .init("a delayed basepoint off the curve", .invalidPoint(.delayedPaymentBasepoint)) {
            $0.message.keys.delayedPaymentBasepoint = offCurve
        },
        .init("an HTLC basepoint off the curve", .invalidPoint(.htlcBasepoint)) {
            $0.message.keys.htlcBasepoint = offCurve
        },
        .init("a first point off the curve", .invalidPoint(.firstPoint)) {
            $0.message.keys.firstPerCommitmentPoint = offCurve
        },
    ]

    private static let chain = (try? ChannelPair())?.policy.chain ?? BlockHash(.zero)
    private static let anchors = Features(bits: [12, 22])

    @Test("open_channel that breaks a rule is refused with that rule", arguments: openFaults)
    func open(fault: OpeningFault<OpenCase>) throws {
        var pair = try ChannelPair()
        try pair.open()
        guard case .openChannel(let message) = pair.opener.wire[0] else { return }
        var input = OpenCase(
            message: message, policy: pair.policy, context: pair.accepter.context)
        let (keys, signer) = (try ChannelSide.keys, pair.accepter.signer)
        func accept(_ input: OpenCase) throws(OpeningError) {
            _ = try Channel.accept(
                input.message, as: keys, from: pair.opener.id, input.policy, input.context, signer)
        }
        // What breaks no rule is taken, so that the fault is the change's.
        try accept(input)
        fault.change(&input)
        #expect(throws: fault.error) { try accept(input) }
        guard case .error(let answer) = Channel.refusal(fault.error, of: input.message) else {
            Issue.record("the peer is not told")
            return
        }
        #expect(answer.channelID == message.temporaryChannelID)
        #expect(answer.data == Array("\(fault.error)".utf8.prefix(500)))
    }

    static let acceptFaults: [OpeningFault<AcceptChannel>] = [
        .init("no channel type", .noChannelType) { $0.tlvs.channelType = nil },
        .init(
            "another channel type",
            .channelTypeChanged(expected: anchors, actual: Features(bits: [12]))
        ) { $0.tlvs.channelType = Features(bits: [12]) },
        .init("a depth of 145", .above(.minimumDepth, maximum: 144, actual: 145)) {
            $0.minimumDepth = 145
        },
        .init(
            "a reserve below the opener's dust",
            .reserveBelowDustLimit(dustLimit: Satoshi(400), reserve: Satoshi(399))
        ) {
            $0.channelReserve = Satoshi(399)
            $0.dustLimit = Satoshi(354)
        },
        .init(
            "dust above the opener's reserve",
            .reserveBelowDustLimit(dustLimit: Satoshi(10_001), reserve: Satoshi(10_000))
        ) {
            $0.dustLimit = Satoshi(10_001)
            $0.channelReserve = Satoshi(10_001)
        },
        .init("a dust limit below 354", .below(.dustLimit, minimum: 354, actual: 353)) {
            $0.dustLimit = Satoshi(353)
        },
        .init("a delay of 2017 blocks", .above(.toSelfDelay, maximum: 2016, actual: 2017)) {
            $0.toSelfDelay = 2017
        },
        .init("484 HTLCs", .above(.maximumAcceptedHTLCs, maximum: 483, actual: 484)) {
            $0.maxAcceptedHTLCs = 484
        },
        .init(
            "both sides within the accepter's reserve",
            .bothWithinReserve(
                reserve: Satoshi(996_530), opener: Satoshi(996_530), accepter: .zero)
        ) { $0.channelReserve = Satoshi(996_530) },
        .init("a closing script of another form", .upfrontScriptNotAllowed(Script([0x51]))) {
            $0.tlvs.upfrontShutdownScript = Script([0x51])
        },
        .init("a funding key off the curve", .invalidPoint(.fundingKey)) {
            $0.keys.fundingPublicKey = offCurve
        },
        .init("a first point off the curve", .invalidPoint(.firstPoint)) {
            $0.keys.firstPerCommitmentPoint = offCurve
        },
    ]

    @Test("accept_channel that breaks a rule is refused with that rule", arguments: acceptFaults)
    func accept(fault: OpeningFault<AcceptChannel>) throws {
        var pair = try ChannelPair()
        pair.request.terms.dustLimit = Satoshi(400)
        pair.request.limits.maximumReservePercent = 100
        pair.request.limits.maximumDustLimit = Satoshi(20_000)
        try pair.open()
        try pair.deliver(from: .opener)
        guard case .acceptChannel(var message) = pair.accepter.wire.removeFirst() else { return }
        fault.change(&message)
        pair.opener.receive(.message(.acceptChannel(message)))
        #expect(pair.opener.takeEvents() == [.forgotten(.failed(.opening(fault.error)))])
        guard case .error(let error) = pair.opener.wire.last else {
            Issue.record("the peer is not told")
            return
        }
        #expect(error.channelID == message.temporaryChannelID)
        #expect(error.data == Array("\(fault.error)".utf8))
    }

    static let requestFaults: [OpeningFault<ChannelPair>] = [
        .init(
            "a large channel", .above(.fundingAmount, maximum: 16_777_215, actual: 16_777_216)
        ) { $0.request.amount = Satoshi(1 << 24) },
        .init(
            "more pushed than there is", .above(.pushAmount, maximum: 1_000_000_000, actual: .max)
        ) {
            $0.request.pushed = MilliSatoshi(.max)
        },
        .init("anchors that are not negotiated", .notNegotiated(.anchors)) {
            $0.opener.context.features.clear(23)
        },
        .init("an announced channel with aliases alone", .announcedAlias) {
            $0.request.isAliasOnly = true
        },
        .init("a fee rate that is not relayed", .below(.feerate, minimum: 253, actual: 252)) {
            $0.request.feerate = FeeratePerKw(252)
        },
        .init("a dust limit below 354", .below(.dustLimit, minimum: 354, actual: 353)) {
            $0.request.terms.dustLimit = Satoshi(353)
        },
        .init(
            "less than the fee",
            .cannotPayInitialFee(needed: Satoshi(3470), available: Satoshi(3469))
        ) { $0.request.amount = Satoshi(3469) },
        .init("a closing script of another form", .upfrontScriptNotAllowed(Script([0x51]))) {
            $0.request.terms.upfrontShutdownScript = Script([0x51])
        },
    ]

    @Test(
        "a request that breaks a rule is refused before the peer hears of it",
        arguments: requestFaults)
    func request(fault: OpeningFault<ChannelPair>) throws {
        var pair = try ChannelPair()
        fault.change(&pair)
        #expect(throws: fault.error) { try pair.open() }
        #expect(pair.opener.wire.isEmpty)
    }

    @Test("a large channel is opened where both sides take them")
    func large() throws {
        var pair = try ChannelPair(features: ChannelPair.features + [.largeChannels])
        pair.request.amount = Satoshi(1 << 25)
        try pair.establish()
        #expect(pair.accepter.state == .waitForReady)
        #expect(pair.accepter.channel?.established?.minimumDepth == 6)
    }

    @Test("an accepter that demands nothing of zero-conf confirmations is held to zero")
    func zeroConfirmationDepth() throws {
        var pair = try ChannelPair()
        pair.request.isZeroConfirmation = true
        pair.policy.trustsZeroConfirmation = true
        try pair.open()
        try pair.deliver(from: .opener)
        guard case .acceptChannel(var message) = pair.accepter.wire.removeFirst() else { return }
        #expect(message.minimumDepth == 0)
        message.minimumDepth = 1
        pair.opener.receive(.message(.acceptChannel(message)))
        #expect(
            pair.opener.takeEvents() == [
                .forgotten(.failed(.opening(.above(.minimumDepth, maximum: 0, actual: 1))))
            ])
    }
}

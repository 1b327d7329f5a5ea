import Bitcoin
import LightningChannel
import LightningCommitment
import LightningWire
import Testing

@Suite("Closing with closing_signed")
struct LegacyClosingTests {
    private func wishes(
        _ name: TestPair.Name, _ feerate: UInt32, _ acceptable: ClosedRange<UInt32>
    ) -> ClosingPair.Wishes {
        ClosingPair.Wishes(
            script: ClosingPair.scripts[name] ?? Script(), feerate: feerate, acceptable: acceptable)
    }

    private static func withoutRange(_ message: Message) -> Message {
        guard case .closingSigned(var message) = message else { return message }
        message.tlvs.feeRange = nil
        return .closingSigned(message)
    }

    private func fees(_ messages: [Message]) -> [Satoshi] {
        messages.compactMap {
            if case .closingSigned(let message) = $0 { message.fee } else { nil }
        }
    }

    private func expectAgreement(_ closing: ClosingPair) throws -> Transaction {
        let transaction = try #require(closing.published[.opener]?.first)
        #expect(closing.published == [.opener: [transaction], .accepter: [transaction]])
        return transaction
    }

    @Test(
        "with fee ranges, both agree in at most three messages on a fee that both accept",
        arguments: [
            (feerate: 1000, opener: 500...2000, accepter: 253...3000, messages: 2),
            (feerate: 500, opener: 500...2000, accepter: 800...3000, messages: 3),
            (feerate: 500, opener: 500...800, accepter: 800...3000, messages: 3),
            (feerate: 253, opener: 253...253, accepter: 253...253, messages: 2),
        ]
            as [(
                feerate: UInt32, opener: ClosedRange<UInt32>, accepter: ClosedRange<UInt32>,
                messages: Int
            )])
    func ranges(
        _ feerate: UInt32, _ opener: ClosedRange<UInt32>, _ accepter: ClosedRange<UInt32>,
        _ messages: Int
    ) throws {
        var closing = try ClosingPair(
            simple: false, opener: wishes(.opener, feerate, opener),
            accepter: wishes(.accepter, 1500, accepter))
        try closing.start()
        try closing.deliverAll()
        let transaction = try expectAgreement(closing)
        #expect(fees(closing.delivered).count == messages)
        let weight = transaction.weight.value
        let fee = closing.fee(transaction)
        let low = FeeratePerKw(max(opener.lowerBound, accepter.lowerBound))
        #expect(fee >= low.fee(for: Weight(weight)))
        #expect(fee <= FeeratePerKw(opener.upperBound).feeRoundedUp(for: Weight(weight + 8)))
        // The opener pays.
        #expect(closing.amount(transaction, ClosingPair.witnessKeyHash(0xac)) == Satoshi(400_000))
    }

    @Test("ranges without a common fee lead to a warning, and nothing is signed away")
    func disjoint() throws {
        var closing = try ClosingPair(
            simple: false, opener: wishes(.opener, 253, 253...300),
            accepter: wishes(.accepter, 1500, 1000...3000))
        try closing.start()
        let error = try #require(throws: ChannelError.self) { try closing.deliverAll() }
        guard case .closingFeesDisjoint(let mine, let theirs) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(theirs.maximum < mine.minimum)
        #expect(error.disposition(.remote) == .warn)
        #expect(closing.published == [.opener: [], .accepter: []])
    }

    @Test("a fee outside of what was left to agree on fails the channel")
    func refusedFee() throws {
        var closing = try ClosingPair(
            simple: false, opener: wishes(.opener, 500, 500...600),
            accepter: wishes(.accepter, 1500, 253...3000))
        try closing.start()
        // The accepter answers with another fee, and says that it accepts everything.
        let mine = closing.pair.accepter
        let hostile = try closingSigned(mine, fee: 9000) {
            $0.tlvs.feeRange = ClosingFeeRange(minimum: Satoshi(1), maximum: Satoshi(100_000))
        }
        let error = try #require(throws: ChannelError.self) {
            try closing.receive(hostile, .opener)
        }
        guard case .closingFeeRefused = error else {
            Issue.record("\(error)")
            return
        }
        #expect(error.disposition(.remote) == .forceClose)
    }

    @Test(
        "with a peer without ranges the fees come closer, each strictly between the last two",
        arguments: [(4000, 253), (253, 4000), (1000, 1000), (900, 1000)] as [(UInt32, UInt32)],
        TestPair.Name.allCases)
    func noRange(_ feerates: (UInt32, UInt32), _ old: TestPair.Name) throws {
        // Each accepts little more than its own wish, on the other's side.
        let (one, other) = feerates
        var closing = try ClosingPair(
            simple: false,
            opener: wishes(.opener, one, min(one, (one + other) / 2)...max(one, (one + other) / 2)),
            accepter: wishes(.accepter, other, min(500, other)...(other + 100)))
        closing.tamper = { name, message in
            name == old ? Self.withoutRange(message) : message
        }
        do {
            try closing.start()
            try closing.deliverAll()
            _ = try expectAgreement(closing)
        } catch let error as ChannelError {
            // Only the opener's limit can stand in the way: the accepter does not pay.
            guard case .closingFeeRefused = error else { throw error }
        }
    }

    @Test("two peers without ranges meet in the middle")
    func oldPeers() throws {
        var closing = try ClosingPair(
            simple: false, opener: wishes(.opener, 300, 253...20_000),
            accepter: wishes(.accepter, 10_000, 5000...20_000))
        closing.tamper = { Self.withoutRange($1) }
        try closing.start()
        try closing.deliverAll()
        _ = try expectAgreement(closing)
        let fees = fees(closing.delivered)
        #expect(fees.count >= 2)
        for index in fees.indices.dropFirst(2) where fees[index] != fees[index - 1] {
            let (low, high) = (
                min(fees[index - 1], fees[index - 2]), max(fees[index - 1], fees[index - 2])
            )
            #expect(low < fees[index] && fees[index] < high)
        }
    }

    /// A negotiation in which the accepter wants more than the opener would pay, and the fee that the opener has offered.
    private func openerAtItsLimit() throws -> (ClosingPair, first: Satoshi) {
        var closing = try ClosingPair(
            simple: false, opener: wishes(.opener, 1000, 253...1000),
            accepter: wishes(.accepter, 5000, 253...5000))
        try closing.start()
        return (closing, try #require(fees(closing.pair.opener.wire).last))
    }

    @Test("an opener at its limit comes closer by a satoshi at a time, up to a hundred")
    func concession() throws {
        var (closing, first) = try openerAtItsLimit()
        let accepter = closing.pair.accepter
        // The peer takes larger steps than this side, and arrives.
        var (ours, theirs) = (first, Satoshi(first.value * 4))
        while closing.published[.opener]?.isEmpty == true {
            try closing.receive(
                try closingSigned(accepter, fee: theirs.value) { $0.tlvs.feeRange = nil }, .opener)
            let answer = try #require(fees(closing.pair.opener.wire).last)
            #expect(answer == ours + Satoshi(1) || answer == theirs)
            ours = answer
            theirs = max(Satoshi(theirs.value * 9 / 10), ours)
        }
        #expect(ours - first < Satoshi(100))
    }

    @Test("a peer that comes no closer does not get the opener beyond a hundred satoshis")
    func endOfConcession() throws {
        var (closing, first) = try openerAtItsLimit()
        let accepter = closing.pair.accepter
        var rounds: Int64 = 0
        let error = try #require(throws: ChannelError.self) {
            for step in Int64(0)... {
                rounds = step
                let fee = first.value * 4 - step
                try closing.receive(
                    try closingSigned(accepter, fee: fee) { $0.tlvs.feeRange = nil }, .opener)
            }
        }
        guard case .closingFeeRefused = error else {
            Issue.record("\(error)")
            return
        }
        #expect(rounds == 100)
    }

    @Test("a fee that is not strictly between the last two is refused")
    func notBetween() throws {
        var closing = try ClosingPair(
            simple: false, opener: wishes(.opener, 1000, 1000...1100),
            accepter: wishes(.accepter, 5000, 5000...6000))
        closing.tamper = { Self.withoutRange($1) }
        try closing.start()
        try closing.deliver(from: .opener)
        let accepter = closing.pair.accepter
        // The accepter said 5000 sat/kw, the opener goes halfway to it, and then the accepter goes away from both.
        try closing.deliver(from: .accepter)
        let hostile = try closingSigned(accepter, fee: 90_000) { $0.tlvs.feeRange = nil }
        let error = try #require(throws: ChannelError.self) {
            try closing.receive(hostile, .opener)
        }
        guard case .closingFeeNotBetween(_, _, actual: Satoshi(90_000)) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(error.disposition(.remote) == .disconnect)
    }

    /// A `closing_signed` of `side`, signed by its own limit of dust.
    private func closingSigned(
        _ side: TestSide, fee: Int64, eliminated: ClosingParty? = nil, dustLimit: Satoshi? = nil,
        _ change: (inout ClosingSigned) -> Void = { _ in }
    ) throws -> Message {
        let commitments = side.commitments
        let mine = commitments.shutdownScript(of: .local)
        let theirs = commitments.shutdownScript(of: .remote)
        let funding = commitments.fundings[0]
        let local = ClosingOutput(
            script: try #require(mine), amount: funding.settled.local)
        let remote = ClosingOutput(
            script: try #require(theirs), amount: funding.settled.remote)
        let isOpener = commitments.parameters.opener == .local
        let closing = try ClosingTransaction(
            funding.funding,
            .legacy(
                LegacyClosing(
                    opener: isOpener ? local : remote, accepter: isOpener ? remote : local,
                    fee: Satoshi(fee),
                    dustLimit: dustLimit ?? commitments.parameters.local.dustLimit,
                    eliminated: eliminated)))
        var message = ClosingSigned(
            channelID: commitments.parameters.channelID, fee: Satoshi(fee),
            signature: WireSignature(
                try side.signer.sign(
                    ClosingRequest(
                        counterparty: commitments.parameters.remote.basepoints, closing: closing))))
        change(&message)
        return .closingSigned(message)
    }

    @Test("a signature that does not hold is refused, and one with a high s")
    func invalidSignature() throws {
        var closing = try ClosingPair(simple: false)
        let valid = try closingSigned(closing.pair.opener, fee: 1000)
        guard case .closingSigned(var message) = valid else { return }
        message.fee = Satoshi(1001)
        #expect(throws: ChannelError.invalidClosingSignature) {
            try closing.receive(.closingSigned(message), .accepter)
        }
        message.fee = Satoshi(1000)
        message.signature = try message.signature.withHighS()
        #expect(throws: ChannelError.invalidClosingSignature) {
            try closing.receive(.closingSigned(message), .accepter)
        }
        #expect(throws: ChannelError.self) {
            try closing.receive(closingSigned(closing.pair.accepter, fee: 1000), .accepter)
        }
        try closing.receive(valid, .accepter)
        #expect(closing.published[.accepter]?.count == 1)
    }

    @Test("more than the opener has is no fee")
    func feeAboveBalance() throws {
        var closing = try ClosingPair(simple: false)
        let valid = try closingSigned(closing.pair.opener, fee: 1000)
        guard case .closingSigned(var message) = valid else { return }
        message.fee = Satoshi(600_001)
        #expect(
            throws: ChannelError.noClosingTransaction(
                .feeAboveBalance(fee: Satoshi(600_001), available: Satoshi(600_000)))
        ) { try closing.receive(.closingSigned(message), .accepter) }
    }

    @Test("a side may give up its own output, and not the other's")
    func eliminated() throws {
        var closing = try ClosingPair(simple: false)
        let hostile = try closingSigned(closing.pair.opener, fee: 1000, eliminated: .accepter)
        #expect(throws: ChannelError.invalidClosingSignature) {
            try closing.receive(hostile, .accepter)
        }
        try closing.receive(
            closingSigned(closing.pair.opener, fee: 1000, eliminated: .opener), .accepter)
        let outputs = try #require(closing.published[.accepter]?.first).outputs
        #expect(outputs.map(\.amount) == [Satoshi(400_000)])
    }

    @Test(
        "sides with different limits of dust agree, whichever output is small",
        arguments: [0, 100, 353, 354, 400, 553, 554, 600] as [UInt64])
    func dust(_ amount: UInt64) throws {
        var terms = TestTerms()
        terms.pushed = MilliSatoshi(amount * 1000 + 999)
        var closing = try ClosingPair(simple: false, terms)
        try closing.start()
        try closing.deliverAll()
        let transaction = try expectAgreement(closing)
        #expect(transaction.outputs.count == (amount < 354 ? 1 : 2))
    }

    @Test("an output that nobody relays fails the channel")
    func unrelayed() throws {
        var terms = TestTerms()
        terms.dustLimit = Satoshi(200)
        terms.pushed = MilliSatoshi(300_000)
        var closing = try ClosingPair(
            simple: false,
            accepter: ClosingPair.Wishes(script: ClosingPair.witnessScriptHash(1)), terms)
        try closing.start()
        let error = ChannelError.closingOutputIsDust(limit: Satoshi(330), actual: Satoshi(300))
        #expect(throws: error) { try closing.deliverAll() }
        #expect(error.disposition(.remote) == .forceClose)
    }

    @Test("the negotiation begins anew on each connection", arguments: 0...3)
    func reconnect(after messages: Int) throws {
        var closing = try ClosingPair(
            simple: false, opener: wishes(.opener, 500, 500...2000),
            accepter: wishes(.accepter, 1500, 800...3000))
        try closing.start()
        for index in 0..<messages {
            try closing.deliver(from: index % 2 == 0 ? .opener : .accepter)
        }
        try closing.reconnect(restarting: .accepter)
        // Nothing is negotiated before the shutdowns of this connection.
        try closing.start()
        #expect(fees(closing.pair.opener.wire).isEmpty)
        try closing.deliverAll()
        try closing.start()
        try closing.deliverAll()
        #expect(closing.published[.opener]?.last == closing.published[.accepter]?.last)
        #expect(closing.published[.opener]?.last != nil)
    }

    @Test("nothing is negotiated before the shutdowns, or in the other form")
    func early() throws {
        var pair = try TestPair.withHTLCs()
        let allowed = ClosingScripts(anySegwit: true, simpleClose: false)
        let preferences = ClosingPair.Wishes(script: Script()).preferences
        var negotiation = ClosingNegotiation(allowed, preferences)
        #expect(
            try negotiation.start(pair.opener.commitments, pair.opener.signer) == ChannelStep())
        let message = ClosingSigned(
            channelID: pair.opener.commitments.parameters.channelID, fee: Satoshi(1),
            signature: .blank)
        #expect(throws: ChannelError.notNegotiatingClose) {
            try negotiation.receive(message, pair.opener.commitments, pair.opener.signer)
        }
        pair = try ClosingPair(simple: true).pair
        negotiation = ClosingNegotiation(
            ClosingScripts(anySegwit: true, simpleClose: true), preferences)
        #expect(throws: ChannelError.otherClosingForm) {
            try negotiation.receive(message, pair.opener.commitments, pair.opener.signer)
        }
    }
}

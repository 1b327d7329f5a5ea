import Bitcoin
import LightningChannel
import LightningCommitment
import LightningWire
import TestSupport
import Testing

@Suite("Closing with closing_complete and closing_sig")
struct SimpleClosingTests {
    private let opener = ClosingPair.witnessKeyHash(0x0a)
    private let accepter = ClosingPair.witnessKeyHash(0xac)

    private func started(
        opener: ClosingPair.Wishes? = nil, accepter: ClosingPair.Wishes? = nil,
        _ terms: TestTerms = TestTerms()
    ) throws -> ClosingPair {
        var closing = try ClosingPair(simple: true, opener: opener, accepter: accepter, terms)
        try closing.start()
        return closing
    }

    /// What `pushed` leaves the accepter, in satoshi.
    private func terms(_ pushed: UInt64) -> TestTerms {
        var terms = TestTerms()
        terms.pushed = MilliSatoshi(pushed * 1000)
        return terms
    }

    private func complete(_ closing: ClosingPair, _ name: TestPair.Name) throws -> ClosingComplete {
        guard case .closingComplete(let message)? = closing.pair[name].wire.first else {
            throw TestPairError.setup
        }
        return message
    }

    private func expectRefusal(
        _ error: ChannelError, _ disposition: Disposition, _ closing: inout ClosingPair,
        _ message: Message, by name: TestPair.Name,
        location: SourceLocation = #_sourceLocation
    ) {
        #expect(throws: error, sourceLocation: location) { try closing.receive(message, name) }
        #expect(error.disposition(.remote) == disposition, sourceLocation: location)
    }

    // MARK: Agreement

    @Test("each side gets a transaction that it pays for, and both publish both")
    func both() throws {
        var closing = try started(
            opener: ClosingPair.Wishes(script: opener, feerate: 1000),
            accepter: ClosingPair.Wishes(script: accepter, feerate: 3000))
        try closing.deliverAll()
        let published = try #require(closing.published[.opener])
        #expect(Set(published) == Set(try #require(closing.published[.accepter])))
        #expect(published.count == 2)
        for transaction in published {
            #expect(transaction.inputs[0].sequence == .replaceable)
            #expect(transaction.lockTime == LockTime(700))
            let paidByOpener = closing.amount(transaction, accepter) == Satoshi(400_000)
            let feerate = FeeratePerKw(paidByOpener ? 1000 : 3000)
            #expect(closing.fee(transaction) >= feerate.fee(for: transaction.weight))
            #expect(paidByOpener || closing.amount(transaction, opener) == Satoshi(600_000))
        }
    }

    @Test("each side replaces its transaction by one that pays more, again and again")
    func bumps() throws {
        var closing = try started()
        try closing.deliverAll()
        var fees: [TestPair.Name: Satoshi] = [:]
        // The rate need not rise: a replacement outbids the last one in any case.
        for feerate in [1000, 2000, 2000, 9000] as [UInt32] {
            for name in TestPair.Name.allCases {
                try closing.bump(name, feerate)
                #expect(throws: ChannelError.closingUnanswered) {
                    try closing.bump(name, feerate + 500)
                }
                try closing.deliverAll()
                let transaction = try #require(closing.published[name]?.last)
                #expect(closing.published[name.other]?.last == transaction)
                let (fee, last) = (closing.fee(transaction), fees[name] ?? .zero)
                #expect(fee >= last + FeeratePerKw(250).fee(for: transaction.weight))
                fees[name] = fee
            }
        }
        #expect(closing.published[.opener]?.count == 10)
        // All that the opener has goes to fees, and more there is not.
        try closing.bump(.opener, 2_000_000)
        try closing.deliverAll()
        let most = Satoshi(600_000 - 294)
        #expect(closing.published[.opener]?.last.map(closing.fee) == most)
        let error = try #require(throws: ChannelError.self) { try closing.bump(.opener, 1000) }
        guard case .noClosingTransaction(.feeAboveBalance(_, available: most)) = error else {
            Issue.record("\(error)")
            return
        }
    }

    @Test("a side that wants to be paid elsewhere is, from then on, after a restart too")
    func newScript() throws {
        var closing = try started()
        try closing.deliverAll()
        let (new, newer) = (ClosingPair.taproot(7), ClosingPair.witnessScriptHash(8))
        try closing.bump(.opener, 1000, to: new)
        try closing.deliverAll()
        for name in TestPair.Name.allCases {
            let transaction = try #require(closing.published[name]?.last)
            #expect(closing.amount(transaction, new) != nil)
        }
        try closing.bump(.accepter, 1000, to: newer)
        try closing.deliverAll()
        let last = try #require(closing.published[.opener]?.last)
        #expect(closing.amount(last, new) == Satoshi(600_000))
        #expect(closing.amount(last, newer) != nil)
        try closing.reconnect(restarting: .opener)
        try closing.deliverAll()
        try closing.start()
        try closing.deliverAll()
        for transaction in closing.published[.opener]?.suffix(2) ?? [] {
            #expect(closing.amount(transaction, new) != nil)
            #expect(closing.amount(transaction, newer) != nil)
        }
    }

    @Test("scripts that change at once on both sides are sorted out by reconnecting")
    func race() throws {
        var closing = try started()
        try closing.deliverAll()
        let (mine, theirs) = (ClosingPair.taproot(1), ClosingPair.taproot(2))
        try closing.bump(.opener, 1000, to: mine)
        try closing.bump(.accepter, 1000, to: theirs)
        let error = ChannelError.closeeScriptOutdated(expected: theirs, actual: accepter)
        #expect(throws: error) { try closing.deliver(from: .opener) }
        #expect(error.disposition(.remote) == .disconnect)
        #expect(throws: ChannelError.self) { try closing.deliver(from: .accepter) }
        try closing.reconnect()
        try closing.deliverAll()
        try closing.start()
        try closing.deliverAll()
        for name in TestPair.Name.allCases {
            let last = try #require(closing.published[name]?.last)
            #expect(Set(last.outputs.map(\.scriptPubKey)) == [mine, theirs])
        }
    }

    @Test("a side that has committed itself to a script is paid there alone")
    func upfront() throws {
        var terms = TestTerms()
        terms.upfrontShutdownScript = opener
        var closing = try started(
            opener: ClosingPair.Wishes(script: opener),
            accepter: ClosingPair.Wishes(script: opener),
            terms)
        var hostile = try complete(closing, .opener)
        hostile.closerScript = accepter
        let error = ChannelError.notTheUpfrontScript(expected: opener, actual: accepter)
        expectRefusal(error, .disconnect, &closing, .closingComplete(hostile), by: .accepter)
        try closing.deliverAll()
        #expect(throws: error) { try closing.bump(.opener, 1000, to: accepter) }
    }

    @Test("a lost connection or memory is no obstacle, wherever it strikes", arguments: 0...4)
    func reconnect(after messages: Int) throws {
        for restarting in [nil, .opener, .accepter] as [TestPair.Name?] {
            var closing = try started()
            for index in 0..<messages {
                try closing.deliver(from: index % 2 == 0 ? .opener : .accepter)
            }
            try closing.reconnect(restarting: restarting)
            try closing.start()
            // Nothing is proposed before the shutdowns of this connection.
            #expect(closing.pair.opener.wire.count == 1)
            try closing.deliverAll()
            let before = closing.published
            try closing.start()
            try closing.deliverAll()
            for name in TestPair.Name.allCases {
                #expect(closing.published[name]?.count == (before[name]?.count ?? 0) + 2)
            }
        }
    }

    // MARK: Outputs

    @Test(
        "outputs that nobody relays are left out, whichever side they are of",
        arguments: [0, 100, 293, 294, 400, 600] as [UInt64])
    func dust(_ amount: UInt64) throws {
        var closing = try started(terms(amount))
        let proposal = try complete(closing, .opener)
        #expect(proposal.tlvs.closerOutputOnly != nil)
        #expect((proposal.tlvs.closerAndCloseeOutputs != nil) == (amount >= 294))
        #expect(proposal.tlvs.closeeOutputOnly == nil)
        // Who has less pays what it can, and where nobody would relay that it leaves it to the other side.
        let answer = try? complete(closing, .accepter)
        #expect((answer != nil) == (amount >= 293))
        if let answer {
            #expect(answer.tlvs.closerOutputOnly == nil)
            #expect(answer.fee <= Satoshi(Int64(amount)))
        }
        try closing.deliverAll()
        #expect(closing.published[.opener]?.count == (answer == nil ? 1 : 2))
        let mine = try #require(closing.published[.opener]).filter {
            closing.amount($0, opener) != Satoshi(1_000_000 - Int64(amount))
        }
        #expect(mine.map(\.outputs.count) == [amount >= 294 ? 2 : 1])
    }

    @Test("what is burnt is burnt whole")
    func burnt() throws {
        var closing = try started(
            accepter: ClosingPair.Wishes(script: ClosingPair.burning), terms(200))
        try closing.deliverAll()
        for transaction in try #require(closing.published[.opener]) {
            #expect(closing.amount(transaction, ClosingPair.burning) == .zero)
        }
        #expect(
            Set(try #require(closing.published[.opener]))
                == Set(try #require(closing.published[.accepter])))
    }

    @Test("whoever has more does not give up its output for a fee")
    func greaterSide() throws {
        var terms = terms(300)
        terms.capacity = Satoshi(1000)
        terms.reserve = .zero
        let closing = try started(
            opener: ClosingPair.Wishes(script: opener, feerate: 50_000), terms)
        let proposal = try complete(closing, .opener)
        #expect(proposal.fee == Satoshi(700 - 294))
        #expect(proposal.tlvs.closeeOutputOnly == nil)
    }

    // MARK: Hostile messages

    @Test("a proposal that does not fit is refused")
    func hostileProposals() throws {
        var closing = try started()
        let valid = try complete(closing, .opener)
        func refuse(
            _ error: ChannelError, location: SourceLocation = #_sourceLocation,
            _ change: (inout ClosingComplete) -> Void
        ) {
            var message = valid
            change(&message)
            expectRefusal(
                error, .disconnect, &closing, .closingComplete(message), by: .accepter,
                location: location)
        }
        refuse(.closeeScriptOutdated(expected: accepter, actual: opener)) {
            $0.closeeScript = opener
        }
        let bad = Script([0x6a])
        refuse(.closerScriptNotAllowed(bad)) { $0.closerScript = bad }
        refuse(
            .noClosingTransaction(
                .feeAboveBalance(fee: Satoshi(600_001), available: Satoshi(600_000)))
        ) { $0.fee = Satoshi(600_001) }
        refuse(.invalidClosingSignature) { $0.fee = Satoshi($0.fee.value + 1) }
        refuse(.invalidClosingSignature) { $0.lockTime = LockTime(1) }
        refuse(.invalidClosingSignature) { $0.closerScript = ClosingPair.taproot(3) }
        refuse(.invalidClosingSignature) {
            $0.tlvs.closerAndCloseeOutputs = $0.tlvs.closerOutputOnly
        }
        refuse(.invalidClosingSignature) {
            $0.tlvs.closerAndCloseeOutputs = try? $0.tlvs.closerAndCloseeOutputs?.withHighS()
        }
        // The peer may not leave out this side's output.
        refuse(.closingSignatureMissing(.closeeOutputOnly)) {
            $0.tlvs.closerAndCloseeOutputs = nil
        }
        var foreign = valid
        foreign.channelID = ChannelID(funding: OutPoint(TransactionID(.zero), 0))
        #expect(throws: ChannelError.self) {
            try closing.receive(.closingComplete(foreign), .accepter)
        }
        try closing.receive(.closingComplete(valid), .accepter)
    }

    @Test("a signature for anything but the proposal is refused")
    func hostileSignatures() throws {
        var closing = try started()
        try closing.deliver(from: .opener)
        guard case .closingSig(let valid)? = closing.pair.accepter.wire.last else {
            throw TestPairError.setup
        }
        func refuse(
            _ error: ChannelError, location: SourceLocation = #_sourceLocation,
            _ change: (inout ClosingSig) -> Void
        ) {
            var message = valid
            change(&message)
            expectRefusal(
                error, .disconnect, &closing, .closingSig(message), by: .opener,
                location: location)
        }
        refuse(.closingSigWithoutProposal) { $0.fee = Satoshi($0.fee.value + 1) }
        refuse(.closingSigWithoutProposal) { $0.lockTime = .none }
        refuse(.closingSigWithoutProposal) { $0.closerScript = accepter }
        refuse(.closingSigWithoutProposal) { $0.closeeScript = opener }
        refuse(.wrongClosingSignatureCount(2)) {
            $0.tlvs.closerOutputOnly = $0.tlvs.closerAndCloseeOutputs
        }
        refuse(.wrongClosingSignatureCount(0)) { $0.tlvs.closerAndCloseeOutputs = nil }
        refuse(.closingSignatureMissing(.closeeOutputOnly)) {
            $0.tlvs.closeeOutputOnly = $0.tlvs.closerAndCloseeOutputs
            $0.tlvs.closerAndCloseeOutputs = nil
        }
        refuse(.invalidClosingSignature) {
            $0.tlvs.closerOutputOnly = $0.tlvs.closerAndCloseeOutputs
            $0.tlvs.closerAndCloseeOutputs = nil
        }
        refuse(.invalidClosingSignature) {
            $0.tlvs.closerAndCloseeOutputs = try? $0.tlvs.closerAndCloseeOutputs?.withHighS()
        }
        try closing.receive(.closingSig(valid), .opener)
        refuse(.closingSigWithoutProposal) { _ in }
    }
}

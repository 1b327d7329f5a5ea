import Bitcoin
import LightningChannel
import LightningCommitment
import LightningWire
import Testing

/// Deciding about the peer's HTLCs, and what becomes of the decision when things go wrong.
@Suite("Resolving an HTLC")
struct ResolveTests {
    private let preimage = TestPair.preimage(0)
    private let failure = HTLCResolution.fail(reason: [1, 2, 3])

    /// What ends the exchange of messages.
    enum Interruption: CaseIterable {
        case disconnect
        case restart
    }

    /// Loses the connection, or the memory of the side that decided too.
    private func interrupt(_ pair: inout TestPair, _ how: Interruption) throws {
        switch how {
        case .disconnect: break
        case .restart: try pair.accepter.restart()
        }
        try pair.reconnect()
    }

    private func flushAndSettle(_ pair: inout TestPair) throws {
        try pair.accepter.flush()
        try pair.settle()
    }

    private func settled(_ pair: TestPair) -> Balances {
        pair.opener.commitments.fundings[0].settled
    }

    @Test(
        "a decision is durable before anything is signed, and is carried out whatever happens",
        arguments: [
            HTLCResolution.fulfill(TestPair.preimage(0)), .fail(reason: [1, 2, 3]),
            .failMalformed(onionHash: .zero, failureCode: 0x8005),
        ], Interruption.allCases)
    func durable(_ resolution: HTLCResolution, _ how: Interruption) throws {
        var pair = try TestPair.withHTLCs()
        #expect(pair.accepter.commitments.openReceived.count == 1)
        try pair.accepter.resolve(0, resolution)
        #expect(pair.accepter.commitments.openReceived.isEmpty)
        try interrupt(&pair, how)
        // Nothing is asked again that was answered.
        #expect(pair.accepter.commitments.openReceived.isEmpty)
        try flushAndSettle(&pair)
        #expect(pair.opener.commitments.offered.isEmpty)
        #expect(pair.accepter.shelf.records(.channelResolution).isEmpty)
        guard case .offeredRemoved(0, _, .payment(attempt: 1))? = pair.opener.events.last else {
            Issue.record("the removal was not told with its origin")
            return
        }
    }

    @Test("a decision is carried out after the message with it was lost, as often as that happens")
    func lostMessages() throws {
        var pair = try TestPair.withHTLCs()
        try pair.accepter.resolve(0, .fulfill(preimage))
        for how in Interruption.allCases {
            try pair.accepter.flush()
            #expect(pair.accepter.commitments.isAwaitingRevocation)
            try interrupt(&pair, how)
        }
        try pair.settle()
        #expect(settled(pair).remote == MilliSatoshi(450_000_000))
    }

    @Test("the record of a decision goes in the batch that makes the signed removal durable")
    func oneBatch() throws {
        var pair = try TestPair.withHTLCs()
        let decision = try pair.accepter.resolve(0, .fulfill(preimage))
        #expect(decision.writes.map(\.table) == [.channelResolution])
        let signing = try pair.accepter.flush()
        let removed = signing.writes.filter { $0.table == .channelResolution }
        #expect(removed.map(\.value) == [nil])
        #expect(removed.map(\.key) == decision.writes.map(\.key))
        #expect(signing.writes.contains { $0.table == .channelHTLC && $0.value != nil })
        #expect(
            try pair.accepter.shelf.commitments().preimage(HTLCKey(offerer: .remote, id: 0))
                == preimage)
    }

    @Test("a fulfilment is proposed at once, a failure with its signature")
    func proposals() throws {
        var pair = try TestPair.withHTLCs([MilliSatoshi(50_000_000), MilliSatoshi(60_000_000)])
        try pair.accepter.add(MilliSatoshi(1000))
        try pair.accepter.sign()
        let fulfilled = try pair.accepter.resolve(0, .fulfill(preimage))
        #expect(fulfilled.messages.count == 1)
        #expect(try pair.accepter.resolve(1, failure).messages.isEmpty)
        // The last commitment_signed is not answered yet.
        #expect(try pair.accepter.flush() == ChannelStep())
        try pair.deliverAll()
        #expect(try pair.accepter.flush().messages.count == 2)
        try pair.settle()
        #expect(pair.opener.commitments.offered.isEmpty)
        #expect(settled(pair).remote == MilliSatoshi(450_000_000))
    }

    @Test("a preimage takes the place of a failure that is not signed", arguments: [true, false])
    func preimageWins(restarts: Bool) throws {
        var pair = try TestPair.withHTLCs()
        try pair.accepter.resolve(0, failure)
        if restarts {
            try pair.accepter.restart()
            try pair.reconnect()
        }
        try pair.accepter.resolve(0, .fulfill(preimage))
        #expect(try pair.accepter.resolve(0, failure) == ChannelStep())
        try flushAndSettle(&pair)
        #expect(settled(pair).remote == MilliSatoshi(450_000_000))
    }

    @Test("a preimage that comes after its failure was signed is kept until the HTLC is gone")
    func latePreimage() throws {
        var pair = try TestPair.withHTLCs()
        try pair.accepter.resolve(0, failure)
        try pair.accepter.flush()
        #expect(pair.accepter.commitments.preimage(HTLCKey(offerer: .remote, id: 0)) == nil)
        let late = try pair.accepter.resolve(0, .fulfill(preimage))
        #expect(late.messages.isEmpty)
        try pair.accepter.restart()
        #expect(pair.accepter.commitments.preimage(HTLCKey(offerer: .remote, id: 0)) == preimage)
        try pair.reconnect()
        try flushAndSettle(&pair)
        #expect(pair.accepter.commitments.received.isEmpty)
        #expect(pair.accepter.shelf.records(.channelResolution).isEmpty)
        #expect(settled(pair).remote == MilliSatoshi(400_000_000))
        #expect(try pair.accepter.shelf.commitments() == pair.accepter.disconnected)
    }

    @Test("deciding twice, or about what is gone, changes nothing")
    func idempotent() throws {
        var pair = try TestPair.withHTLCs()
        try pair.accepter.resolve(0, .fulfill(preimage))
        #expect(try pair.accepter.resolve(0, .fulfill(preimage)) == ChannelStep())
        #expect(try pair.accepter.resolve(0, failure) == ChannelStep())
        try pair.accepter.flush()
        #expect(try pair.accepter.resolve(0, .fulfill(preimage)) == ChannelStep())
        try pair.settle()
        #expect(try pair.accepter.resolve(0, .fulfill(preimage)) == ChannelStep())
        #expect(try pair.accepter.resolve(0, failure) == ChannelStep())
    }

    @Test(
        "nothing is decided about an HTLC that is not there, not committed, or by a wrong preimage")
    func refused() throws {
        var pair = try TestPair.withHTLCs()
        let failure = failure
        try pair.opener.add(MilliSatoshi(1000), TestPair.preimage(1))
        try pair.deliverAll()
        let (absent, early) = (
            HTLCKey(offerer: .remote, id: 2), HTLCKey(offerer: .remote, id: 1)
        )
        expectRefusal(.unknownHTLC(absent), &pair.accepter) { try $0.resolve(2, failure) }
        expectRefusal(.notCommitted(early, .proposed), &pair.accepter) {
            try $0.resolve(1, failure)
        }
        let (expected, wrong) = (preimage.paymentHash, TestPair.preimage(1))
        expectRefusal(
            .wrongPreimage(expected: expected, actual: wrong.paymentHash), &pair.accepter
        ) { try $0.resolve(0, .fulfill(wrong)) }
    }

    @Test("a decision without a connection waits for one")
    func offline() throws {
        var pair = try TestPair.withHTLCs()
        _ = pair.accepter.commitments.disconnect()
        #expect(try pair.accepter.resolve(0, .fulfill(preimage)).messages.isEmpty)
        #expect(try pair.accepter.flush() == ChannelStep())
        expectRefusal(.notConnected, &pair.accepter) { try $0.add(MilliSatoshi(1000)) }
        try pair.reconnect()
        try flushAndSettle(&pair)
        #expect(settled(pair).remote == MilliSatoshi(450_000_000))
    }

    @Test("a failure with attribution data survives a restart byte for byte")
    func attribution() throws {
        let attribution = AttributionData(
            holdTimes: [UInt32](repeating: 3, count: 20),
            truncatedHMACs: [TruncatedHMAC](repeating: TruncatedHMAC(0x0102_0304), count: 210))
        for resolution in [
            HTLCResolution.fail(reason: [9], attribution: attribution),
            .fulfill(preimage, attribution: attribution),
        ] {
            var pair = try TestPair.withHTLCs()
            try pair.accepter.resolve(0, resolution)
            let memory = pair.accepter.disconnected
            #expect(try pair.accepter.shelf.commitments() == memory)
        }
    }
}

import Bitcoin
import LightningChannel
import LightningWire
import Testing

@Suite("Removing an HTLC")
struct RemoveTests {
    private let key = HTLCKey(offerer: .remote, id: 0)
    private let seen = HTLCKey(offerer: .local, id: 0)

    private func fulfill(_ id: UInt64, _ preimage: PaymentPreimage, _ pair: TestPair) -> Message {
        .updateFulfillHTLC(
            UpdateFulfillHTLC(
                channelID: pair.opener.commitments.parameters.channelID, id: id,
                paymentPreimage: preimage))
    }

    @Test("each message moves an HTLC one stage up the ladder, for its addition and its removal")
    func ladder() throws {
        var pair = try TestPair.open()
        func stages(_ pair: TestPair) -> [UpdateStage?] {
            let (mine, theirs) = (
                pair.opener.commitments.htlc(seen), pair.accepter.commitments.htlc(key)
            )
            return [
                mine?.removal?.stage ?? mine?.addition, theirs?.removal?.stage ?? theirs?.addition,
            ]
        }
        try pair.opener.add(MilliSatoshi(50_000_000))
        #expect(stages(pair) == [.proposed, nil])
        try pair.deliver(from: .opener)
        #expect(stages(pair) == [.proposed, .proposed])
        try pair.opener.sign()
        try pair.deliver(from: .opener)
        #expect(stages(pair) == [.signed, .acked])
        try pair.deliver(from: .accepter)
        #expect(stages(pair) == [.acked, .acked])
        try pair.accepter.sign()
        #expect(stages(pair) == [.acked, .countersigned])
        try pair.deliver(from: .accepter)
        #expect(stages(pair) == [.irrevocable, .countersigned])
        #expect(pair.accepter.events.isEmpty)
        try pair.deliver(from: .opener)
        #expect(stages(pair) == [.irrevocable, .irrevocable])
        #expect(pair.accepter.events == pair.accepter.commitments.openReceived)
        #expect(pair.accepter.events.count == 1)

        try pair.accepter.fulfill(0)
        try pair.deliver(from: .accepter)
        #expect(stages(pair) == [.proposed, .proposed])
        // The preimage is of use at once, the removal only at the end.
        #expect(pair.opener.events.count == 1)
        try pair.accepter.sign()
        try pair.deliver(from: .accepter)
        #expect(stages(pair) == [.acked, .signed])
        try pair.deliver(from: .opener)
        #expect(stages(pair) == [.acked, .acked])
        try pair.opener.sign()
        try pair.deliver(from: .opener)
        #expect(stages(pair) == [.countersigned, nil])
        #expect(pair.accepter.events.last == .receivedRemoved(id: 0))
        #expect(pair.opener.events.count == 1)
        try pair.deliver(from: .accepter)
        #expect(stages(pair) == [nil, nil])
        guard case .offeredRemoved(0, .fulfill, .payment(attempt: 1))? = pair.opener.events.last
        else {
            Issue.record("the removal was not told")
            return
        }
    }

    @Test("nothing is removed that is not there, on either side")
    func unknown() throws {
        var pair = try TestPair.withHTLCs()
        let key = HTLCKey(offerer: .remote, id: 1)
        expectRefusal(.unknownHTLC(key), &pair.accepter) { try $0.fulfill(1) }
        expectRefusal(.unknownHTLC(key), &pair.accepter) { try $0.fail(1) }
        expectRefusal(.unknownHTLC(key), &pair.accepter) { try $0.failMalformed(1) }
        // Only the side that took an HTLC removes it.
        expectRefusal(.unknownHTLC(HTLCKey(offerer: .remote, id: 0)), &pair.opener) {
            try $0.fail(0)
        }
        let hostile = fulfill(1, TestPair.preimage(0), pair)
        expectRefusal(.unknownHTLC(HTLCKey(offerer: .local, id: 1)), &pair.opener) {
            try $0.receive([hostile])
        }
    }

    @Test("nothing is removed before it is irrevocably committed, on either side")
    func early() throws {
        var pair = try TestPair.open()
        try pair.opener.add(MilliSatoshi(50_000_000))
        try pair.deliver(from: .opener)
        expectRefusal(.notCommitted(key, .proposed), &pair.accepter) { try $0.fulfill(0) }
        try pair.opener.sign()
        try pair.deliver(from: .opener)
        expectRefusal(.notCommitted(key, .acked), &pair.accepter) { try $0.fail(0) }
        let hostile = fulfill(0, TestPair.preimage(0), pair)
        expectRefusal(.notCommitted(seen, .signed), &pair.opener) { try $0.receive([hostile]) }
        try pair.deliver(from: .accepter)
        expectRefusal(.notCommitted(seen, .acked), &pair.opener) { try $0.receive([hostile]) }
        try pair.accepter.sign()
        expectRefusal(.notCommitted(key, .countersigned), &pair.accepter) {
            try $0.failMalformed(0)
        }
        try pair.deliverAll()
        try pair.accepter.fulfill(0)
        try pair.settle()
    }

    @Test("nothing is removed twice")
    func twice() throws {
        var pair = try TestPair.withHTLCs()
        try pair.accepter.fail(0)
        try pair.accepter.sign()
        try pair.deliver(from: .accepter)
        let hostile = fulfill(0, TestPair.preimage(0), pair)
        expectRefusal(.alreadyRemoved(seen), &pair.opener) { try $0.receive([hostile]) }
        try pair.settle()
        expectRefusal(.unknownHTLC(seen), &pair.opener) { try $0.receive([hostile]) }
    }

    @Test("a preimage of another hash is neither sent nor taken")
    func preimage() throws {
        var pair = try TestPair.withHTLCs()
        let wrong = TestPair.preimage(1)
        let error = ChannelError.wrongPreimage(
            expected: TestPair.preimage(0).paymentHash, actual: wrong.paymentHash)
        expectRefusal(error, &pair.accepter) { try $0.fulfill(0, wrong) }
        let hostile = fulfill(0, wrong, pair)
        expectRefusal(error, &pair.opener) { try $0.receive([hostile]) }
    }

    @Test("a malformed onion's failure code says so, on either side")
    func badOnion() throws {
        var pair = try TestPair.withHTLCs()
        expectRefusal(.notABadOnion(failureCode: 0x400f), &pair.accepter) {
            _ = try $0.resolve(0, .failMalformed(onionHash: .zero, failureCode: 0x400f))
        }
        let hostile = Message.updateFailMalformedHTLC(
            UpdateFailMalformedHTLC(
                channelID: pair.opener.commitments.parameters.channelID, id: 0, onionHash: .zero,
                failureCode: 0x400f))
        expectRefusal(.notABadOnion(failureCode: 0x400f), &pair.opener) {
            try $0.receive([hostile])
        }
    }

    @Test("a reason that no message can hold is not sent")
    func reason() throws {
        var pair = try TestPair.withHTLCs()
        expectRefusal(.reasonTooLong(maximum: 60_000, actual: 60_001), &pair.accepter) {
            _ = try $0.resolve(0, .fail(reason: [UInt8](repeating: 0, count: 60_001)))
        }
    }

    @Test("a failed HTLC's amount is its offerer's again, and a fulfilled one's the other side's")
    func amounts() throws {
        let amount = MilliSatoshi(50_000_000)
        var pair = try TestPair.withHTLCs([amount, amount, amount])
        try pair.accepter.fail(0)
        try pair.accepter.fulfill(1, TestPair.preimage(1))
        try pair.accepter.failMalformed(2)
        try pair.settle()
        #expect(
            pair.opener.commitments.fundings[0].settled
                == Balances(local: MilliSatoshi(550_000_000), remote: MilliSatoshi(450_000_000)))
        #expect(pair.opener.commitments.offered.isEmpty)
        #expect(pair.accepter.commitments.received.isEmpty)
    }
}

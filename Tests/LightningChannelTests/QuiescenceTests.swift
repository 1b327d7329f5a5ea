import Bitcoin
import LightningChannel
import LightningWire
import Testing

@Suite("Quiescence")
struct QuiescenceTests {
    private func stfu(_ initiator: UInt8, _ pair: TestPair) -> SomethingFundamentalIsUnderway {
        SomethingFundamentalIsUnderway(
            channelID: pair.opener.commitments.parameters.channelID, initiator: initiator)
    }

    @Test("after stfu of both sides nothing is proposed, until the connection ends")
    func quiet() throws {
        var pair = try TestPair.withHTLCs()
        let asked = try pair.accepter.commitments.sendQuiescence()
        #expect(asked.messages == [.stfu(stfu(1, pair))])
        _ = try pair.opener.commitments.receive(stfu(1, pair))
        #expect(pair.opener.commitments.owesQuiescence)
        expectRefusal(.quiescing(.remote), &pair.opener) { try $0.add(MilliSatoshi(1000)) }
        expectRefusal(.quiescing(.remote), &pair.opener) { try $0.fee(2600) }
        expectRefusal(.quiescing(.local), &pair.accepter) { try $0.add(MilliSatoshi(1000)) }
        // What is decided waits.
        let decision = HTLCResolution.fulfill(TestPair.preimage(0))
        #expect(try pair.accepter.resolve(0, decision).messages.isEmpty)
        #expect(!pair.accepter.commitments.canSign)
        let answered = try pair.opener.commitments.sendQuiescence()
        #expect(answered.messages == [.stfu(stfu(0, pair))])
        _ = try pair.accepter.commitments.receive(stfu(0, pair))
        #expect(pair.opener.commitments.isQuiescent && pair.accepter.commitments.isQuiescent)
        #expect(pair.opener.commitments.quiescenceInitiator == .remote)
        #expect(pair.accepter.commitments.quiescenceInitiator == .local)
        let hostile = Message.updateFee(
            UpdateFee(channelID: stfu(0, pair).channelID, feerate: FeeratePerKw(2600)))
        expectRefusal(.quiescing(.remote), &pair.accepter) { try $0.receive([hostile]) }
        try pair.reconnect()
        #expect(!pair.opener.commitments.isQuiescent)
        try pair.settle()
        #expect(pair.opener.commitments.offered.isEmpty)
    }

    @Test("stfu waits until each update of its sender is irrevocable, on both sides' word")
    func pending() throws {
        var pair = try TestPair.open()
        let early = stfu(1, pair)
        func expectPending(_ pair: inout TestPair) {
            expectRefusal(.updatesPending(.local), &pair.opener) {
                _ = try $0.commitments.sendQuiescence()
            }
        }
        try pair.opener.add(MilliSatoshi(50_000_000))
        expectPending(&pair)
        try pair.opener.sign()
        while try pair.deliver(from: .opener) {}
        expectPending(&pair)
        expectRefusal(.updatesPending(.remote), &pair.accepter) {
            _ = try $0.commitments.receive(early)
        }
        // The other side has nothing of its own on its way.
        var other = pair
        _ = try other.accepter.commitments.sendQuiescence()
        try pair.deliver(from: .accepter)
        expectPending(&pair)
        try pair.settle()
        _ = try pair.opener.commitments.sendQuiescence()
        _ = try pair.accepter.commitments.receive(early)
    }

    @Test("nobody says it twice, and of two initiators the opener is the one")
    func twice() throws {
        var pair = try TestPair.open()
        _ = try pair.opener.commitments.sendQuiescence()
        expectRefusal(.quiescing(.local), &pair.opener) {
            _ = try $0.commitments.sendQuiescence()
        }
        let message = stfu(1, pair)
        _ = try pair.opener.commitments.receive(message)
        expectRefusal(.quiescing(.remote), &pair.opener) {
            _ = try $0.commitments.receive(message)
        }
        #expect(pair.opener.commitments.quiescenceInitiator == .local)
        pair.opener.commitments.endQuiescence()
        try pair.opener.add(MilliSatoshi(1000))
    }
}

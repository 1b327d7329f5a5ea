import Bitcoin
import LightningChannel
import LightningCommitment
import LightningWire
import Testing

@Suite("Failing a channel")
struct FailureTests {
    private func types(_ messages: [Message]) -> [UInt16] {
        messages.map { UInt16($0.encoded[0]) << 8 | UInt16($0.encoded[1]) }
    }

    @Test("a peer's error fails the channel, is not answered, and is not forgotten")
    func peerError() throws {
        var pair = try ChannelPair.ready()
        let channelID = try #require(pair.opener.channel).channelID
        let error = ErrorMessage(channelID: channelID, data: [0x6e, 0x6f])
        _ = pair.opener.takeEvents()
        pair.opener.receive(.message(.error(error)))
        #expect(pair.opener.takeEvents() == [.failed(.peerFailed([0x6e, 0x6f]), .forceClose)])
        #expect(pair.opener.wire.isEmpty)
        // A second one is not news, and nothing else is heard.
        pair.opener.receive(.message(.error(error)))
        pair.opener.receive(
            .message(.updateFee(UpdateFee(channelID: channelID, feerate: FeeratePerKw(9)))))
        #expect(pair.opener.takeEvents() == [])
        try pair.opener.restart()
        #expect(pair.opener.state == .failed)
        pair.opener.receive(.connected)
        #expect(pair.opener.wire.isEmpty)
    }

    @Test("the user closes without the peer, which is told on each connection")
    func forced() throws {
        var pair = try ChannelPair.ready()
        try pair.opener.perform(.forceClose)
        #expect(pair.opener.events.last == .failed(.requested, .forceClose))
        #expect(types(pair.opener.wire) == [17])
        #expect(throws: ChannelError.notUsable(.failed)) { try pair.opener.perform(.forceClose) }
        pair.opener.wire = []
        try pair.opener.restart()
        pair.opener.receive(.connected)
        #expect(types(pair.opener.wire) == [17])
        pair.opener.receive(.fundingSpent)
        #expect(pair.opener.state == .spent)
        pair.opener.receive(.fundingUnspent)
        #expect(pair.opener.state == .failed)
    }

    @Test("a decision about an HTLC is kept after the channel failed, for the chain")
    func resolved() throws {
        var pair = try ChannelPair.ready()
        try pair.opener.perform(.offer(TestPair.offer(MilliSatoshi(50_000_000))))
        try pair.settle()
        try pair.accepter.perform(.forceClose)
        pair.accepter.wire = []
        try pair.accepter.perform(
            .resolve(id: 0, .fulfill(TestPair.preimage(0), attribution: nil)))
        pair.accepter.receive(.flush)
        #expect(pair.accepter.wire.isEmpty)
        try pair.accepter.restart()
        #expect(
            pair.accepter.channel?.commitments?.preimage(HTLCKey(offerer: .remote, id: 0))
                == TestPair.preimage(0))
    }

    @Test("what breaks a rule without having been signed costs the connection, not the channel")
    func warned() throws {
        var pair = try ChannelPair.ready()
        let channelID = try #require(pair.opener.channel).channelID
        pair.opener.receive(
            .message(.updateFee(UpdateFee(channelID: channelID, feerate: FeeratePerKw(300)))))
        #expect(pair.opener.events.last == .failed(.channel(.feeFromAccepter), .disconnect))
        guard case .warning(let warning) = pair.opener.wire.last else {
            Issue.record("the peer is not told")
            return
        }
        #expect(String(decoding: warning.data, as: UTF8.self).hasPrefix("update_fee:"))
        #expect(pair.opener.state == .normal)
        // Nothing more is heard on this connection, and the next one is as usual.
        try pair.accepter.perform(
            .close(CloseRequest(script: Script([0, 20] + [UInt8](repeating: 1, count: 20)))))
        try pair.deliverAll()
        #expect(pair.opener.state == .normal)
        pair.disconnect()
        pair.connect()
        try pair.settle()
        #expect(pair.opener.state == .shuttingDown)
    }

    @Test("a message that does not belong to the state costs the connection")
    func unexpected() throws {
        var pair = try ChannelPair()
        try pair.establish()
        let channelID = try #require(pair.opener.channel).channelID
        pair.opener.receive(
            .message(.updateFee(UpdateFee(channelID: channelID, feerate: FeeratePerKw(300)))))
        let failure = ChannelFailure.unexpectedMessage(type: 134, .waitForReady)
        #expect(pair.opener.events.last == .failed(failure, .disconnect))
        #expect(pair.opener.state == .waitForReady)
    }

    @Test("a revocation that is a lie is answered by closing")
    func wrongSecret() throws {
        var pair = try ChannelPair.ready()
        try pair.opener.perform(.offer(TestPair.offer(MilliSatoshi(50_000_000))))
        pair.opener.receive(.flush)
        while try pair.deliver(from: .opener) {}
        guard case .revokeAndAck(var message) = pair.accepter.wire[0] else { return }
        message.perCommitmentSecret = PerCommitmentSecret(.zero)
        pair.opener.receive(.message(.revokeAndAck(message)))
        guard case .failed(.channel, .forceClose) = pair.opener.events.last else {
            Issue.record("the channel goes on")
            return
        }
        #expect(pair.opener.state == .failed)
        #expect(types(pair.opener.wire) == [17])
    }

    @Test("both sides fall quiet when one asks for it")
    func quiet() throws {
        var pair = try ChannelPair.ready()
        let channelID = try #require(pair.opener.channel).channelID
        pair.accepter.receive(
            .message(.stfu(SomethingFundamentalIsUnderway(channelID: channelID, initiator: 1))))
        #expect(
            pair.accepter.wire == [
                .stfu(SomethingFundamentalIsUnderway(channelID: channelID, initiator: 0))
            ])
        #expect(pair.accepter.channel?.commitments?.isQuiescent == true)
    }

    @Test("who does not speak of quiet is not asked for it")
    func quietNotNegotiated() throws {
        var pair = try ChannelPair.ready()
        pair.accepter.context.features = Features()
        let channelID = try #require(pair.opener.channel).channelID
        pair.accepter.receive(
            .message(.stfu(SomethingFundamentalIsUnderway(channelID: channelID, initiator: 1))))
        #expect(
            pair.accepter.events.last
                == .failed(.unexpectedMessage(type: 2, .normal), .disconnect))
    }
}

import Bitcoin
import LightningChannel
import LightningCommitment
import LightningWire
import Testing

@Suite("Reconnecting a channel")
struct ReconnectTests {
    private func types(_ messages: [Message]) -> [UInt16] {
        messages.map { UInt16($0.encoded[0]) << 8 | UInt16($0.encoded[1]) }
    }

    @Test(
        "an opening that is not signed ends with the connection, and leaves nothing behind",
        arguments: [0, 1, 2, 3])
    func opening(messages: Int) throws {
        var pair = try ChannelPair()
        try pair.open()
        for count in 0..<messages {
            try pair.deliver(from: count % 2 == 0 ? .opener : .accepter)
            if count == 1 { pair.opener.receive(.funded(ChannelPair.outPoint)) }
        }
        pair.disconnect()
        #expect(pair.opener.events.last == .forgotten(.disconnected))
        #expect(pair.opener.shelf == RecordShelf())
        switch messages {
        case 0: #expect(pair.accepter.channel == nil)
        case 3: #expect(pair.accepter.state == .waitForReady)
        default:
            #expect(pair.accepter.events.last == .forgotten(.disconnected))
            #expect(pair.accepter.shelf == RecordShelf())
        }
    }

    @Test("an opener that has forgotten a channel makes the accepter forget it too")
    func fundingSignedLost() throws {
        var pair = try ChannelPair()
        try pair.open()
        try pair.deliverAll()
        pair.opener.receive(.funded(ChannelPair.outPoint))
        try pair.deliver(from: .opener)
        pair.disconnect()
        pair.accepter.receive(.connected)
        #expect(types(pair.accepter.wire) == [136])
        guard case .channelReestablish(let hello) = pair.accepter.wire[0] else { return }
        // BOLT 1: an error in reply to messages of channels that are unknown.
        let error = ErrorMessage(channelID: hello.channelID, data: Array("unknown channel".utf8))
        _ = pair.accepter.takeEvents()
        pair.accepter.receive(.message(.error(error)))
        #expect(
            pair.accepter.takeEvents() == [.forgotten(.failed(.peerFailed(error.data)))])
        #expect(pair.accepter.shelf.bytesStored == 0)
    }

    @Test("restarting before the peer has signed loses the channel, after it nothing")
    func restart() throws {
        var pair = try ChannelPair()
        try pair.open()
        try pair.deliverAll()
        pair.opener.receive(.funded(ChannelPair.outPoint))
        var early = pair
        try early.opener.restart()
        #expect(early.opener.channel == nil)
        try pair.deliverAll()
        for name in TestPair.Name.allCases { try pair[name].restart() }
        pair.disconnect()
        pair.connect()
        try pair.deliverAll()
        try pair.confirm(depth: 6)
        #expect(pair.opener.state == .normal)
        #expect(pair.accepter.state == .normal)
    }

    @Test("channel_ready is sent again until either side has a second commitment")
    func ready() throws {
        var pair = try ChannelPair.ready()
        pair.disconnect()
        pair.connect()
        try pair.deliver(from: .opener)
        #expect(types(pair.accepter.wire) == [136, 36])
        try pair.deliverAll()
        #expect(pair.opener.state == .normal)
        try pair.opener.perform(.offer(TestPair.offer(MilliSatoshi(1_000_000))))
        try pair.settle()
        pair.disconnect()
        pair.connect()
        try pair.deliver(from: .opener)
        #expect(types(pair.accepter.wire) == [136])
    }

    @Test("channel_ready that was lost comes before the updates that were lost with it")
    func readyBeforeUpdates() throws {
        var pair = try ChannelPair()
        try pair.establish()
        for name in TestPair.Name.allCases { pair.confirm(name, depth: 6) }
        try pair.deliver(from: .accepter)
        pair.opener.receive(.flush)
        // The opener is ready and offers; nothing of it arrives.
        try pair.opener.perform(.offer(TestPair.offer(MilliSatoshi(1_000_000))))
        pair.opener.receive(.flush)
        #expect(types(pair.opener.wire) == [36, 128, 132])
        pair.disconnect()
        pair.connect()
        try pair.deliver(from: .accepter)
        #expect(types(pair.opener.wire) == [136, 36, 128, 132])
        try pair.settle()
        #expect(pair.accepter.channel?.commitments?.openReceived.count == 1)
    }

    @Test("readiness that came while the peer was away is told after channel_reestablish")
    func readyWhileAway() throws {
        var pair = try ChannelPair()
        try pair.establish()
        pair.disconnect()
        for name in TestPair.Name.allCases { pair.confirm(name, depth: 6) }
        #expect(pair.opener.wire.isEmpty)
        pair.connect()
        #expect(types(pair.opener.wire) == [136])
        try pair.deliverAll()
        #expect(pair.opener.state == .normal)
        #expect(pair.accepter.state == .normal)
    }

    @Test("nothing else is taken before channel_reestablish")
    func early() throws {
        var pair = try ChannelPair.ready()
        pair.disconnect()
        pair.connect()
        let channelID = try #require(pair.opener.channel).channelID
        pair.accepter.receive(
            .message(.updateFee(UpdateFee(channelID: channelID, feerate: FeeratePerKw(300)))))
        #expect(pair.accepter.events.last == .failed(.notReestablished(type: 134), .disconnect))
        #expect(types(pair.accepter.wire) == [136, 1])
        #expect(pair.accepter.state == .normal)
    }

    @Test("HTLCs that were not signed are told of when the connection is lost")
    func dropped() throws {
        var pair = try ChannelPair.ready()
        try pair.opener.perform(.offer(TestPair.offer(MilliSatoshi(1_000_000))))
        _ = pair.opener.takeEvents()
        pair.disconnect()
        #expect(pair.opener.takeEvents() == [.offeredDropped(id: 0, origin: .payment(attempt: 1))])
    }

    @Test("a side that has lost its state publishes nothing, and asks the peer to close")
    func outdated() throws {
        var pair = try ChannelPair.ready()
        let backup = pair.opener.shelf
        try pair.opener.perform(.offer(TestPair.offer(MilliSatoshi(50_000_000))))
        try pair.settle()
        pair.disconnect()
        pair.opener.shelf = backup
        try pair.opener.restart()
        pair.connect()
        guard case .channelReestablish(let hello) = pair.accepter.wire[0] else { return }
        _ = pair.opener.takeEvents()
        try pair.deliver(from: .accepter)
        #expect(pair.opener.state == .outdated)
        let error = ChannelError.outdated(local: 0, proven: 1)
        #expect(pair.opener.takeEvents() == [.failed(.channel(error), .failChannel)])
        #expect(pair.opener.channel?.established?.peerPoint == hello.myCurrentPerCommitmentPoint)
        #expect(types(pair.opener.wire) == [136, 17])
        // It says so again on each connection, across restarts, and listens to nothing.
        pair.opener.wire = []
        try pair.opener.restart()
        pair.opener.receive(.connected)
        #expect(types(pair.opener.wire) == [17])
        #expect(pair.opener.channel?.established?.peerPoint == hello.myCurrentPerCommitmentPoint)
        #expect(throws: ChannelError.notUsable(.outdated)) {
            try pair.opener.perform(.forceClose)
        }
        // The peer closes.
        guard case .error(let message) = pair.opener.wire[0] else { return }
        pair.accepter.receive(.message(.error(message)))
        #expect(
            pair.accepter.events.last == .failed(.peerFailed(message.data), .forceClose))
    }
}

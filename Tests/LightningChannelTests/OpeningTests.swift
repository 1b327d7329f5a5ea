import Bitcoin
import LightningChannel
import LightningCommitment
import LightningWire
import Testing

@Suite("Opening a channel")
struct OpeningTests {
    @Test("two nodes open a channel, and both have the same commitments signed by the other")
    func wholeWay() throws {
        var pair = try ChannelPair()
        pair.request.pushed = MilliSatoshi(200_000_500)
        try pair.open()
        try pair.deliverAll()
        #expect(pair.opener.state == .opening)
        guard case .fundingWanted(let wanted) = pair.opener.takeEvents().first else {
            Issue.record("no funding is asked for")
            return
        }
        #expect(wanted.amount == Satoshi(1_000_000))
        pair.opener.receive(.funded(ChannelPair.outPoint))
        // Nothing is durable before the peer has signed.
        #expect(pair.opener.shelf == RecordShelf())
        try pair.deliverAll()
        let (mine, theirs) = (pair.opener.channel, pair.accepter.channel)
        let commitments = try #require(mine?.commitments)
        let mirrored = try #require(theirs?.commitments)
        let funding = try #require(commitments.fundings.first)
        #expect(funding.funding.script.scriptPubKey == wanted.script)
        #expect(commitments.parameters.channelID == ChannelID(funding: ChannelPair.outPoint))
        #expect(
            pair.opener.takeEvents() == [
                .established(funding.funding), .fundingSigned(funding.funding),
            ])
        #expect(pair.accepter.takeEvents() == [.established(funding.funding)])
        for (own, others) in [(commitments, mirrored), (mirrored, commitments)] {
            let commitment = try own.localCommitment(own.fundings[0])
            #expect(try others.remoteCommitments(others.fundings[0]).map(\.id) == [commitment.id])
            try own.fundings[0].signatures.verify(commitment)
        }
        #expect(funding.settled.remote == MilliSatoshi(200_000_500))
        #expect(pair.opener.state == .waitForReady)
        try pair.confirm(depth: 2)
        #expect(pair.accepter.state == .waitForReady)
        for name in TestPair.Name.allCases { pair.mine(name, to: 1003) }
        try pair.deliverAll()
        for name in TestPair.Name.allCases {
            #expect(pair[name].state == .normal)
            #expect(pair[name].events.last == .ready)
        }
    }

    @Test("the opener tells the peer nothing after a signature that does not hold, and forgets")
    func wrongSignature() throws {
        var pair = try ChannelPair()
        try pair.open()
        try pair.deliverAll()
        pair.opener.receive(.funded(ChannelPair.outPoint))
        try pair.deliver(from: .opener)
        guard case .fundingSigned(var message) = pair.accepter.wire.removeFirst() else { return }
        message.signature = WireSignature(
            try #require(pair.accepter.channel?.commitments).fundings[0].signatures.commitment)
        pair.opener.receive(.message(.fundingSigned(message)))
        #expect(pair.opener.events.last == .forgotten(.failed(.opening(.invalidSignature))))
        #expect(pair.opener.shelf == RecordShelf())
        guard case .error(let error) = pair.opener.wire.last else {
            Issue.record("the peer is not told")
            return
        }
        #expect(String(decoding: error.data, as: UTF8.self).hasPrefix("signature:"))
        #expect(error.channelID == ChannelID(funding: ChannelPair.outPoint))
    }

    @Test("an output whose index does not fit the channel's id is not named to the peer")
    func outputIndex() throws {
        var pair = try ChannelPair()
        try pair.open()
        try pair.deliverAll()
        pair.opener.receive(.funded(OutPoint(ChannelPair.outPoint.transactionID, 65_536)))
        #expect(
            pair.opener.events.last == .forgotten(.failed(.opening(.outputIndexTooLarge(65_536)))))
        try pair.deliverAll()
        #expect(pair.accepter.state == .forgotten)
    }

    @Test("a refusal is short, whatever the peer has sent")
    func longRefusal() throws {
        var pair = try ChannelPair()
        try pair.open()
        guard case .openChannel(var message) = pair.opener.wire.removeFirst() else { return }
        message.tlvs.upfrontShutdownScript = Script([UInt8](repeating: 0x51, count: 60_000))
        pair.opener.wire.append(.openChannel(message))
        try pair.deliver(from: .opener)
        guard case .error(let error) = pair.accepter.wire.first else {
            Issue.record("the channel is taken")
            return
        }
        #expect(error.data.count == 500)
    }

    @Test("a message that does not belong to the opening ends it, on either side")
    func unexpected() throws {
        for name in TestPair.Name.allCases {
            var pair = try ChannelPair()
            try pair.open()
            try pair.deliver(from: .opener)
            let message = Message.updateFee(
                UpdateFee(channelID: ChannelID(.zero), feerate: FeeratePerKw(300)))
            pair[name].receive(.message(message))
            #expect(
                pair[name].events.last
                    == .forgotten(.failed(.opening(.unexpectedMessage(type: 134)))))
        }
    }
}

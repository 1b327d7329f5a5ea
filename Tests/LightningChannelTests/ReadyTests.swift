import Bitcoin
import LightningChannel
import LightningCommitment
import LightningWire
import Testing

@Suite("Becoming ready")
struct ReadyTests {
    private func readies(_ messages: [Message]) -> [ChannelReady] {
        messages.compactMap { if case .channelReady(let message) = $0 { message } else { nil } }
    }

    private func established(
        _ change: (inout ChannelPair) -> Void = { _ in }
    ) throws -> ChannelPair {
        var pair = try ChannelPair()
        change(&pair)
        try pair.establish()
        for name in TestPair.Name.allCases { _ = pair[name].takeEvents() }
        return pair
    }

    @Test(
        "larger channels wait for more confirmations",
        arguments: [(20_000, 3), (8_388_608, 3), (11_184_811, 4), (16_777_215, 5)])
    func depth(amount: Int64, depth: UInt32) throws {
        var pair = try ChannelPair()
        pair.request.amount = Satoshi(amount)
        try pair.open()
        try pair.deliver(from: .opener)
        guard case .acceptChannel(let answer) = pair.accepter.wire[0] else { return }
        #expect(answer.minimumDepth == depth)
    }

    @Test("channel_ready goes out at the minimum depth, not before, and not twice")
    func atDepth() throws {
        var pair = try established { $0.policy.minimumDepth = 4 }
        for name in TestPair.Name.allCases {
            pair.confirm(name, depth: 3)
            #expect(readies(pair[name].wire).isEmpty)
            pair.mine(name, to: 1004)
            pair.mine(name, to: 1010)
            #expect(readies(pair[name].wire).count == 1)
        }
        try pair.deliverAll()
        #expect(pair.opener.state == .normal)
    }

    @Test("a channel without confirmations is ready at once, and names itself by aliases")
    func zeroConfirmation() throws {
        var pair = try ChannelPair()
        pair.request.isZeroConfirmation = true
        pair.policy.trustsZeroConfirmation = true
        try pair.establish()
        for name in TestPair.Name.allCases {
            #expect(pair[name].state == .normal)
            let established = try #require(pair[name].channel?.established)
            #expect(established.names == [established.alias])
            #expect(established.shortChannelID == nil)
            #expect(
                established.nameForPayers == pair[name.other].channel?.established?.alias)
            #expect(established.isUsable)
        }
        try pair.confirm(depth: 1)
        let id = ShortChannelID(height: BlockHeight(1001), transactionIndex: 7, outputIndex: 1)
        for name in TestPair.Name.allCases {
            let established = try #require(pair[name].channel?.established)
            #expect(established.shortChannelID == id)
            #expect(established.names == [established.alias, try #require(id)])
            #expect(pair[name].takeEvents().last == .renamed)
        }
    }

    @Test("a channel that is known by aliases alone never takes its place in the chain for a name")
    func aliasOnly() throws {
        var pair = try ChannelPair()
        pair.request.isAliasOnly = true
        pair.request.isAnnounced = false
        try pair.establish()
        try pair.confirm(depth: 6)
        let established = try #require(pair.opener.channel?.established)
        #expect(established.shortChannelID != nil)
        #expect(established.names == [established.alias])
        #expect(established.alias != pair.accepter.channel?.established?.alias)
        #expect(established.alias.height >= BlockHeight(1 << 23))
    }

    @Test("a later channel_ready changes the peer's alias and nothing else")
    func redundant() throws {
        var pair = try ChannelPair.ready()
        let before = try #require(pair.opener.channel?.commitments)
        var message = ChannelReady(
            channelID: before.parameters.channelID,
            secondPerCommitmentPoint: Point(pair.opener.id))
        message.tlvs.alias = ShortChannelID(77)
        _ = pair.opener.takeEvents()
        pair.opener.receive(.message(.channelReady(message)))
        #expect(pair.opener.channel?.established?.nameForPayers == ShortChannelID(77))
        #expect(pair.opener.channel?.commitments == before)
        #expect(pair.opener.takeEvents() == [])
        let writes = pair.opener.shelf
        pair.opener.receive(.message(.channelReady(message)))
        #expect(pair.opener.shelf == writes)
    }

    @Test("a reorganisation before channel_ready starts the wait anew")
    func reorganisedBefore() throws {
        var pair = try established { $0.policy.minimumDepth = 3 }
        pair.confirm(.accepter, depth: 2)
        pair.accepter.receive(.fundingUnconfirmed)
        #expect(pair.accepter.channel?.established?.position == nil)
        pair.mine(.accepter, to: 1010)
        #expect(pair.accepter.wire.isEmpty)
        pair.confirm(.accepter, depth: 2, at: 1011)
        #expect(pair.accepter.wire.isEmpty)
        pair.mine(.accepter, to: 1013)
        #expect(readies(pair.accepter.wire).count == 1)
        #expect(pair.accepter.channel?.established?.shortChannelID?.height == BlockHeight(1011))
    }

    @Test("a reorganisation after channel_ready stops new payments until the funding is back")
    func reorganisedAfter() throws {
        var pair = try ChannelPair.ready()
        for name in TestPair.Name.allCases {
            pair[name].receive(.fundingUnconfirmed)
            #expect(pair[name].state == .normal)
            #expect(pair[name].channel?.established?.mayTakeRisk == false)
        }
        let offer = TestPair.offer(MilliSatoshi(1_000_000))
        #expect(throws: ChannelError.notUsable(.normal)) { try pair.opener.perform(.offer(offer)) }
        try pair.confirm(depth: 1, at: 1020)
        try pair.opener.perform(.offer(offer))
        try pair.settle()
        #expect(pair.accepter.channel?.commitments?.openReceived.count == 1)
        #expect(pair.accepter.channel?.established?.shortChannelID?.height == BlockHeight(1020))
        // It is said once in a channel's life.
        #expect(readies(pair.opener.wire).isEmpty)
    }

    @Test("a reorganisation does not stop a channel that never waited for confirmations")
    func reorganisedZeroConfirmation() throws {
        var pair = try ChannelPair()
        pair.request.isZeroConfirmation = true
        pair.policy.trustsZeroConfirmation = true
        try pair.establish()
        try pair.confirm(depth: 1)
        pair.opener.receive(.fundingUnconfirmed)
        #expect(pair.opener.channel?.established?.isUsable == true)
        #expect(pair.opener.channel?.established?.shortChannelID == nil)
    }

    @Test("the accepter forgets after 2016 blocks without the funding, the opener never")
    func timeout() throws {
        var pair = try established()
        for name in TestPair.Name.allCases {
            pair.mine(name, to: 1000 + 2015)
            #expect(pair[name].state == .waitForReady)
            pair.mine(name, to: 1000 + 2016)
        }
        #expect(pair.opener.state == .waitForReady)
        #expect(pair.accepter.takeEvents() == [.forgotten(.fundingTimeout)])
        #expect(pair.accepter.shelf.bytesStored == 0)
        // The opener hears of it, and closes.
        try pair.deliverAll()
        #expect(pair.opener.state == .failed)
    }

    @Test("an accepter whose channel without confirmations was used does not forget it")
    func usedTimeout() throws {
        var pair = try ChannelPair()
        pair.request.isZeroConfirmation = true
        pair.policy.trustsZeroConfirmation = true
        try pair.establish()
        try pair.opener.perform(.offer(TestPair.offer(MilliSatoshi(1_000_000))))
        try pair.settle()
        pair.mine(.accepter, to: 4000)
        #expect(pair.accepter.state == .normal)
    }

    @Test("what can never be mined is forgotten on both sides, and its records with it")
    func doubleSpent() throws {
        for name in TestPair.Name.allCases {
            var pair = try established()
            pair[name].receive(.fundingDoubleSpent)
            #expect(pair[name].takeEvents() == [.forgotten(.fundingDoubleSpent)])
            #expect(pair[name].shelf.bytesStored == 0)
        }
    }

    @Test("the user gives up what is not in the chain, and nothing else")
    func abandon() throws {
        var pair = try established()
        try pair.opener.perform(.abandon)
        #expect(pair.opener.takeEvents() == [.forgotten(.abandoned)])
        #expect(pair.opener.shelf.bytesStored == 0)
        var ready = try ChannelPair.ready()
        #expect(throws: ChannelError.notUsable(.normal)) { try ready.opener.perform(.abandon) }
    }

    @Test("a funding transaction that pays something else is no channel")
    func wrongFunding() throws {
        var pair = try established()
        let funding = try #require(pair.accepter.channel?.commitments).fundings[0].funding
        var output = funding.output
        output.amount = output.amount - Satoshi(1)
        let failure = ChannelFailure.wrongFunding(expected: funding.output, actual: output)
        pair.accepter.receive(
            .fundingConfirmed(
                FundingConfirmation(
                    height: BlockHeight(1001), transactionIndex: 1, output: output)))
        #expect(pair.accepter.takeEvents() == [.forgotten(.failed(failure))])
        guard case .error = pair.accepter.wire.last else {
            Issue.record("the peer is not told")
            return
        }
    }
}

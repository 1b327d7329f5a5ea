import Bitcoin
import LightningGraph
import LightningWire
import Testing

/// What peers can make the node hold, check and look up.
struct GossipLimitTests {
    private let other = Fixture.node(901)

    @Test("who connects anew has no more room in the queue of signatures than before")
    func reconnecting() {
        var limits = GossipWorld.limits
        limits.checkedMessagesPerPeer = 3
        var world = GossipWorld(limits: limits)
        world.answersChecks = false
        for number in 1...5 {
            world.receive(.channelAnnouncement(TrueChannel(number).announcement()))
        }
        #expect(world.checked == 12)
        world.receive(.peerDisconnected(GossipWorld.peer))
        world.connect(GossipWorld.peer)
        world.receive(.channelAnnouncement(TrueChannel(4).announcement()))
        #expect(world.checked == 12)
        // One was checked, for the connection before: one more has room, and no more.
        world.receive(.signaturesChecked(GossipJobID(1), [true, true, true, true]))
        for number in 4...6 {
            world.receive(.channelAnnouncement(TrueChannel(number).announcement()))
        }
        #expect(world.checked == 16)
    }

    @Test("all peers together have no more signatures checked at once than the limit")
    func common() {
        var limits = GossipWorld.limits
        limits.checkedMessages = 5
        limits.checkedMessagesPerPeer = 3
        var world = GossipWorld(limits: limits)
        world.answersChecks = false
        for number in 1...12 {
            let peer = Fixture.node(900 + number / 4)
            world.connect(peer)
            world.receive(.channelAnnouncement(TrueChannel(number).announcement()), from: peer)
        }
        #expect(world.checked == 20)
    }

    @Test("channels without outputs are held against who tells of many of them, and of few others")
    func falseChannels() {
        var world = GossipWorld()
        func announce(_ numbers: ClosedRange<Int>, _ world: inout GossipWorld) {
            for number in numbers {
                world.receive(.channelAnnouncement(TrueChannel(number).announcement()))
            }
        }
        announce(1...19, &world)
        #expect(world.warnings.isEmpty)
        for number in 20...30 { world.outputs[TrueChannel(number).id] = TrueChannel(number).output }
        announce(20...40, &world)
        #expect(world.warnings.isEmpty)
        announce(41...42, &world)
        #expect(world.warnings.count == 1)
        announce(43...121, &world)
        #expect(world.disconnected.isEmpty)
        announce(122...122, &world)
        #expect(world.disconnected == [GossipWorld.peer])
    }

    @Test("what was sent over a connection that has ended is not held against the next one")
    func earlierConnection() {
        var world = GossipWorld()
        world.answersChecks = false
        for number in 1...6 {
            let channel = TrueChannel(number)
            world.receive(
                .channelAnnouncement(
                    channel.announcement(damage: { $0.bitcoinSignature1 = .blank })))
        }
        world.receive(.peerDisconnected(GossipWorld.peer))
        world.connect(GossipWorld.peer)
        for number in UInt64(1)...6 {
            world.receive(
                .signaturesChecked(GossipJobID(number), [true, true, false, true]))
        }
        #expect(world.warnings.isEmpty && world.disconnected.isEmpty)
    }

    @Test(
        "a forged announcement under its id does not keep the node's own channel out",
        arguments: [true, false])
    func shadowed(isSigned: Bool) {
        var world = GossipWorld()
        let channel = TrueChannel(1)
        var forged = channel
        forged.nodes = [3, 4].map(TrueChannel.key)
            .sorted { NodeID(Point($0.publicKey)) < NodeID(Point($1.publicKey)) }
        forged.fundings = [103, 104].map(TrueChannel.key)
        world.outputs[channel.id] = .unanswered
        world.answersChecks = false
        world.receive(.channelAnnouncement(forged.announcement()))
        world.receive(.channelUpdate(channel.update(1, fee: 8)))
        world.receive(.local(.channelAnnouncement(channel.announcement())))
        world.receive(.local(.channelUpdate(channel.update(0, fee: 7))))
        world.answersChecks = true
        world.receive(.signaturesChecked(GossipJobID(1), [isSigned, true, true, true]))
        world.outputs[channel.id] = channel.output
        world.pass(1)
        #expect(world.fee(channel, 0) == 7)
        #expect(world.fee(channel, 1) == 8)
        #expect(world.records[.channel(channel.id)] != nil)
    }

    @Test("a peer is asked for more only when most of its last answer is checked")
    func digesting() throws {
        var limits = GossipLimits()
        limits.channelsPerQuery = 2
        // A channel counts until it is checked, and so do its signatures.
        limits.uncheckedBeforeAsking = 2
        var world = GossipWorld(limits: limits)
        world.connect(other)
        world.answersChecks = false
        let channels = (1...4).map { TrueChannel($0) }
        for channel in channels { world.outputs[channel.id] = channel.output }
        world.receive(
            .replyChannelRange(
                ReplyChannelRange(
                    chainHash: GossipWorld.chainHash, firstBlock: BlockHeight(0),
                    numberOfBlocks: .max, syncComplete: 1,
                    encodedShortIDs: ShortChannelIDList(channels.map(\.id)).encoded)), from: other)
        #expect(queries(&world) == 1)
        for channel in channels[..<2] {
            world.receive(.channelAnnouncement(channel.announcement()), from: other)
        }
        world.receive(
            .replyShortChannelIDsEnd(
                ReplyShortChannelIDsEnd(chainHash: GossipWorld.chainHash, fullInformation: 1)),
            from: other)
        world.pass(120)
        #expect(queries(&world) == 0)
        world.receive(.signaturesChecked(GossipJobID(1), [true, true, true, true]))
        #expect(queries(&world) == 1)
        #expect(world.warnings.isEmpty)
    }

    private func queries(_ world: inout GossipWorld) -> Int {
        world.takeSent(to: other).count {
            if case .queryShortChannelIDs = $0 { true } else { false }
        }
    }
}

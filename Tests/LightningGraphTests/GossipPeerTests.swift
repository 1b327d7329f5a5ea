import Bitcoin
import LightningGraph
import LightningWire
import Testing

/// What is asked of peers, answered to them and passed on.
struct GossipPeerTests {
    private let other = Fixture.node(901)

    private func filter(_ first: UInt64 = GossipWorld.now, range: UInt32 = .max) -> Message {
        .gossipTimestampFilter(
            GossipTimestampFilter(
                chainHash: GossipWorld.chainHash, firstTimestamp: UInt32(first),
                timestampRange: range))
    }

    @Test(
        "new gossip goes once to every peer that asked for it, after at most a minute, but not back"
    )
    func relay() {
        var world = GossipWorld()
        world.connect(other)
        let silent = Fixture.node(902)
        world.connect(silent)
        world.receive(filter(), from: other)
        world.receive(filter())
        world.pass(60)
        world.sent = []
        let channel = TrueChannel(1)
        world.believe(channel)
        world.receive(.nodeAnnouncement(channel.node(0)))
        #expect(world.sent.isEmpty)
        world.pass(60)
        #expect(
            world.takeGossip(to: other) == [
                .channelAnnouncement(channel.announcement()),
                .channelUpdate(channel.update(0, at: world.time - 60)),
                .channelUpdate(channel.update(1, at: world.time - 60)),
                .nodeAnnouncement(channel.node(0)),
            ])
        #expect(world.takeGossip().isEmpty)
        #expect(world.takeGossip(to: silent).isEmpty)
        world.pass(60)
        #expect(world.takeGossip(to: other).isEmpty)
    }

    @Test("a channel is told of once it has an update, and only the latest update is")
    func relayOrder() {
        var world = GossipWorld()
        world.connect(other)
        world.receive(filter(), from: other)
        let channel = TrueChannel(1)
        world.believe(channel, updates: false)
        world.sent = []
        world.pass(60)
        #expect(world.takeGossip(to: other).isEmpty)
        for fee in UInt32(1)...3 {
            world.receive(.channelUpdate(channel.update(0, at: world.time + UInt64(fee), fee: fee)))
        }
        world.pass(60)
        #expect(
            world.takeGossip(to: other) == [
                .channelAnnouncement(channel.announcement()),
                .channelUpdate(channel.update(0, at: world.time - 60 + 3, fee: 3)),
            ])
    }

    @Test("what is outside a filter, or of a peer's other chain, is not sent")
    func filters() {
        var world = GossipWorld()
        world.connect(other)
        world.receive(filter(world.time + 10, range: 5), from: other)
        let elsewhere = Fixture.node(903)
        world.receive(
            .peerConnected(elsewhere, features: Features(), chains: [BlockHash(.zero)]))
        world.receive(filter(), from: elsewhere)
        world.sent = []
        let channel = TrueChannel(1)
        world.believe(channel)
        world.receive(.channelUpdate(channel.update(0, at: world.time + 12, fee: 5)))
        world.pass(60)
        let updates = world.takeGossip(to: other).dropFirst()
        #expect(
            Array(updates) == [.channelUpdate(channel.update(0, at: GossipWorld.now + 12, fee: 5))])
        #expect(world.takeGossip(to: elsewhere).isEmpty)
        world.receive(filter(0, range: 0), from: other)
        world.receive(.channelUpdate(channel.update(0, at: GossipWorld.now + 14, fee: 6)))
        world.pass(60)
        #expect(world.takeGossip(to: other).isEmpty)
    }

    @Test("what the node says itself goes to everybody at once")
    func local() {
        var world = GossipWorld()
        world.connect(other)
        world.sent = []
        let channel = TrueChannel(1)
        world.outputs[channel.id] = channel.output
        world.receive(.local(.channelAnnouncement(channel.announcement())))
        world.receive(.local(.channelUpdate(channel.update(0))))
        #expect(world.believes(channel))
        #expect(world.fee(channel, 0) == 1)
        let all: [Message] = [
            .channelAnnouncement(channel.announcement()), .channelUpdate(channel.update(0)),
        ]
        #expect(world.takeGossip() == all)
        #expect(world.takeGossip(to: other) == all)
    }

    @Test("a filter that reaches back is sent what is stored, piece by piece")
    func backlog() {
        var limits = GossipLimits()
        limits.channelsPerLoad = 2
        var world = GossipWorld(limits: limits)
        let channels = (1...5).map { TrueChannel($0) }
        for channel in channels { world.believe(channel) }
        world.pass(60)
        world.connect(other)
        world.sent = []
        world.receive(filter(world.time - 70), from: other)
        for _ in 0..<5 { world.receive(.tick) }
        let expected = channels.flatMap {
            [
                Message.channelAnnouncement($0.announcement()), .channelUpdate($0.update(0)),
                .channelUpdate($0.update(1)),
            ]
        }
        #expect(world.takeGossip(to: other) == expected)
    }

    @Test("query_short_channel_ids is answered with what is known and wanted, and an end")
    func answersChannels() throws {
        var world = GossipWorld()
        let channel = TrueChannel(1)
        world.believe(channel)
        world.receive(.nodeAnnouncement(channel.node(0)))
        let unknown = TrueChannel(2)
        func query(_ flags: [QueryFlags.Wanted]?) -> Message {
            .queryShortChannelIDs(
                QueryShortChannelIDs(
                    chainHash: GossipWorld.chainHash,
                    encodedShortIDs: ShortChannelIDList([channel.id, unknown.id]).encoded,
                    tlvs: QueryShortChannelIDsTLVs(queryFlags: flags.map { QueryFlags($0) })))
        }
        let end = Message.replyShortChannelIDsEnd(
            ReplyShortChannelIDsEnd(chainHash: GossipWorld.chainHash, fullInformation: 1))
        world.sent = []
        world.receive(query(nil))
        #expect(
            world.takeSent() == [
                .channelAnnouncement(channel.announcement()), .channelUpdate(channel.update(0)),
                .channelUpdate(channel.update(1)), .nodeAnnouncement(channel.node(0)), end,
            ])
        world.receive(query([.channelUpdate2, []]))
        #expect(world.takeSent() == [.channelUpdate(channel.update(1)), end])
        world.receive(query([[], .channelUpdate2]))
        #expect(world.takeSent() == [end])
        world.receive(query([.channelUpdate1]))
        #expect(world.takeSent().isEmpty)
        #expect(world.warnings.count == 1)
    }

    @Test("an announcement with two host names is kept, and not passed on")
    func keepsTwoHostNames() {
        var world = GossipWorld()
        let channel = TrueChannel(1)
        world.believe(channel)
        let name = AddressDescriptor.dns(hostname: "example.com", port: 9735)
        let node = channel.node(0) { $0.addresses = AddressDescriptor.encode([name, name]) }
        world.receive(.nodeAnnouncement(node))
        #expect(world.announced(channel, 0) == world.time)
        world.sent = []
        world.receive(
            .queryShortChannelIDs(
                QueryShortChannelIDs(
                    chainHash: GossipWorld.chainHash,
                    encodedShortIDs: ShortChannelIDList([channel.id]).encoded)))
        #expect(
            world.takeSent() == [
                .channelAnnouncement(channel.announcement()), .channelUpdate(channel.update(0)),
                .channelUpdate(channel.update(1)),
                .replyShortChannelIDsEnd(
                    ReplyShortChannelIDsEnd(chainHash: GossipWorld.chainHash, fullInformation: 1)),
            ])
    }

    @Test("another chain's channels are not known: full_information is 0")
    func answersOtherChain() {
        var world = GossipWorld()
        world.receive(
            .queryShortChannelIDs(
                QueryShortChannelIDs(
                    chainHash: BlockHash(.zero), encodedShortIDs: ShortChannelIDList([]).encoded)))
        #expect(
            world.takeSent() == [
                .replyShortChannelIDsEnd(
                    ReplyShortChannelIDsEnd(
                        chainHash: BlockHash(.zero), fullInformation: 0))
            ])
    }

    @Test("query_channel_range is answered in order, with times and checksums where wanted")
    func answersRange() throws {
        var world = GossipWorld()
        let channels = (1...4).map { TrueChannel($0) }
        for channel in channels { world.believe(channel) }
        world.sent = []
        func ask(_ first: UInt32, _ count: UInt32, _ options: UInt64?) throws -> ReplyChannelRange {
            world.receive(
                .queryChannelRange(
                    QueryChannelRange(
                        chainHash: GossipWorld.chainHash, firstBlock: BlockHeight(first),
                        numberOfBlocks: count,
                        tlvs: QueryChannelRangeTLVs(queryOptionFlags: options))))
            let sent = world.takeSent()
            #expect(sent.count == 1)
            guard case .replyChannelRange(let reply)? = sent.first else {
                throw RangeFailure.noReply
            }
            return reply
        }
        let middle = try ask(102, 2, 3)
        #expect(
            try ShortChannelIDList(decoding: middle.encodedShortIDs).ids
                == [channels[1].id, channels[2].id])
        #expect(middle.syncComplete == 1)
        #expect(middle.firstBlock.value == 102)
        #expect(middle.numberOfBlocks == 2)
        let pair = EncodedTimestamps.Pair(
            node1: UInt32(GossipWorld.now), node2: UInt32(GossipWorld.now))
        #expect(try middle.tlvs.timestamps?.pairs() == [pair, pair])
        #expect(middle.tlvs.checksums?[0].node1 == channels[1].update(0).checksum)
        let all = try ask(0, .max, nil)
        #expect(try ShortChannelIDList(decoding: all.encodedShortIDs).ids == channels.map(\.id))
        #expect(all.tlvs.timestamps == nil)
        let beyond = try ask(.max, .max, 3)
        #expect(beyond.syncComplete == 1)
    }

    private enum RangeFailure: Error { case noReply }

    @Test("a range of more channels than a message holds is divided, even within a block")
    func answersLongRange() throws {
        var graph = ChannelGraph()
        let ids = (0..<9_000).map { ShortChannelID(500 << 40 | UInt64($0 + 1) << 16) }
        for id in ids + [ShortChannelID(501 << 40)] {
            try graph.add(
                GraphChannel(
                    id: id, node1: Fixture.node(1), node2: Fixture.node(2), capacity: Satoshi(1)))
        }
        var machine = GossipMachine(
            localID: GossipWorld.local, graph: graph, key: FundingFingerprintKey(.zero),
            chainHash: GossipWorld.chainHash, tip: BlockHeight(1_000))
        var step = machine.receive(
            .peerConnected(other, features: Features(), chains: nil), at: 1)
        let query = QueryChannelRange(
            chainHash: GossipWorld.chainHash, firstBlock: BlockHeight(400), numberOfBlocks: 200)
        step = machine.receive(.message(other, .queryChannelRange(query)), at: 1)
        var replies: [ReplyChannelRange] = []
        for turn in 0..<10 {
            var pause: GossipJobID?
            for effect in step.effects {
                switch effect {
                case .send(_, let messages):
                    for case .replyChannelRange(let reply) in messages { replies.append(reply) }
                case .load(let job, _, let keys) where keys.isEmpty: pause = job
                default: break
                }
            }
            // Time alone brings nothing more: the last reply has to be on its way.
            let ticked = machine.receive(.tick, at: 1)
            #expect(!ticked.effects.contains { if case .send = $0 { true } else { false } })
            #expect(turn > 0 || replies.count == 1)
            guard let pause else { break }
            step = machine.receive(.loaded(pause, []), at: 1)
        }
        #expect(replies.map(\.syncComplete) == [0, 1])
        #expect(replies.map(\.firstBlock.value) == [400, 500])
        #expect(replies.map(\.numberOfBlocks) == [101, 100])
        let told = try replies.flatMap { try ShortChannelIDList(decoding: $0.encodedShortIDs).ids }
        #expect(told == ids + [ShortChannelID(501 << 40)])
    }

    @Test("a peer that knows more is asked for what is missing or newer, in batches")
    func sync() throws {
        var limits = GossipLimits()
        limits.channelsPerQuery = 2
        var (teacher, pupil) = (GossipWorld(), GossipWorld(limits: limits))
        let channels = (1...5).map { TrueChannel($0) }
        for channel in channels {
            teacher.believe(channel)
            pupil.outputs[channel.id] = channel.output
        }
        pupil.believe(channels[0])
        teacher.receive(
            .channelUpdate(channels[0].update(1, at: GossipWorld.now + 5, fee: 77)))
        teacher.sent = []
        pupil.time += 2 * limits.syncInterval
        pupil.connect(other, [.gossipQueries, .gossipQueriesExtended])
        teacher.connect(other)
        teacher.sent = []
        var queries = 0
        for _ in 0..<20 {
            for message in pupil.takeSent(to: other) {
                if case .queryShortChannelIDs = message { queries += 1 }
                teacher.receive(message, from: other)
            }
            for message in teacher.takeSent(to: other) { pupil.receive(message, from: other) }
        }
        for channel in channels { #expect(pupil.believes(channel)) }
        #expect(pupil.fee(channels[0], 1) == 77)
        #expect(queries == 3)
        #expect(pupil.machine.isSynced)
        #expect(pupil.warnings.isEmpty)
    }

    @Test(
        "a peer that does not answer is left for another, and answers that nobody asked for are warned of"
    )
    func silence() {
        var world = GossipWorld()
        #expect(world.warnings.isEmpty)
        world.connect(other)
        world.sent = []
        world.pass(61)
        let queries = world.sent.filter {
            if case .queryChannelRange = $0.message { true } else { false }
        }
        #expect(queries.map(\.peer) == [other])
        world.receive(
            .replyShortChannelIDsEnd(
                ReplyShortChannelIDsEnd(chainHash: GossipWorld.chainHash, fullInformation: 1)))
        #expect(world.warnings.count == 1)
        for _ in 0..<10 {
            world.receive(
                .replyChannelRange(
                    ReplyChannelRange(
                        chainHash: GossipWorld.chainHash, firstBlock: BlockHeight(0),
                        numberOfBlocks: 1, syncComplete: 1, encodedShortIDs: [0])))
        }
        #expect(world.disconnected == [GossipWorld.peer])
    }

    @Test("the first few peers are all asked for their lists, as the first may know little")
    func firstComparisons() {
        var limits = GossipLimits()
        limits.firstComparisons = 2
        var world = GossipWorld(limits: limits)
        for number in [901, 902] {
            let peer = Fixture.node(number)
            world.connect(peer)
            let asked = world.takeSent(to: peer).contains {
                if case .queryChannelRange = $0 { true } else { false }
            }
            #expect(asked == (number == 901))
        }
    }

    @Test("an update of an unknown channel makes the node ask its sender for the channel")
    func wanted() {
        var world = GossipWorld()
        world.pass(61)
        world.catchUp()
        world.connect(other)
        world.sent = []
        let channel = TrueChannel(3)
        world.receive(.channelUpdate(channel.update(0)), from: other)
        world.pass(1)
        let asked = world.takeSent(to: other).contains {
            if case .queryShortChannelIDs(let query) = $0 {
                query.encodedShortIDs == ShortChannelIDList([channel.id]).encoded
            } else {
                false
            }
        }
        #expect(asked)
    }
}

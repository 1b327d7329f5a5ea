import Bitcoin
import LightningGraph
import LightningWire
import Testing

/// Channels that close or go stale, floods, and restarts.
struct GossipLifeTests {
    @Test(
        "a spent channel is forgotten 72 blocks later, with its records, unless the spend is reorganised out"
    )
    func closing() {
        var world = GossipWorld()
        let (gone, back) = (TrueChannel(1), TrueChannel(2, 1, 3))
        world.believe(gone)
        world.believe(back)
        world.receive(.nodeAnnouncement(gone.node(0)))
        world.receive(.nodeAnnouncement(gone.node(1)))
        world.receive(.blockConnected(BlockHeight(1_001), spent: [gone.outPoint, back.outPoint]))
        world.receive(
            .blockDisconnected(BlockHeight(1_001), spent: [gone.outPoint, back.outPoint]))
        world.receive(.blockConnected(BlockHeight(1_001), spent: [gone.outPoint]))
        for height in UInt32(1_002)...1_072 {
            world.receive(.blockConnected(BlockHeight(height), spent: []))
        }
        #expect(world.believes(gone))
        world.receive(.blockConnected(BlockHeight(1_073), spent: []))
        #expect(!world.believes(gone))
        #expect(world.believes(back))
        #expect(world.removed == [gone.id])
        // What is left: the other channel, its updates, and its node that announced itself.
        #expect(world.records.count == 4)
    }

    @Test("a channel that closes stays one over a restart")
    func closingRestart() {
        var world = GossipWorld()
        let channel = TrueChannel(1)
        world.believe(channel)
        world.receive(.blockConnected(BlockHeight(1_001), spent: [channel.outPoint]))
        let closing = world.records.filter { $0.key.table == .gossipClosing }
            .map { (key: $0.key.key, value: $0.value) }
        #expect(closing.count == 1)
        let contents = world.machine.contents(at: world.time)
        var machine = GossipMachine(
            localID: GossipWorld.local, graph: contents.graph, key: contents.key,
            chainHash: GossipWorld.chainHash, tip: BlockHeight(1_001), closing: closing)
        _ = machine.receive(.blockConnected(BlockHeight(1_073), spent: []), at: world.time)
        #expect(machine.graph.channelCount == 0)
    }

    @Test("a funding that leaves the chain and comes back in its place is kept")
    func reorganisation() {
        var world = GossipWorld()
        let (back, gone) = (TrueChannel(1, height: 990), TrueChannel(2, 1, 3, height: 990))
        world.believe(back)
        world.believe(gone)
        world.receive(.blockDisconnected(BlockHeight(990), spent: []))
        world.outputs[gone.id] = .missing
        world.receive(.blockConnected(BlockHeight(990), spent: []))
        for height in UInt32(991)...1_100 {
            world.receive(.blockConnected(BlockHeight(height), spent: []))
        }
        #expect(world.believes(back))
        #expect(!world.believes(gone))
    }

    @Test("channels that nobody spoke of for two weeks are pruned, once the node has caught up")
    func stale() {
        var world = GossipWorld()
        let channel = TrueChannel(1)
        world.believe(channel)
        let halfDead = TrueChannel(2, 1, 3)
        world.believe(halfDead)
        world.pass(1_209_000)
        world.receive(.channelUpdate(halfDead.update(0, at: world.time)))
        world.pass(1_000)
        #expect(world.machine.graph.channelCount == 2)
        world.catchUp()
        world.pass(3_600)
        // BOLT 7: "Doing so prunes channels even if one side continues to send fresh `channel_update`s".
        #expect(world.machine.graph.channelCount == 0)
    }

    @Test("a channel that is heard of is not pruned")
    func fresh() {
        var world = GossipWorld()
        let channel = TrueChannel(1)
        world.believe(channel)
        world.pass(1_209_000)
        for side in UInt8(0)...1 {
            world.receive(.channelUpdate(channel.update(side, at: world.time)))
        }
        world.catchUp()
        world.pass(3_600)
        #expect(world.believes(channel))
    }

    @Test("updates that come too often are dropped until time has passed")
    func rate() {
        var world = GossipWorld()
        let channel = TrueChannel(1)
        world.believe(channel)
        for number in UInt32(1)...50 {
            world.receive(
                .channelUpdate(
                    channel.update(0, at: world.time + UInt64(number), fee: 100 + number)))
        }
        #expect(world.fee(channel, 0) == 108)
        world.pass(3_600)
        world.receive(.channelUpdate(channel.update(0, at: world.time, fee: 7)))
        #expect(world.fee(channel, 0) == 7)
    }

    @Test(
        "a flood of announcements or updates holds no more than the limits, and peers are not starved by each other"
    )
    func flood() {
        var limits = GossipLimits()
        limits.pendingChannelsPerPeer = 3
        limits.checkedMessagesPerPeer = 10
        limits.heldMessages = 4
        var world = GossipWorld(limits: limits)
        world.answersChecks = false
        let channels = (1...20).map { TrueChannel($0) }
        for channel in channels {
            world.receive(.channelAnnouncement(channel.announcement()))
            world.receive(.channelUpdate(channel.update(0)))
            world.receive(.channelUpdate(channel.update(1)))
            world.receive(.nodeAnnouncement(channel.node(0)))
        }
        #expect(world.checked == 12)
        let other = Fixture.node(901)
        world.connect(other)
        world.receive(.channelAnnouncement(channels[19].announcement()), from: other)
        #expect(world.checked == 16)
    }

    @Test("a peer that sends wrong signatures is warned and let go")
    func offences() {
        var world = GossipWorld()
        for number in 1...8 {
            let channel = TrueChannel(number)
            world.receive(
                .channelAnnouncement(
                    channel.announcement(damage: { $0.bitcoinSignature1 = .blank })))
        }
        #expect(world.warnings.count == 8)
        #expect(world.disconnected == [GossipWorld.peer])
    }

    @Test("the graph is made again from the stored messages")
    func rebuild() {
        var world = GossipWorld()
        let channel = TrueChannel(1)
        world.believe(channel)
        world.receive(.nodeAnnouncement(channel.node(1)))
        func values(_ table: RecordTable) -> [[UInt8]] {
            world.records.filter { $0.key.table == table }.map(\.value)
        }
        let graph = ChannelGraph(
            channels: values(.gossipChannel) + [[1]], updates: values(.gossipUpdate) + [[]],
            nodes: values(.gossipNode) + [[9, 9]], key: FundingFingerprintKey(.zero))
        let before = GraphStore.encode(world.machine.contents(at: 0))
        let after = GraphStore.encode(
            .init(graph: graph, savedAt: 0, key: FundingFingerprintKey(.zero)))
        #expect(before == after)
    }

    @Test("answers to no job, and to jobs of peers that are gone, change nothing")
    func lateAnswers() {
        var world = GossipWorld()
        world.answersChecks = false
        let channel = TrueChannel(1)
        world.outputs[channel.id] = channel.output
        world.receive(.channelAnnouncement(channel.announcement()))
        world.receive(.peerDisconnected(GossipWorld.peer))
        world.receive(.signaturesChecked(GossipJobID(77), [true]))
        world.receive(.fundingFound(GossipJobID(77), [.missing]))
        world.receive(.loaded(GossipJobID(77), []))
        #expect(!world.believes(channel))
        // Fewer answers than checks are a no.
        world.receive(.signaturesChecked(GossipJobID(1), [true, true]))
        #expect(!world.believes(channel))
        #expect(world.asked == 0)
    }
}

extension GossipWorld {
    /// Lets the peer answer that it has no channels, by which the node has caught up.
    mutating func catchUp() {
        let peer = Fixture.node(950)
        sent = []
        connect(peer)
        pass(1)
        for (receiver, message) in sent {
            guard case .queryChannelRange(let query) = message, receiver == peer else { continue }
            receive(
                .replyChannelRange(
                    ReplyChannelRange(
                        chainHash: query.chainHash, firstBlock: query.firstBlock,
                        numberOfBlocks: query.numberOfBlocks, syncComplete: 1,
                        encodedShortIDs: [0])), from: peer)
        }
        sent = []
    }
}

import Bitcoin
import LightningGraph
import LightningWire
import Testing

/// Channels that peers announce before this node's chain has the block that makes them deep enough.
struct GossipEarlyTests {
    /// With a chain that ends at 1,000, its announcement is good from height 1,004 on.
    private let channel = TrueChannel(1, height: 1_000)

    private func mine(_ heights: ClosedRange<UInt32>, _ world: inout GossipWorld) {
        for height in heights {
            world.receive(.blockConnected(BlockHeight(height), spent: []))
        }
    }

    @Test("an announcement ahead of the chain waits for its block, with its terms and its nodes")
    func waits() {
        var world = GossipWorld()
        world.outputs[channel.id] = channel.output
        world.receive(.channelAnnouncement(channel.announcement()))
        world.receive(.channelUpdate(channel.update(0, fee: 5)))
        world.receive(.channelUpdate(channel.update(1, fee: 6)))
        world.receive(.nodeAnnouncement(channel.node(0)))
        mine(1_001...1_003, &world)
        #expect(world.checked == 0 && world.asked == 0)
        mine(1_004...1_004, &world)
        #expect(world.fee(channel, 0) == 5)
        #expect(world.fee(channel, 1) == 6)
        #expect(world.records[.node(channel.nodeIDs[0])] == channel.node(0).encoded)
    }

    @Test("it waits even when the peer that sent it has gone")
    func outlivesConnection() {
        var world = GossipWorld()
        world.outputs[channel.id] = channel.output
        world.receive(.channelAnnouncement(channel.announcement()))
        world.receive(.peerDisconnected(GossipWorld.peer))
        mine(1_001...1_004, &world)
        #expect(world.believes(channel))
    }

    @Test("what is days ahead of the chain is not kept")
    func farAhead() {
        var world = GossipWorld()
        let far = TrueChannel(1, height: 1_141)
        world.outputs[far.id] = far.output
        world.receive(.channelAnnouncement(far.announcement()))
        mine(1_001...1_200, &world)
        #expect(world.checked == 0)
    }

    @Test("few wait for each peer and in all, and those of connections that ended make room")
    func limits() {
        var limits = GossipWorld.limits
        limits.earlyChannels = 4
        limits.earlyChannelsPerPeer = 3
        var world = GossipWorld(limits: limits)
        let channels = (1...8).map { TrueChannel($0, height: 1_000) }
        let other = Fixture.node(901)
        world.connect(other)
        for channel in channels[..<5] {
            world.receive(.channelAnnouncement(channel.announcement()))
        }
        for channel in channels[5...] {
            world.receive(.channelAnnouncement(channel.announcement()), from: other)
        }
        // Who connects anew has no more room than before.
        world.receive(.peerDisconnected(GossipWorld.peer))
        world.connect(GossipWorld.peer)
        world.receive(.channelAnnouncement(channels[3].announcement()))
        // There were three and one; the second peer gets room where the first one's connection has ended.
        world.receive(.channelAnnouncement(channels[6].announcement()), from: other)
        for channel in channels { world.outputs[channel.id] = channel.output }
        mine(1_001...1_004, &world)
        let believed = channels.filter { world.believes($0) }
        #expect(believed.count == 4)
        #expect(world.believes(channels[5]) && world.believes(channels[6]))
        #expect(channels[..<3].count { world.believes($0) } == 2)
    }

    @Test("a node that was behind compares channels again once it has caught up")
    func caughtUp() {
        var world = GossipWorld()
        func comparisons() -> Int {
            world.takeSent().count { if case .queryChannelRange = $0 { true } else { false } }
        }
        world.receive(.peerDisconnected(GossipWorld.peer))
        world.pass(3_600)
        world.connect(GossipWorld.peer)
        #expect(comparisons() == 1)
        world.receive(
            .replyChannelRange(
                ReplyChannelRange(
                    chainHash: GossipWorld.chainHash, firstBlock: BlockHeight(0),
                    numberOfBlocks: .max, syncComplete: 1, encodedShortIDs: [0])))
        mine(1_001...1_144, &world)
        world.pass(60)
        #expect(comparisons() == 0)
        mine(1_145...1_145, &world)
        world.pass(1)
        #expect(comparisons() == 1)
    }
}

import Bitcoin
import LightningGraph
import LightningWire
import Testing

/// What the node tells of its own channels, and what others tell of them.
struct GossipLocalTests {
    private let channel = TrueChannel(1)

    @Test(
        "the node's own channel is asked for again where the chain did not answer, and the node's name waits for it"
    )
    func unanswered() throws {
        var world = GossipWorld()
        world.outputs[channel.id] = .unanswered
        world.receive(.local(.channelAnnouncement(channel.announcement())))
        world.receive(.local(.channelUpdate(channel.update(0))))
        world.receive(.local(.nodeAnnouncement(channel.node(0))))
        #expect(!world.believes(channel))
        world.outputs[channel.id] = channel.output
        world.pass(1)
        #expect(world.fee(channel, 0) == 1)
        let node = try #require(world.machine.graph.node(channel.nodeIDs[0]))
        #expect(world.machine.graph.announcementTimestamp(node) == UInt32(GossipWorld.now))
        #expect(world.records[.node(channel.nodeIDs[0])] == channel.node(0).encoded)
    }

    @Test(
        "terms of the peer that come before the node announces the channel are in the graph afterwards"
    )
    func early() {
        var world = GossipWorld(local: channel.nodeIDs[0])
        world.outputs[channel.id] = channel.output
        world.receive(.localChannels([channel.id: channel.nodeIDs[1]]))
        world.connect(channel.nodeIDs[1])
        let update = channel.update(1, fee: 5)
        world.receive(.channelUpdate(update), from: channel.nodeIDs[1])
        #expect(world.localUpdates == [update])
        world.receive(.local(.channelAnnouncement(channel.announcement())))
        #expect(world.fee(channel, 1) == 5)
    }

    @Test(
        "terms of the peer reach the node by whomever they come, once, and this node's own terms do not"
    )
    func relayed() {
        var world = GossipWorld(local: channel.nodeIDs[0])
        world.believe(channel, updates: false)
        world.receive(.localChannels([channel.id: channel.nodeIDs[1]]))
        world.receive(.channelUpdate(channel.update(0)))
        #expect(world.localUpdates.isEmpty)
        let update = channel.update(1, fee: 5)
        world.receive(.channelUpdate(update))
        #expect(world.localUpdates == [update])
        // Nobody else's signature makes terms of the peer.
        var forged = channel.update(1, at: GossipWorld.now + 1, fee: 6)
        forged.signature = channel.update(0).signature
        world.receive(.channelUpdate(forged))
        #expect(world.localUpdates == [update])
        #expect(world.warnings.count == 1)
    }

    @Test(
        "a peer that tells this node's own terms, as it was asked for all of a channel, is not blamed"
    )
    func echoed() {
        let peer = channel.nodeIDs[1]
        var world = GossipWorld(local: channel.nodeIDs[0])
        world.receive(.localChannels([channel.id: peer]))
        world.connect(peer)
        world.receive(.channelUpdate(channel.update(0)), from: peer)
        #expect(world.warnings.isEmpty && world.localUpdates.isEmpty)
        world.receive(.channelUpdate(channel.update(1)), from: peer)
        #expect(world.localUpdates == [channel.update(1)])
    }

    @Test(
        "a record of the node's own channel that was lost is made again, and only then is the chain asked"
    )
    func lostRecord() {
        var world = GossipWorld(local: channel.nodeIDs[0])
        world.believe(channel)
        world.receive(.local(.channelAnnouncement(channel.announcement())))
        #expect(world.asked == 1)
        let record = world.records.removeValue(forKey: .channel(channel.id))
        world.receive(.local(.channelAnnouncement(channel.announcement())))
        #expect(record != nil && world.records[.channel(channel.id)] == record)
        #expect(world.asked == 2)
        #expect(world.machine.graph.channelCount == 1)
    }
}

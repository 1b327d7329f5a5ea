import Bitcoin
import ChainBackend
import Glibc
import LightningGraph
import LightningNode
import LightningPayment
import LightningWire
@testable import NodeRuntime
import NodeStorage
import Synchronization
import Testing
import Threads

/// The thread of the graph, with peers and a node that only take notes.
struct GraphWorkerTests {
    @Test(
        "a channel that a peer tells of is looked up on the chain, believed, passed on and found again"
    )
    func life() throws {
        let folder = try TemporaryFolder()
        let chain = EmbeddedChain()
        let channel = try AnnouncedChannel(on: chain)
        do {
            let world = try GraphWorld(chain, folder: folder.path)
            defer { world.worker.stop() }
            world.connect(world.peer)
            world.connect(world.other)
            world.receive(channel.messages)
            // What is checked beside comes into the graph one after another.
            try eventually {
                world.service.channel(channel.id)?.terms1 != nil
                    && world.service.node(channel.announcement.nodeID1)?.alias == "first"
            }
            let edge = try #require(world.service.channel(channel.id))
            #expect(edge.funding == channel.outPoint)
            #expect(edge.capacity == Satoshi(5_000_000_000))
            #expect(edge.terms1?.policy.feeBase == 1_000)
            #expect(edge.terms2 == nil)
            #expect(world.service.channel(channel.outPoint)?.id == channel.id)
            let node = try #require(world.service.node(edge.node1))
            #expect(node.alias == "first")
            #expect(node.channelCount == 1)
            let info = world.service.info
            #expect(info.totalCapacity == Satoshi(5_000_000_000))
            #expect(info.medianCapacity == Satoshi(5_000_000_000))
            var names: [NodeID] = []
            world.service.describe(node: { names.append($0.id) }, channel: { _ in })
            #expect(names == [edge.node1, edge.node2])
            // The other peer asked for news, and gets them; whose they were does not.
            try eventually { world.outlet.sent(to: world.other).contains(channel.messages[0]) }
            #expect(!world.outlet.sent(to: world.peer).contains(channel.messages[0]))
        }
        // After a start the file is enough.
        let world = try GraphWorld(chain, folder: folder.path)
        defer { world.worker.stop() }
        #expect(world.service.counts == (2, 1))
        #expect(world.service.node(channel.announcement.nodeID1)?.alias == "first")
    }

    @Test("without its file the graph is made of the records")
    func lostFile() throws {
        let folder = try TemporaryFolder()
        let (first, channel, chain) = try GraphWorld.believing(folder: folder)
        first.worker.stop()
        #expect(unlink(folder.path + "/graph") == 0)
        do {
            let world = try GraphWorld(chain, folder: folder.path)
            #expect(world.service.counts == (2, 1))
            world.worker.stop()
        }
        // A damaged one is no different.
        let file = open(folder.path + "/graph", O_WRONLY)
        #expect(pwrite(file, [1, 2, 3], 3, 60) == 3)
        close(file)
        let world = try GraphWorld(chain, folder: folder.path)
        defer { world.worker.stop() }
        #expect(world.service.channel(channel.id)?.terms1?.policy.feeBase == 1_000)
    }

    @Test("without its records the graph is not taken from its file", arguments: [true, false])
    func lostRecords(isDamaged: Bool) throws {
        let folder = try TemporaryFolder()
        let (first, channel, chain) = try GraphWorld.believing(folder: folder)
        first.worker.stop()
        let path = folder.path + "/gossip.db"
        for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
        if isDamaged {
            let file = open(path, O_WRONLY | O_CREAT, 0o600)
            let text = [UInt8](repeating: 0x55, count: 5_000)
            #expect(write(file, text, text.count) == text.count)
            close(file)
        }
        let world = try GraphWorld(chain, folder: folder.path)
        defer { world.worker.stop() }
        #expect(world.service.counts == (0, 0))
        // The peer is asked for it again, and it can be told on.
        try world.believe(channel)
        world.connect(world.other)
        try eventually { world.outlet.sent(to: world.other).contains(channel.messages[0]) }
    }

    @Test("a channel whose output is not on the chain is not believed")
    func missingOutput() throws {
        let chain = EmbeddedChain()
        let channel = try AnnouncedChannel(on: chain)
        let world = try GraphWorld(chain)
        defer { world.worker.stop() }
        world.connect(world.peer)
        let moved = channel.moved(to: ShortChannelID(channel.id.value + 1))
        world.receive([.channelAnnouncement(moved)] + channel.messages)
        try eventually { world.service.counts == (2, 1) }
        #expect(world.service.channel(moved.shortChannelID) == nil)
    }

    @Test("a block that spends a channel's output lets it be forgotten 72 blocks later")
    func spent() throws {
        let (world, channel, chain) = try GraphWorld.believing()
        defer { world.worker.stop() }
        let height = chain.status().height
        world.worker.connect(channel.spendingBlock, at: height + 1)
        #expect(world.service.counts == (2, 1))
        world.worker.connect(channel.emptyBlock, at: height + 72)
        #expect(world.service.counts == (2, 1))
        world.worker.connect(channel.emptyBlock, at: height + 73)
        #expect(world.service.counts == (0, 0))
    }

    @Test("routes are found along gossip, and what attempts teach is kept over a restart")
    func routes() throws {
        let folder = try TemporaryFolder()
        let (teacher, channel, chain) = try GraphWorld.believing(folder: folder)
        let payer = NodeID(try PrivateKey([UInt8](repeating: 9, count: 32)).publicKey)
        let (first, second) = (channel.announcement.nodeID1, channel.announcement.nodeID2)
        let local = LocalChannel(
            id: ShortChannelID(7), peer: first, available: MilliSatoshi(900_000_000),
            htlcMinimum: MilliSatoshi(1))
        let query = RouteQuery(
            PathRequest(
                payer: payer, localChannels: [local], payee: .node(second),
                amount: MilliSatoshi(100_000_000)))
        teacher.worker.findRoutes(query, for: RouteQueryID(1))
        let route = try #require(try teacher.listener.route(RouteQueryID(1)).get().first)
        #expect(route.hops.map(\.nodeID) == [first, second])
        #expect(route.fee == MilliSatoshi(1_000 + 100))
        var other = query
        other.lastHop = payer
        teacher.worker.findRoutes(other, for: RouteQueryID(2))
        #expect(throws: PathError.noPath) { try teacher.listener.route(RouteQueryID(2)).get() }
        let direction = DirectedChannel(channel.id, side: 0)
        teacher.worker.learn([.failed(MilliSatoshi(90_000_000), at: direction)])
        teacher.worker.findRoutes(query, for: RouteQueryID(3))
        #expect(throws: PathError.noPath) { try teacher.listener.route(RouteQueryID(3)).get() }
        teacher.worker.stop()
        let world = try GraphWorld(chain, folder: folder.path)
        defer { world.worker.stop() }
        #expect(throws: PathError.noPath) {
            try world.service.routes(query, now: GraphWorld.now).get()
        }
        // Where there is no other way, the same is tried again a while later.
        #expect(try world.service.routes(query, now: GraphWorld.now + 60).get().count == 1)
        // A node that failed is passed by where that can be, and not where it cannot.
        var small = query
        small.request.amount = MilliSatoshi(10_000_000)
        world.worker.learn([.nodeFailed(first)])
        #expect(try world.service.routes(small, now: GraphWorld.now).get().count == 1)
    }

    @Test(
        "a peer over a private channel is payable with an empty graph, in parts where it takes them"
    )
    func emptyGraph() throws {
        let world = try GraphWorld(EmbeddedChain())
        defer { world.worker.stop() }
        let payer = NodeID(try PrivateKey([UInt8](repeating: 9, count: 32)).publicKey)
        let locals = [1, 2].map {
            LocalChannel(
                id: ShortChannelID($0), peer: world.peer, available: MilliSatoshi(600_000),
                htlcMinimum: MilliSatoshi(1))
        }
        func query(_ amount: UInt64, parts: Int) -> RouteQuery {
            RouteQuery(
                PathRequest(
                    payer: payer, localChannels: locals, payee: .node(world.peer),
                    amount: MilliSatoshi(amount)), maximumParts: parts)
        }
        let one = try world.service.routes(query(500_000, parts: 1), now: GraphWorld.now).get()
        #expect(one.map(\.amount) == [MilliSatoshi(500_000)])
        #expect(throws: PathError.self) {
            try world.service.routes(query(1_000_000, parts: 1), now: GraphWorld.now).get()
        }
        let two = try world.service.routes(query(1_000_000, parts: 4), now: GraphWorld.now).get()
        #expect(two.reduce(0) { $0 + $1.amount.value } == 1_000_000)
        // One node further on, by the hint of an invoice.
        let payee = world.other
        let hint = RouteHintHop(
            nodeID: world.peer, shortChannelID: ShortChannelID(99), feeBase: 7,
            feeProportionalMillionths: 0, cltvExpiryDelta: 40)
        let hinted = RouteQuery(
            PathRequest(
                payer: payer, localChannels: locals, payee: .node(payee, hints: [[hint]]),
                amount: MilliSatoshi(1_000)))
        let route = try #require(
            try world.service.routes(hinted, now: GraphWorld.now).get().first)
        #expect(route.hops.map(\.nodeID) == [world.peer, payee])
        #expect(route.fee == MilliSatoshi(7))
    }

    @Test(
        "what this node tells goes to every peer, and what the peer of a channel tells to the node")
    func local() throws {
        let chain = EmbeddedChain()
        let channel = try AnnouncedChannel(on: chain)
        let world = try GraphWorld(chain)
        defer { world.worker.stop() }
        world.connect(world.peer)
        try eventually { !world.outlet.sent(to: world.peer).isEmpty }
        world.worker.gossip(channel.messages)
        // What is checked beside comes into the graph one after another.
        try eventually {
            world.service.counts == (2, 1)
                && world.service.node(channel.announcement.nodeID1)?.alias == "first"
        }
        #expect(world.outlet.sent(to: world.peer).suffix(3) == channel.messages)
        // Of a private channel: by the name that was agreed on, from the peer across alone.
        let alias = ShortChannelID(1 << 63 | 5)
        let update = channel.update { update in
            update.shortChannelID = alias
            update.messageFlags = 3
        }
        world.worker.setLocalChannels([alias: channel.announcement.nodeID1])
        world.receive([.channelUpdate(update)])
        world.connect(channel.announcement.nodeID1)
        world.receive([.channelUpdate(update)], from: channel.announcement.nodeID1)
        try eventually { !world.listener.terms.isEmpty }
        #expect(world.listener.terms == [update])
    }

    @Test("what is no message of gossip ends the connection")
    func garbage() throws {
        let world = try GraphWorld(EmbeddedChain())
        defer { world.worker.stop() }
        world.connect(world.peer)
        world.worker.take([[1, 0, 7]], from: world.peer, keeping: 0)
        try eventually { world.outlet.disconnected == [world.peer] }
    }

    @Test("an answer to a peer is read only as fast as the peer takes it")
    func slowPeer() throws {
        let (world, channel, _) = try GraphWorld.believing()
        defer { world.worker.stop() }
        world.outlet.isSlow.store(true, ordering: .sequentiallyConsistent)
        world.connect(world.other)
        let query = QueryShortChannelIDs(
            chainHash: Network.regtest.genesisHash,
            encodedShortIDs: ShortChannelIDList([channel.id]).encoded)
        world.receive([.queryShortChannelIDs(query)], from: world.other)
        _ = world.service.counts
        SystemThread.sleep(milliseconds: 50)
        #expect(!world.outlet.sent(to: world.other).contains(channel.messages[0]))
        world.outlet.takeUp()
        try eventually { world.outlet.sent(to: world.other).contains(channel.messages[0]) }
    }
}

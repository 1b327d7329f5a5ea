import Bitcoin
import LightningGraph
import LightningWire
import TestSupport
import Testing

/// A graph as dictionaries, against which the columns are held.
private struct NaiveGraph {
    struct Channel {
        var node1: NodeID
        var node2: NodeID
        var capacity: Satoshi
        var funding: FundingFingerprint?
        var policies: [UInt8: DirectionPolicy] = [:]
        var inboundFees: [UInt8: InboundFee] = [:]
    }

    var channels: [ShortChannelID: Channel] = [:]
    var announced: [NodeID: UInt32] = [:]

    var nodes: Set<NodeID> { Set(channels.values.flatMap { [$0.node1, $0.node2] }) }

    func expect(same graph: ChannelGraph) {
        #expect(graph.channelCount == channels.count)
        #expect(graph.nodeCount == nodes.count)
        #expect(Set(graph.allNodes.map { graph.id($0) }) == nodes)
        #expect(Set(graph.allChannels.map { graph.id($0) }) == Set(channels.keys))
        for (id, channel) in channels {
            guard let index = graph.channel(id) else {
                Issue.record("channel \(id) is not there")
                continue
            }
            let ends = graph.ends(index)
            #expect(graph.id(ends.0) == channel.node1)
            #expect(graph.id(ends.1) == channel.node2)
            #expect(graph.capacity(index) == channel.capacity)
            for side in UInt8(0)...1 {
                let direction = index.direction(side)
                #expect(graph.policy(direction) == channel.policies[side])
                #expect(graph.inboundFee(direction.reversed) == channel.inboundFees[side])
                #expect(graph.name(direction) == DirectedChannel(id, side: side))
            }
            if let funding = channel.funding {
                #expect(graph.channel(funding: funding) == index)
            }
        }
        for node in graph.allNodes {
            #expect(graph.announcementTimestamp(node) == announced[graph.id(node)] ?? 0)
            #expect(graph.channels(of: node).count == graph.channelCount(of: node))
        }
    }

    mutating func forgetLonelyNodes() {
        let nodes = nodes
        announced = announced.filter { nodes.contains($0.key) }
    }
}

/// Random changes, the same to both.
private struct Changes {
    var generator: SeededGenerator
    var next = 0

    mutating func apply(to graph: inout ChannelGraph, _ naive: inout NaiveGraph) throws {
        switch Int.random(in: 0..<10, using: &generator) {
        case 0..<4: try add(&graph, &naive)
        case 4..<7: update(&graph, &naive)
        case 7: announce(&graph, &naive)
        default: remove(&graph, &naive)
        }
    }

    private mutating func add(_ graph: inout ChannelGraph, _ naive: inout NaiveGraph) throws {
        let first = Int.random(in: 0..<40, using: &generator)
        let second = Int.random(in: 40..<80, using: &generator)
        next += 1
        let funding = Bool.random(using: &generator) ? FundingFingerprint(UInt64(next)) : nil
        let channel = GraphChannel(
            id: Fixture.id(next), node1: Fixture.node(first), node2: Fixture.node(second),
            capacity: Satoshi(Int64(next) * 1_000), funding: funding)
        try graph.add(channel)
        naive.channels[channel.id] = NaiveGraph.Channel(
            node1: channel.node1, node2: channel.node2, capacity: channel.capacity,
            funding: funding)
    }

    private mutating func update(_ graph: inout ChannelGraph, _ naive: inout NaiveGraph) {
        guard let id = naive.channels.keys.sorted().randomElement(using: &generator),
            let channel = graph.channel(id)
        else { return }
        let side = UInt8.random(in: 0...1, using: &generator)
        let policy = Fixture.randomPolicy(capacity: 20_000, using: &generator)
        let fee =
            Int.random(in: 0..<4, using: &generator) == 0
            ? InboundFee(base: -7, proportionalMillionths: -50) : nil
        graph.update(channel.direction(side), policy, inboundFee: fee)
        naive.channels[id]?.policies[side] = policy
        naive.channels[id]?.inboundFees[side] = fee
    }

    private mutating func announce(_ graph: inout ChannelGraph, _ naive: inout NaiveGraph) {
        guard let id = naive.nodes.sorted().randomElement(using: &generator),
            let node = graph.node(id)
        else { return }
        let timestamp = UInt32.random(in: 1...1_000, using: &generator)
        graph.announce(node, timestamp: timestamp, isRoutable: true)
        naive.announced[id] = timestamp
    }

    private mutating func remove(_ graph: inout ChannelGraph, _ naive: inout NaiveGraph) {
        guard let id = naive.channels.keys.sorted().randomElement(using: &generator),
            let channel = graph.channel(id)
        else { return }
        graph.remove(channel)
        naive.channels[id] = nil
        naive.forgetLonelyNodes()
    }
}

struct ChannelGraphTests {
    @Test("a graph after random changes equals a naive one", arguments: [1, 2, 3] as [UInt64])
    func likeNaive(_ seed: UInt64) throws {
        var changes = Changes(generator: SeededGenerator(seed: seed))
        var (graph, naive) = (ChannelGraph(), NaiveGraph())
        for step in 0..<3_000 {
            try changes.apply(to: &graph, &naive)
            if step % 250 == 0 { naive.expect(same: graph) }
        }
        naive.expect(same: graph)
        let stored = GraphStore.encode(.init(graph: graph, savedAt: 5, key: .init(.zero)))
        naive.expect(same: try GraphStore.decode(stored).graph)
    }

    @Test("a copy of a graph does not see later changes")
    func copies() throws {
        var changes = Changes(generator: SeededGenerator(seed: 4))
        var (graph, naive) = (ChannelGraph(), NaiveGraph())
        for _ in 0..<300 { try changes.apply(to: &graph, &naive) }
        let (copy, before) = (graph, naive)
        for _ in 0..<300 { try changes.apply(to: &graph, &naive) }
        before.expect(same: copy)
        naive.expect(same: graph)
        #expect(graph.revision > copy.revision)
    }

    @Test("a node whose channels come one by one keeps all their edges")
    func hub() throws {
        var graph = ChannelGraph()
        let hub = Fixture.node(60_000)
        for number in 0..<6_000 {
            let channel = try graph.add(
                GraphChannel(
                    id: Fixture.id(number), node1: Fixture.node(number), node2: hub,
                    capacity: Satoshi(1_000_000)))
            for side in UInt8(0)...1 {
                graph.update(channel.direction(side), Fixture.policy(maximum: 1_000_000))
            }
        }
        for number in stride(from: 0, to: 6_000, by: 2) {
            graph.remove(try #require(graph.channel(Fixture.id(number))))
        }
        let finder = PathFinder()
        for number in stride(from: 1, to: 5_990, by: 7) {
            let request = PathRequest(
                payer: Fixture.node(number | 1), payee: .node(Fixture.node((number | 1) + 2)),
                amount: MilliSatoshi(1_000))
            let route = try finder.path(request, in: graph, knowing: LiquidityView())
            #expect(route.hops.count == 2)
        }
    }

    @Test("what no channel can be is refused and changes nothing")
    func refusals() throws {
        var graph = ChannelGraph()
        let channel = GraphChannel(
            id: Fixture.id(1), node1: Fixture.node(1), node2: Fixture.node(2),
            capacity: Satoshi(1))
        try graph.add(channel)
        #expect(throws: GraphError.channelExists(channel.id)) { try graph.add(channel) }
        var swapped = channel
        (swapped.node1, swapped.node2, swapped.id) = (channel.node2, channel.node1, Fixture.id(2))
        #expect(throws: GraphError.unorderedNodes(swapped.node1, swapped.node2)) {
            try graph.add(swapped)
        }
        var same = channel
        (same.node2, same.id) = (channel.node1, Fixture.id(3))
        #expect(throws: GraphError.unorderedNodes(same.node1, same.node2)) { try graph.add(same) }
        var none = channel
        none.id = .zero
        #expect(throws: GraphError.invalidChannelID(.zero)) { try graph.add(none) }
        #expect(graph.channelCount == 1)
        #expect(graph.nodeCount == 2)
    }

    @Test(
        "fees are those of BOLT 7's example, and an inbound discount never exceeds the outbound fee"
    )
    func fees() {
        let policy = Fixture.policy(base: 200, millionths: 2_000, maximum: 1)
        #expect(policy.fee(for: MilliSatoshi(4_999_999)) == MilliSatoshi(10_199))
        #expect(
            Fixture.policy(base: .max, millionths: .max, maximum: 1)
                .fee(for: MilliSatoshi(.max)) == nil)
        let discount = InboundFee(base: -100, proportionalMillionths: -1_000)
        let amount = MilliSatoshi(1_000_000)
        #expect(discount.surcharge(on: amount, outbound: MilliSatoshi(5_000)) == -1_100)
        #expect(discount.surcharge(on: amount, outbound: MilliSatoshi(900)) == -900)
        let charge = InboundFee(base: .max, proportionalMillionths: .max)
        #expect(charge.surcharge(on: MilliSatoshi(UInt64(Int64.max)), outbound: .zero) == nil)
    }
}

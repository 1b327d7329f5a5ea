import Bitcoin
import LightningGraph
import LightningWire
import TestSupport
import Testing

struct KnowledgeTests {
    private let finder = PathFinder()
    private let capacity = Satoshi(1_000_000)
    private let time: UInt64 = 1_800_000_000

    /// Two ways from 1 to 4: over 2 for 10 msat, over 3 for 20,000.
    private func graph() throws -> ChannelGraph {
        var graph = ChannelGraph()
        let ends = [(1, 2), (2, 4), (1, 3), (3, 4)]
        for (number, (first, second)) in ends.enumerated() {
            let channel = try graph.add(
                GraphChannel(
                    id: Fixture.id(number), node1: Fixture.node(first),
                    node2: Fixture.node(second), capacity: capacity))
            let policy = Fixture.policy(base: first == 3 ? 20_000 : 10, maximum: 1_000_000_000)
            graph.update(channel.direction(0), policy)
            graph.update(channel.direction(1), policy)
        }
        return graph
    }

    private func fee(
        _ knowledge: LiquidityKnowledge, at time: UInt64, _ amount: UInt64 = 100_000_000
    ) throws -> UInt64 {
        let graph = try graph()
        let request = PathRequest(
            payer: Fixture.node(1), payee: .node(Fixture.node(4)), amount: MilliSatoshi(amount))
        let view = LiquidityView(knowledge, in: graph, at: time)
        return try finder.path(request, in: graph, knowing: view).fee.value
    }

    @Test("where an amount failed, as much is not sent again until some of it is forgotten")
    func failure() throws {
        var knowledge = LiquidityKnowledge()
        #expect(try fee(knowledge, at: time) == 10)
        let name = DirectedChannel(Fixture.id(1), side: 0)
        _ = knowledge.failed(
            MilliSatoshi(100_000_000), at: name, capacity: capacity, at: time)
        #expect(try fee(knowledge, at: time) == 20_000)
        #expect(try fee(knowledge, at: time, 1_000) == 10)
        #expect(try fee(knowledge, at: time + 40 * 6 * 3_600) == 10)
    }

    @Test("where an amount failed, it may be tried again after a while if there is no other way")
    func secondChance() throws {
        var knowledge = LiquidityKnowledge()
        var graph = try graph()
        graph.remove(try #require(graph.channel(Fixture.id(2))))
        let name = DirectedChannel(Fixture.id(1), side: 0)
        let amount = MilliSatoshi(100_000_000)
        _ = knowledge.failed(amount, at: name, capacity: capacity, at: time)
        // More than what has come back to be thought possible meanwhile.
        let more = MilliSatoshi(300_000_000)
        // What passes in small does not put it off.
        _ = knowledge.passed(MilliSatoshi(1), through: name, capacity: capacity, at: time + 30)
        let request = PathRequest(
            payer: Fixture.node(1), payee: .node(Fixture.node(4)), amount: more)
        func fee(after seconds: UInt64, patience: UInt64 = .max) -> UInt64? {
            let view = LiquidityView(
                knowledge, in: graph, at: time + seconds, patience: patience)
            return try? finder.path(request, in: graph, knowing: view).fee.value
        }
        #expect(fee(after: 31) == nil)
        #expect(fee(after: 31, patience: 31) == nil)
        #expect(fee(after: 31, patience: 30) == 10)
    }

    @Test("where an amount got through that had failed, nothing is held against it any more")
    func disproved() throws {
        var knowledge = LiquidityKnowledge()
        let name = DirectedChannel(Fixture.id(1), side: 0)
        let amount = MilliSatoshi(100_000_000)
        _ = knowledge.failed(amount, at: name, capacity: capacity, at: time)
        _ = knowledge.settled(MilliSatoshi(99_000_000), through: name, capacity: capacity, at: time)
        #expect(try fee(knowledge, at: time, 2_000_000) == 20_000)
        _ = knowledge.settled(MilliSatoshi(1_000_000), through: name, capacity: capacity, at: time)
        #expect(try fee(knowledge, at: time, 2_000_000) == 10)
    }

    @Test("where an amount passed, the way is preferred; once it is spent, no longer")
    func success() throws {
        var knowledge = LiquidityKnowledge()
        let amount = MilliSatoshi(600_000_000)
        let names = [2, 3].map { DirectedChannel(Fixture.id($0), side: 0) }
        for name in names {
            _ = knowledge.passed(amount, through: name, capacity: capacity, at: time)
        }
        #expect(try fee(knowledge, at: time, amount.value) == 20_000)
        for name in names {
            _ = knowledge.settled(amount, through: name, capacity: capacity, at: time)
        }
        #expect(try fee(knowledge, at: time, amount.value) == 10)
    }

    @Test("what was learnt survives as records, and bad records are left out")
    func records() throws {
        var knowledge = LiquidityKnowledge()
        let name = DirectedChannel(Fixture.id(1), side: 0)
        var writes = knowledge.failed(
            MilliSatoshi(100_000_000), at: name, capacity: capacity, at: time)
        #expect(writes.count == 2)
        var records = writes.map { (key: $0.key, value: $0.value ?? []) }
        #expect(writes.allSatisfy { $0.table == .liquidity })
        #expect(try fee(LiquidityKnowledge(records: records), at: time) == 20_000)
        records += [(key: [1], value: []), (key: records[0].key, value: [9])]
        #expect(LiquidityKnowledge(records: records).count == 2)
        writes = knowledge.forget(name.shortChannelID)
        #expect(writes.count == 2)
        #expect(writes.allSatisfy { $0.value == nil })
        #expect(knowledge.count == 0)
    }

    @Test("no more is remembered than the limit; the oldest goes first")
    func bounded() {
        var knowledge = LiquidityKnowledge()
        let name = { DirectedChannel(ShortChannelID(UInt64($0 + 1)), side: 0) }
        for number in 0..<LiquidityKnowledge.limit + 10 {
            _ = knowledge.passed(
                MilliSatoshi(1), through: name(number), capacity: capacity,
                at: time + UInt64(number))
        }
        #expect(knowledge.count <= LiquidityKnowledge.limit)
        #expect(knowledge.forget(name(0).shortChannelID).isEmpty)
        #expect(!knowledge.forget(name(LiquidityKnowledge.limit).shortChannelID).isEmpty)
    }
}

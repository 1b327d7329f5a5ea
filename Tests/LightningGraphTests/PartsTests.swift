import Bitcoin
import LightningGraph
import LightningWire
import TestSupport
import Testing

struct PartsTests {
    private let finder = PathFinder()

    private func sum(_ routes: [Route], _ part: (Route) -> UInt64) -> UInt64 {
        routes.reduce(0) { $0 + part($1) }
    }

    @Test("parts bring the amount, fit together, and never cost more than one path")
    func random() throws {
        var generator = SeededGenerator(seed: 31)
        var (split, found) = (0, 0)
        for _ in 0..<120 {
            let graph = try Fixture.randomGraph(nodes: 8, channels: 24, using: &generator)
            let (payer, payee) = (Fixture.node(0), Fixture.node(7))
            guard graph.node(payer) != nil, graph.node(payee) != nil else { continue }
            let amount = MilliSatoshi(.random(in: 10_000...900_000_000, using: &generator))
            let request = PathRequest(payer: payer, payee: .node(payee), amount: amount)
            let one = try? finder.path(request, in: graph, knowing: LiquidityView())
            let parts = try? finder.parts(request, in: graph, knowing: LiquidityView())
            guard let parts else {
                #expect(one == nil)
                continue
            }
            found += 1
            if parts.count > 1 { split += 1 }
            #expect(sum(parts, \.amount.value) == amount.value)
            #expect(parts.count <= 16)
            if let one {
                let cost = sum(parts, \.cost)
                #expect(cost <= one.cost)
            }
            var load: [DirectedChannel: UInt64] = [:]
            for part in parts {
                try RouteJudge(graph: graph, costs: request.costs).check(
                    part, from: payer, to: payee, finalDelta: 18)
                for hop in part.hops {
                    let name = try #require(hop.direction)
                    load[name, default: 0] += hop.amount.value
                }
            }
            for (name, amount) in load {
                let channel = try #require(graph.channel(name.shortChannelID))
                #expect(amount <= MilliSatoshi(graph.capacity(channel)).value)
            }
        }
        #expect(found > 60)
        #expect(split > 20)
    }

    @Test("splitting costs little more than a true minimum-cost flow")
    func likeFlow() throws {
        var generator = SeededGenerator(seed: 41)
        let costs = PathCosts(hopBase: .zero, prior: .uniform)
        var (ratios, split): ([Double], Int) = ([], 0)
        for _ in 0..<40 {
            let graph = try Fixture.flowGraph(nodes: 12, channels: 40, using: &generator)
            let (payer, payee) = (Fixture.node(0), Fixture.node(11))
            guard let first = graph.node(payer), let last = graph.node(payee) else { continue }
            let amount = MilliSatoshi(.random(in: 100_000...1_200_000_000, using: &generator))
            let request = PathRequest(
                payer: payer, payee: .node(payee), amount: amount, costs: costs)
            guard let parts = try? finder.parts(request, in: graph, knowing: LiquidityView())
            else { continue }
            var flow = FlowJudge(graph, costs, amount: amount, shares: 24, from: payer)
            guard let least = flow.leastCost(from: first, to: last, shares: 24) else { continue }
            ratios.append(Double(sum(parts, \.cost)) / least)
            if parts.count > 1 { split += 1 }
        }
        let mean = ratios.reduce(0, +) / Double(ratios.count)
        let worst = ratios.max() ?? 0
        #expect(split > 15)
        #expect(mean < 1.01, "mean \(mean), worst \(worst), \(split) of \(ratios.count)")
        #expect(worst < 1.15)
    }

    @Test("what no channel holds alone goes through several, each within its balance")
    func balances() throws {
        var graph = ChannelGraph()
        for (number, peer) in [2, 3].enumerated() {
            let channel = try graph.add(
                GraphChannel(
                    id: Fixture.id(number), node1: Fixture.node(peer), node2: Fixture.node(9),
                    capacity: Satoshi(1_000_000)))
            graph.update(channel.direction(0), Fixture.policy(maximum: 900_000_000))
        }
        let channels = [2, 3].map {
            LocalChannel(
                id: Fixture.id($0 + 10), peer: Fixture.node($0),
                available: MilliSatoshi(60_000_000),
                htlcMinimum: .zero)
        }
        var request = PathRequest(
            payer: Fixture.node(1), localChannels: channels, payee: .node(Fixture.node(9)),
            amount: MilliSatoshi(100_000_000))
        let parts = try finder.parts(request, in: graph, knowing: LiquidityView())
        #expect(sum(parts, \.amount.value) == 100_000_000)
        for part in parts { #expect(part.hops[0].amount.value <= 60_000_000) }
        #expect(Set(parts.map(\.hops[0].shortChannelID)).count == 2)
        request.amount = MilliSatoshi(120_000_001)
        #expect(throws: PathError.noPath) {
            try finder.parts(request, in: graph, knowing: LiquidityView())
        }
    }

    @Test("no part is larger than it may be, and several share a path")
    func largestPart() throws {
        var graph = ChannelGraph()
        let channel = try graph.add(
            GraphChannel(
                id: Fixture.id(1), node1: Fixture.node(1), node2: Fixture.node(9),
                capacity: Satoshi(1_000_000)))
        graph.update(channel.direction(0), Fixture.policy(maximum: 900_000_000))
        var request = PathRequest(
            payer: Fixture.node(1), payee: .node(Fixture.node(9)),
            amount: MilliSatoshi(100_000_001))
        request.limits.part = MilliSatoshi(10_000_000)
        let parts = try finder.parts(request, in: graph, knowing: LiquidityView())
        #expect(sum(parts, \.amount.value) == 100_000_001)
        #expect((11...16).contains(parts.count))
        #expect(parts.allSatisfy { $0.amount <= request.limits.part })
        #expect(throws: PathError.noPath) {
            try finder.parts(request, in: graph, knowing: LiquidityView(), maximumParts: 10)
        }
    }

    @Test(
        "however many parts are allowed, no more are made than can be looked for",
        arguments: [129, .max])
    func mostParts(maximum: Int) throws {
        var graph = ChannelGraph()
        let channel = try graph.add(
            GraphChannel(
                id: Fixture.id(1), node1: Fixture.node(1), node2: Fixture.node(9),
                capacity: Satoshi(1_000_000)))
        graph.update(channel.direction(0), Fixture.policy(maximum: 1_000))
        var request = PathRequest(
            payer: Fixture.node(1), payee: .node(Fixture.node(9)), amount: MilliSatoshi(1_000_000))
        // A thousand parts of the most that the channel takes at once would bring it.
        #expect(throws: PathError.self) {
            try finder.parts(
                request, in: graph, knowing: LiquidityView(), maximumParts: maximum)
        }
        request.limits.part = MilliSatoshi(1_000)
        #expect(throws: PathError.noPath) {
            try finder.parts(
                request, in: graph, knowing: LiquidityView(), maximumParts: maximum)
        }
    }

    @Test("the fee limit holds for all parts together")
    func feeLimit() throws {
        var graph = ChannelGraph()
        for peer in [2, 3] {
            for (number, ends) in [(1, peer), (peer, 9)].enumerated() {
                let channel = try graph.add(
                    GraphChannel(
                        id: Fixture.id(peer * 10 + number), node1: Fixture.node(ends.0),
                        node2: Fixture.node(ends.1), capacity: Satoshi(1_000_000)))
                graph.update(
                    channel.direction(0), Fixture.policy(base: 1_000, maximum: 60_000_000))
            }
        }
        var request = PathRequest(
            payer: Fixture.node(1), payee: .node(Fixture.node(9)),
            amount: MilliSatoshi(100_000_000))
        request.limits.fee = MilliSatoshi(20_000)
        let parts = try finder.parts(request, in: graph, knowing: LiquidityView())
        #expect((2_000...20_000).contains(sum(parts, \.fee.value)))
        request.limits.fee = MilliSatoshi(1_999)
        #expect(throws: PathError.self) {
            try finder.parts(request, in: graph, knowing: LiquidityView())
        }
    }
}

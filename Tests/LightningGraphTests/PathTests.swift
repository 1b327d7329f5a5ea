import Bitcoin
import LightningGraph
import LightningWire
import TestSupport
import Testing

struct PathTests {
    private let finder = PathFinder()

    @Test(
        "on small graphs the path is the one that a look at every path finds",
        arguments: [LiquidityPrior.uniform, .bimodal])
    func bruteForce(_ prior: LiquidityPrior) throws {
        var generator = SeededGenerator(seed: 21)
        var found = 0
        for _ in 0..<150 {
            let graph = try Fixture.randomGraph(nodes: 7, channels: 14, using: &generator)
            let costs = PathCosts(prior: prior)
            let amount = MilliSatoshi(.random(in: 1_000...30_000_000, using: &generator))
            let (payer, payee) = (Fixture.node(0), Fixture.node(6))
            guard graph.node(payer) != nil, graph.node(payee) != nil else { continue }
            let judge = RouteJudge(graph: graph, costs: costs)
            let least = judge.leastCost(from: payer, to: payee, amount: amount)
            let request = PathRequest(
                payer: payer, payee: .node(payee), amount: amount, costs: costs)
            let route = try? finder.path(request, in: graph, knowing: LiquidityView())
            #expect((route == nil) == (least == nil))
            guard let route, let least else { continue }
            found += 1
            try judge.check(route, from: payer, to: payee, finalDelta: 18)
            // Fees on fees make amounts differ a little between equally good ways to a node.
            let range = (least * 0.99 - 10)...(least * 1.01 + 10)
            #expect(range.contains(Double(route.cost)))
        }
        #expect(found > 50)
    }

    @Test("BOLT 7's example routes cost what it says")
    func example() throws {
        var graph = ChannelGraph()
        let (a, b, c, d) = (
            Fixture.node(1), Fixture.node(2), Fixture.node(3), Fixture.node(4)
        )
        let terms: [NodeID: (UInt32, UInt32, UInt16)] = [
            a: (100, 1_000, 10), b: (200, 2_000, 20), c: (300, 3_000, 30), d: (400, 4_000, 40),
        ]
        for (number, ends) in [(a, b), (a, d), (b, c), (c, d)].enumerated() {
            let channel = try graph.add(
                GraphChannel(
                    id: Fixture.id(number), node1: ends.0, node2: ends.1,
                    capacity: Satoshi(100_000_000)))
            for (side, node) in [ends.0, ends.1].enumerated() {
                let (base, millionths, delta) = try #require(terms[node])
                graph.update(
                    channel.direction(UInt8(side)),
                    Fixture.policy(
                        base: base, millionths: millionths, maximum: 100_000_000_000, delta: delta))
            }
        }
        let request = PathRequest(
            payer: a, payee: .node(c), amount: MilliSatoshi(4_999_999), finalDelta: 18 + 42)
        let overB = try finder.path(request, in: graph, knowing: LiquidityView())
        #expect(overB.hops.map(\.amount.value) == [5_010_198, 4_999_999])
        #expect(overB.hops.map(\.delta) == [80, 60])
        var without = request
        without.excludedNodes = [b]
        let overD = try finder.path(without, in: graph, knowing: LiquidityView())
        #expect(overD.hops.map(\.amount.value) == [5_020_398, 4_999_999])
        #expect(overD.hops.map(\.delta) == [100, 60])
        var direct = request
        direct.payer = b
        let route = try finder.path(direct, in: graph, knowing: LiquidityView())
        #expect(route.hops.map(\.amount.value) == [4_999_999])
        #expect(route.fee == .zero)
    }

    @Test("limits hold, and the failure tells the least fee")
    func limits() throws {
        var graph = ChannelGraph()
        try add(0, 1, 3, to: &graph, Fixture.policy(maximum: 50_000_000))
        try add(1, 3, 5, to: &graph, Fixture.policy(base: 900, maximum: 50_000_000, delta: 10))
        try add(2, 1, 2, to: &graph, Fixture.policy(maximum: 50_000_000))
        try add(3, 2, 5, to: &graph, Fixture.policy(base: 100, maximum: 50_000_000, delta: 1_900))
        var request = PathRequest(
            payer: Fixture.node(1), payee: .node(Fixture.node(5)), amount: MilliSatoshi(1_000_000))
        request.limits.fee = MilliSatoshi(500)
        #expect(try finder.path(request, in: graph, knowing: LiquidityView()).fee.value == 100)
        request.limits = PathLimits(delta: 100)
        #expect(try finder.path(request, in: graph, knowing: LiquidityView()).fee.value == 900)
        request.limits.fee = MilliSatoshi(899)
        #expect(throws: PathError.self) {
            try finder.path(request, in: graph, knowing: LiquidityView())
        }
        request.limits = PathLimits(fee: MilliSatoshi(99))
        #expect(
            throws: PathError.feeAboveLimit(least: MilliSatoshi(100), limit: MilliSatoshi(99))
        ) { try finder.path(request, in: graph, knowing: LiquidityView()) }
    }

    @Test(
        "the chance of success counts as much as is wanted",
        arguments: [(300_000, 0, 2), (300_000, -100, 1), (20_000_000, 0, 1), (20_000_000, 100, 2)])
    func successWeight(fee: UInt32, weight: Int8, hops: Int) throws {
        var graph = ChannelGraph()
        // All but all that the direct channel holds, or a twentieth of what those of the other way do.
        try add(0, 1, 5, to: &graph, Fixture.policy(maximum: 990_000_000))
        for (number, ends) in [(1, 2), (2, 5)].enumerated() {
            let channel = try graph.add(
                GraphChannel(
                    id: Fixture.id(number + 1), node1: Fixture.node(ends.0),
                    node2: Fixture.node(ends.1), capacity: Satoshi(20_000_000)))
            graph.update(
                channel.direction(0), Fixture.policy(base: fee, maximum: 19_000_000_000))
        }
        var request = PathRequest(
            payer: Fixture.node(1), payee: .node(Fixture.node(5)),
            amount: MilliSatoshi(980_000_000))
        request.costs = request.costs.weighingSuccess(weight)
        let route = try finder.path(request, in: graph, knowing: LiquidityView())
        #expect(route.hops.count == hops)
    }

    @Test("requests that no path can meet say why")
    func failures() throws {
        var graph = ChannelGraph()
        try add(0, 1, 2, to: &graph, Fixture.policy(maximum: 50_000_000))
        let (one, two, other) = (Fixture.node(1), Fixture.node(2), Fixture.node(9))
        func expect(_ error: PathError, _ payer: NodeID, _ payee: NodeID, _ amount: UInt64) {
            let request = PathRequest(
                payer: payer, payee: .node(payee), amount: MilliSatoshi(amount))
            #expect(throws: error) {
                try finder.path(request, in: graph, knowing: LiquidityView())
            }
        }
        expect(.payerIsPayee, one, one, 1)
        expect(.unknownPayee, one, other, 1)
        expect(.unknownPayer, other, one, 1)
        expect(.noPath, one, two, 50_000_001)
        expect(.invalidAmount(.zero), one, two, 0)
        expect(.invalidAmount(MilliSatoshi(.max)), one, two, .max)
        let poor = PathRequest(
            payer: one,
            localChannels: [
                LocalChannel(
                    id: Fixture.id(5), peer: two, available: MilliSatoshi(99), htlcMinimum: .zero)
            ],
            payee: .node(two), amount: MilliSatoshi(100))
        #expect(
            throws: PathError.insufficientBalance(
                needed: MilliSatoshi(100), available: MilliSatoshi(99))
        ) { try finder.path(poor, in: graph, knowing: LiquidityView()) }
    }

    @Test(
        "the payer's own channels send all that they hold, for no fee, to nodes the graph need not know"
    )
    func localChannels() throws {
        var graph = ChannelGraph()
        try add(0, 2, 3, to: &graph, Fixture.policy(base: 7, maximum: 50_000_000, delta: 10))
        let own = Fixture.node(1)
        let channels = [
            LocalChannel(
                id: Fixture.id(7), peer: Fixture.node(2), available: MilliSatoshi(1_234_574),
                htlcMinimum: .zero),
            LocalChannel(
                id: Fixture.id(8), peer: Fixture.node(8), available: MilliSatoshi(987_654_321),
                htlcMinimum: .zero),
        ]
        func route(_ payee: Int, _ amount: UInt64) throws -> Route {
            try finder.path(
                PathRequest(
                    payer: own, localChannels: channels, payee: .node(Fixture.node(payee)),
                    amount: MilliSatoshi(amount)),
                in: graph, knowing: LiquidityView())
        }
        let all = try route(3, 1_234_567)
        #expect(all.hops.map(\.amount.value) == [1_234_574, 1_234_567])
        #expect(all.hops[0].shortChannelID == Fixture.id(7))
        #expect(all.hops[0].direction == nil)
        #expect(throws: PathError.noPath) { try route(3, 1_234_568) }
        let direct = try route(8, 987_654_321)
        #expect(direct.hops.map(\.shortChannelID) == [Fixture.id(8)])
    }

    @Test("private hops and blinded ends are paid what they ask")
    func hints() throws {
        var graph = ChannelGraph()
        try add(0, 1, 2, to: &graph, Fixture.policy(maximum: 50_000_000))
        let hint = [
            RouteHintHop(
                nodeID: Fixture.node(2), shortChannelID: Fixture.id(70), feeBase: 10,
                feeProportionalMillionths: 1_000, cltvExpiryDelta: 30),
            RouteHintHop(
                nodeID: Fixture.node(50), shortChannelID: Fixture.id(71), feeBase: 5,
                feeProportionalMillionths: 0, cltvExpiryDelta: 20),
        ]
        let amount = MilliSatoshi(1_000_000)
        let private51 = try finder.path(
            PathRequest(
                payer: Fixture.node(1), payee: .node(Fixture.node(51), hints: [hint]),
                amount: amount),
            in: graph, knowing: LiquidityView())
        #expect(private51.hops.map(\.amount.value) == [1_001_015, 1_000_005, 1_000_000])
        #expect(private51.hops.map(\.delta) == [68, 38, 18])
        #expect(private51.hops.map(\.nodeID) == [2, 50, 51].map(Fixture.node))
        let end = BlindedEnd(
            introduction: Fixture.node(2), feeBase: 100, feeProportionalMillionths: 500,
            cltvExpiryDelta: 77, htlcMinimum: MilliSatoshi(1_000), htlcMaximum: amount)
        var narrow = end
        narrow.htlcMaximum = MilliSatoshi(999_999)
        let blinded = try finder.path(
            PathRequest(
                payer: Fixture.node(1), payee: .blinded([narrow, end]), amount: amount,
                finalDelta: 0),
            in: graph, knowing: LiquidityView())
        #expect(blinded.blindedEnd == 1)
        #expect(blinded.hops.map(\.nodeID) == [Fixture.node(2)])
        #expect(blinded.hops.map(\.amount.value) == [1_000_600])
        #expect(blinded.delta == 77)
    }

    @Test("inbound discounts lower the price, never below nothing")
    func inboundFees() throws {
        var graph = ChannelGraph()
        try add(0, 1, 2, to: &graph, Fixture.policy(maximum: 50_000_000))
        try add(1, 2, 3, to: &graph, Fixture.policy(base: 1_000, maximum: 50_000_000))
        let incoming = try #require(graph.channel(Fixture.id(0)))
        for (base, fee) in [(-300, 700), (-5_000, 0), (400, 1_400)] as [(Int32, UInt64)] {
            graph.update(
                incoming.direction(1), Fixture.policy(maximum: 50_000_000),
                inboundFee: InboundFee(base: base, proportionalMillionths: 0))
            let request = PathRequest(
                payer: Fixture.node(1), payee: .node(Fixture.node(3)),
                amount: MilliSatoshi(1_000_000))
            let route = try finder.path(request, in: graph, knowing: LiquidityView())
            #expect(route.fee.value == fee)
            try RouteJudge(graph: graph, costs: PathCosts()).check(
                route, from: Fixture.node(1), to: Fixture.node(3), finalDelta: 18)
        }
    }

    @Test(
        "nothing goes through nodes or channels that demand what is not known, but to them it may")
    func unknownFeatures() throws {
        var graph = ChannelGraph()
        try add(0, 1, 2, to: &graph, Fixture.policy(maximum: 50_000_000))
        try add(1, 2, 3, to: &graph, Fixture.policy(maximum: 50_000_000))
        let two = try #require(graph.node(Fixture.node(2)))
        graph.announce(two, timestamp: 1, isRoutable: false)
        func path(to payee: Int) throws -> Route {
            try finder.path(
                PathRequest(
                    payer: Fixture.node(1), payee: .node(Fixture.node(payee)),
                    amount: MilliSatoshi(1_000)), in: graph, knowing: LiquidityView())
        }
        #expect(throws: PathError.noPath) { try path(to: 3) }
        #expect(try path(to: 2).hops.count == 1)
        graph.announce(two, timestamp: 2, isRoutable: true)
        #expect(try path(to: 3).hops.count == 2)
        let odd = try graph.add(
            GraphChannel(
                id: Fixture.id(9), node1: Fixture.node(1), node2: Fixture.node(4),
                capacity: Satoshi(1_000_000), isRoutable: false))
        graph.update(odd.direction(0), Fixture.policy(maximum: 50_000_000))
        #expect(throws: PathError.noPath) { try path(to: 4) }
    }

    /// A channel with the same terms both ways.
    private func add(
        _ number: Int, _ first: Int, _ second: Int, to graph: inout ChannelGraph,
        _ policy: DirectionPolicy
    ) throws {
        let channel = try graph.add(
            GraphChannel(
                id: Fixture.id(number), node1: Fixture.node(first), node2: Fixture.node(second),
                capacity: Satoshi(1_000_000)))
        graph.update(channel.direction(0), policy)
        graph.update(channel.direction(1), policy)
    }
}

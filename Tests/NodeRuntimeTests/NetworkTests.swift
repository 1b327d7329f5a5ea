import Bitcoin
import ChainBackend
import LightningGraph
import LightningInvoice
import LightningNode
import LightningPayment
import LightningWire
import NodeRuntime
import Testing

/// Nodes that learn of each other by gossip over real connections.
struct NetworkTests {
    @Test("three nodes in a line learn of the whole line, pay along it, and hear of new terms")
    func line() throws {
        let chain = EmbeddedChain()
        let nodes = try (0..<3).map { _ in try NodeFixture(chain: chain) }
        defer { for node in nodes { node.service.stop() } }
        let (alice, bob, carol) = (nodes[0], nodes[1], nodes[2])
        for node in [alice, bob] { try node.fund() }
        try alice.connect(to: bob)
        try bob.connect(to: carol)
        try alice.open(to: bob)
        try bob.open(to: carol)
        // One block more, for the channel that was opened last.
        try chain.mine(1, to: NodeFixture.nobody)
        for node in nodes { try eventually { try node.graph.isWhole(nodes: 3, channels: 2) } }
        let graph = try alice.graph
        #expect(try graph.node(NodeID(carol.key))?.announcement != nil)
        #expect(try graph.channels(of: NodeID(bob.key)).count == 2)
        let balance = try bob.channelBalance()
        #expect(try alice.send(20_000_000, to: carol).fee == MilliSatoshi(1_020))
        try eventually { try bob.channelBalance() == balance + 1_020 }

        var change = ForwardingPolicyChange()
        change.feeBase = 7_000
        _ = try bob.service.perform(.channel(.setPolicy(.all, change)))
        for node in nodes {
            try eventually {
                try node.graph.channels(of: NodeID(bob.key)).allSatisfy {
                    try $0.terms(of: NodeID(bob.key))?.policy.feeBase == 7_000
                }
            }
        }
        #expect(try alice.send(20_000_000, to: carol).fee == MilliSatoshi(7_020))
        try eventually { try bob.channelBalance() == balance + 8_040 }
    }

    @Test(
        "over a private channel a neighbour is paid, and one further on by an invoice's hints, with no gossip at all"
    )
    func privateChannels() throws {
        let chain = EmbeddedChain()
        let nodes = try (0..<3).map { _ in try NodeFixture(chain: chain) }
        defer { for node in nodes { node.service.stop() } }
        let (alice, bob, carol) = (nodes[0], nodes[1], nodes[2])
        for node in [alice, bob] { try node.fund() }
        try alice.connect(to: bob)
        try bob.connect(to: carol)
        try alice.open(to: bob, isAnnounced: false)
        try bob.open(to: carol, isAnnounced: false)
        #expect(try alice.send(20_000_000, to: bob).hasSucceeded)
        try eventually { try carol.channels().allSatisfy { $0.peerTerms != nil } }
        #expect(try alice.send(10_000_000, to: carol, withHints: true).hasSucceeded)
        for node in nodes { #expect(try node.graph.counts == (0, 0)) }
    }
}

extension NodeFixture {
    fileprivate var graph: GraphService {
        get throws {
            guard let graph = service.graph else { throw FixtureError.unexpectedReply }
            return graph
        }
    }

    /// The ways to this node by what its neighbours have told it.
    private func hints() throws -> [[RouteHintHop]] {
        try channels().compactMap { channel in
            guard let terms = channel.peerTerms, let name = channel.terms?.shortChannelID else {
                return nil
            }
            return [
                RouteHintHop(
                    nodeID: NodeID(channel.peer), shortChannelID: name, feeBase: terms.feeBase,
                    feeProportionalMillionths: terms.feeProportionalMillionths,
                    cltvExpiryDelta: terms.cltvExpiryDelta)
            ]
        }
    }

    /// Pays an invoice of a node, wherever it is.
    fileprivate func send(
        _ amount: UInt64, to other: NodeFixture, withHints: Bool = false
    ) throws -> PastPayment {
        var wanted = InvoiceOrder(amount: MilliSatoshi(amount), description: .text("test"))
        if withHints { wanted.routeHints = try other.hints() }
        guard
            case .invoice(let invoice, _) = try other.service.perform(
                .payment(.addInvoice(wanted))),
            let order = PaymentOrder(invoice),
            case .payment(let past) = try service.perform(
                .payment(.send(order, SendOptions(feeLimit: MilliSatoshi(100_000)))))
        else { throw FixtureError.unexpectedReply }
        return past
    }
}

extension PastPayment {
    fileprivate var hasSucceeded: Bool {
        if case .succeeded = outcome { true } else { false }
    }
}

extension GraphService {
    /// Whether all nodes have announced themselves, and all channels have the terms of both sides.
    fileprivate func isWhole(nodes: Int, channels: Int) -> Bool {
        var (known, told) = (0, 0)
        describe(
            node: { if $0.announcement != nil { known += 1 } },
            channel: { if $0.terms1 != nil, $0.terms2 != nil { told += 1 } })
        return known == nodes && told == channels
    }
}

extension GraphEdge {
    fileprivate func terms(of node: NodeID) -> Terms? { node == node1 ? terms1 : terms2 }
}

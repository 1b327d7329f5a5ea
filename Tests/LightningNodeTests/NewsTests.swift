import Bitcoin
import LightningChannel
import LightningCommitment
import LightningNode
import LightningWire
@testable import NodeFixtures
import Testing

/// What subscribers are told of peers and channels.
struct NewsTests {
    @Test("subscribers are told of a channel's life, each turn once and in order")
    func cooperativeLife() throws {
        var network = try TestNetwork.funded(2)
        let id = try network.open(0, 1)
        for index in 0..<2 {
            #expect(network.turns(index) == ["online", "pending", "open", "active"])
        }
        _ = try network.ask(0, .channel(.close(id, to: nil, feerate: nil)))
        try network.mine(1)
        try network.mine(200)
        for index in 0..<2 {
            #expect(
                network.turns(index).dropFirst(4)
                    == ["inactive", "closing", "closed mutual", "resolved mutual"])
        }
    }

    @Test("a channel is inactive while the peer is away, and that is told")
    func absence() throws {
        var network = try TestNetwork.funded(2)
        try network.open(0, 1)
        try network.disconnect(0, 1)
        try network.connect(0, 1)
        for index in 0..<2 {
            #expect(
                network.turns(index).dropFirst(4)
                    == ["offline", "inactive", "online", "active"])
        }
    }

    @Test("after a restart a channel counts as inactive until the peer is back")
    func restart() throws {
        var network = try TestNetwork.funded(2)
        try network.open(0, 1)
        let count = network.nodes[0].news.count
        try network.restart(0)
        #expect(network.turns(0).dropFirst(count) == ["online", "active"])
    }

    @Test("a close by force is told with the commitment, and by whom it was mined")
    func forceClose() throws {
        var network = try TestNetwork.funded(2)
        let id = try network.open(0, 1, pushed: 300_000_000)
        _ = try network.ask(0, .channel(.forceClose(id)))
        guard
            case .channel(.closing(_, let transaction))? = network.nodes[0].news.first(where: {
                if case .channel(.closing) = $0 { true } else { false }
            })
        else { throw UnexpectedReply() }
        #expect(
            network.offers.contains { offer in
                offer.node == 0 && offer.transactions.contains { $0.id == transaction }
            })
        try network.mine(1)
        // Told of the failure, the peer publishes its own commitment: either may be mined.
        let ends = (0..<2).map { network.turns($0).last }
        #expect(
            ends == ["closed local", "closed remote"] || ends == ["closed remote", "closed local"])
    }

    @Test("a channel that is given up is told of with its funding")
    func forgotten() throws {
        var network = try TestNetwork.funded(2)
        try network.connect(0, 1)
        let opening = ChannelOpening(peer: network.nodes[1].id, amount: Satoshi(500_000))
        guard
            case .opened(let ids, let transaction) = try network.ask(
                0, .channel(.open([opening], feerate: FeeratePerKw(500))))
        else { throw UnexpectedReply() }
        _ = try network.ask(0, .channel(.abandon(ids[0])))
        guard
            case .channel(.forgotten(let peer, let funding, .abandoned))? =
                network.nodes[0].news.last
        else { throw UnexpectedReply() }
        #expect(peer == network.nodes[1].id)
        #expect(funding?.transactionID == transaction.id)
    }
}

extension NodeNetwork {
    /// What a node's subscribers were told, in a word each.
    fileprivate func turns(_ index: Int) -> [String] {
        nodes[index].news.compactMap { news in
            switch news {
            case .peer(_, let isOnline): isOnline ? "online" : "offline"
            case .channel(.pendingOpen): "pending"
            case .channel(.open): "open"
            case .channel(.active): "active"
            case .channel(.inactive): "inactive"
            case .channel(.closing): "closing"
            case .channel(.closed(_, let kind, _, _)): "closed \(kind)"
            case .channel(.resolved(let closed)): "resolved \(closed.kind)"
            case .channel(.forgotten): "forgotten"
            case .channel(.offered): "offered"
            case .channel(.offerEnded): "offer ended"
            case .invoice, .payment, .paymentEnded, .forward: nil
            }
        }
    }
}

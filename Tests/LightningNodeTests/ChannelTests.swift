import Bitcoin
import LightningChannel
import LightningCommitment
import LightningNode
import LightningWallet
import LightningWire
@testable import NodeFixtures
import Testing

/// Channels between whole nodes.
struct ChannelTests {
    @Test("a channel opens, is mined, and is open on both sides")
    func opening() throws {
        var network = try TestNetwork.funded(2)
        let id = try network.open(0, 1, 1_000_000, pushed: 100_000_000)
        for index in 0..<2 {
            let report = try network.channel(index, id)
            #expect(report.state == .normal)
            #expect(report.isConnected)
            #expect(report.funding?.amount == Satoshi(1_000_000))
        }
        let balances = try network.channel(1, id).balances
        #expect(balances?.local == MilliSatoshi(100_000_000))
    }

    @Test("a payment over one channel arrives")
    func directPayment() throws {
        var network = try TestNetwork.funded(2)
        let id = try network.open(0, 1)
        let past = try network.pay([0, 1], 50_000_000)
        #expect(past.hasSucceeded)
        #expect(try network.channel(1, id).balances?.local == MilliSatoshi(50_000_000))
    }

    @Test("a payment over two channels arrives, and the node between earns its fee")
    func forwarding() throws {
        var network = try TestNetwork.funded(3)
        let first = try network.open(0, 1)
        let second = try network.open(1, 2)
        let past = try network.pay([0, 1, 2], 50_000_000)
        #expect(past.hasSucceeded)
        #expect(past.fee == MilliSatoshi(1_050))
        #expect(try network.channel(1, first).balances?.local == MilliSatoshi(50_001_050))
        #expect(try network.channel(2, second).balances?.local == MilliSatoshi(50_000_000))
    }

    @Test("channels survive a restart of either side, and payments go on")
    func restarts() throws {
        var network = try TestNetwork.funded(2)
        let id = try network.open(0, 1)
        #expect(try network.pay([0, 1], 50_000_000).hasSucceeded)
        for index in 0..<2 {
            try network.restart(index)
            #expect(try network.channel(index, id).state == .normal)
            #expect(try network.channel(index, id).isConnected)
        }
        #expect(try network.pay([0, 1], 20_000_000).hasSucceeded)
        #expect(try network.pay([1, 0], 30_000_000).hasSucceeded)
        #expect(try network.channel(1, id).balances?.local == MilliSatoshi(40_000_000))
    }

    @Test("one transaction opens several channels")
    func batch() throws {
        var network = try TestNetwork.funded(3)
        try network.connect(0, 1)
        try network.connect(0, 2)
        let openings = [1, 2].map { peer in
            ChannelOpening(peer: network.nodes[peer].id, amount: Satoshi(500_000))
        }
        guard
            case .opened(let ids, let transaction) = try network.ask(
                0, .channel(.open(openings, feerate: FeeratePerKw(500))))
        else { throw UnexpectedReply() }
        #expect(network.chain.mempool.entries.keys.sorted() == [transaction.id])
        try network.mine(6)
        #expect(try ids.allSatisfy { try network.channel(0, $0).state == .normal })
        #expect(try network.channels(1).map(\.state) == [.normal])
        #expect(try network.channels(2).map(\.state) == [.normal])
    }

    @Test("where one of several channels is refused none is opened, and the coins are free again")
    func brokenBatch() throws {
        var network = try TestNetwork.funded(3)
        try network.connect(0, 1)
        try network.connect(0, 2)
        let before = network.nodes[0].node.wallet.balance(now: network.now)
        let openings = [Satoshi(500_000), Satoshi(10_000)].enumerated().map { index, amount in
            ChannelOpening(peer: network.nodes[index + 1].id, amount: amount)
        }
        #expect(throws: NodeFailure.self) {
            try network.ask(0, .channel(.open(openings, feerate: FeeratePerKw(500))))
        }
        #expect(network.nodes[0].node.wallet.balance(now: network.now) == before)
        for index in 0..<3 { #expect(try network.channels(index).isEmpty) }
    }

    @Test("a channel is funded by somebody else's transaction")
    func fundingFromOutside() throws {
        var network = try TestNetwork.funded(3)
        let (id, transaction) = try network.fundFromOutside()
        #expect(network.chain.mempool.entries.isEmpty)
        // The node keeps on offering it, whatever becomes of it.
        _ = try network.ask(0, .channel(.finalizeFunding(id, transaction)))
        #expect(network.chain.mempool[transaction.id] != nil)
        try network.restart(0)
        try network.mine(6)
        #expect(try network.channels(0).map(\.state) == [.normal])
        #expect(try network.pay([0, 1], 1_000_000).hasSucceeded)
    }

    @Test("a peer may not have more than so many channels waiting")
    func pendingLimit() throws {
        var network = try TestNetwork.funded(2)
        try network.connect(0, 1)
        let opening = ChannelOpening(peer: network.nodes[1].id, amount: Satoshi(100_000))
        for number in 1...5 {
            _ = try network.ask(0, .channel(.open([opening], feerate: FeeratePerKw(500))))
            // For the change.
            if number == 3 { try network.mine(1) }
        }
        #expect(throws: NodeFailure.self) {
            try network.ask(0, .channel(.open([opening], feerate: FeeratePerKw(500))))
        }
        #expect(try network.channels(1).count == 5)
    }

    @Test("an opening that the peer never answers ends with the connection")
    func lostOpening() throws {
        var network = try TestNetwork.funded(2)
        try network.connect(0, 1)
        let before = network.nodes[0].node.wallet.balance(now: network.now)
        let opening = ChannelOpening(peer: network.nodes[1].id, amount: Satoshi(100_000))
        let id = network.nodes[0].nextRequest()
        try network.take(
            [.request(id, .channel(.open([opening], feerate: FeeratePerKw(500))))], at: 0)
        try network.disconnect(0, 1)
        guard case .failure(.channel(.forgotten(.disconnected))) = network.nodes[0].answers[id]
        else {
            Issue.record("the request was not refused")
            return
        }
        #expect(try network.channels(0).isEmpty)
        #expect(network.nodes[0].node.wallet.balance(now: network.now) == before)
    }

    @Test(
        "an opening that the peer does not answer is given up after a while, and its coins are free"
    )
    func silentPeer() throws {
        var network = try TestNetwork.funded(2)
        try network.connect(0, 1)
        let before = network.nodes[0].node.wallet.balance(now: network.now)
        let opening = ChannelOpening(peer: network.nodes[1].id, amount: Satoshi(100_000))
        let id = network.nodes[0].nextRequest()
        try network.take(
            [.request(id, .channel(.open([opening], feerate: FeeratePerKw(500))))], at: 0)
        network.now += 600
        try network.take([.tick], at: 0)
        guard case .failure(.channel(.notNow)) = network.nodes[0].answers[id] else {
            Issue.record("the request was not refused")
            return
        }
        try network.settle()
        #expect(try network.channels(0).isEmpty)
        #expect(network.nodes[0].node.wallet.balance(now: network.now) == before)
    }

    @Test("the opener of a channel follows the fees, up to what anchors need")
    func fees() throws {
        var network = try TestNetwork.funded(2)
        let id = try network.open(0, 1)
        for (estimate, expected) in [(1_000, 1_000), (50_000, 2_500)] as [(UInt32, UInt32)] {
            let estimates = FeeEstimates(byTarget: [6: FeeratePerKw(estimate)])
            for index in 0..<2 { try network.take([.feeEstimates(estimates)], at: index) }
            try network.settle()
            for index in 0..<2 {
                #expect(try network.channel(index, id).feerate == FeeratePerKw(expected))
            }
        }
        #expect(try network.pay([0, 1], 10_000_000).hasSucceeded)
    }

    @Test("an error of the peer about all channels closes all of them")
    func errorForAll() throws {
        var network = try TestNetwork.funded(2)
        let ids = [try network.open(0, 1), try network.open(0, 1)]
        let error = Message.error(ErrorMessage(channelID: .all, data: Array("gone".utf8)))
        try network.inject(error.encoded, from: 1, to: 0)
        for id in ids { #expect(try network.channel(0, id).state == .failed) }
        try network.mine(1)
        for id in ids { #expect(try network.channel(0, id).state == .spent) }
    }
}

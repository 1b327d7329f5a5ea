import Bitcoin
import LightningChannel
import LightningCommitment
@testable import LightningNode
import LightningWallet
import LightningWire
@testable import NodeFixtures
import Testing

/// Blocks that leave the chain with what channels rest on.
extension ChannelScenario {
    static let reorganisations =
        [
            ChannelScenario("the funding leaves the chain before the channel is open") { stage in
                let (id, _) = try stage.startOpening()
                try stage.network.mine(2)
                #expect(try stage.network.channel(0, id).state == .waitForReady)
                try stage.network.reorganise(2, empty: true)
                try stage.network.mine(1)
                #expect(try stage.network.channel(0, id).state == .waitForReady)
                try stage.network.mine(5)
                try stage.pay(0, 1, 300_000)
                try stage.closeAndFinish(id)
            },
            ChannelScenario("the funding of an open channel moves to another block") { stage in
                let id = try stage.open()
                let names = try stage.network.channel(0, id).names
                try stage.network.reorganise(6, empty: true)
                try stage.network.mine(6)
                #expect(try stage.network.channel(0, id).names != names)
                try stage.pay(1, 0, 10_000)
                try stage.pay(0, 1, 10_000)
                try stage.closeAndFinish(id)
            },
            ChannelScenario("the funding leaves the chain and its coins go elsewhere") { stage in
                let (id, funding) = try stage.startOpening()
                let rival = try stage.rival(of: funding)
                try stage.network.mine(2)
                #expect(try stage.network.channel(0, id).state == .waitForReady)
                try stage.rewrite(2, with: [rival])
                try stage.finishWithout(id)
            },
            ChannelScenario("the funding of an open channel is spent elsewhere in another chain") {
                stage in
                let (id, funding) = try stage.startOpening()
                let rival = try stage.rival(of: funding)
                try stage.network.mine(6)
                try stage.pay(0, 1, 300_000)
                try stage.rewrite(6, with: [rival])
                try stage.finishWithout(id)
            },
            ChannelScenario("a close in agreement leaves the chain, and comes back") { stage in
                let id = try stage.open()
                let funding = try stage.funding(of: id)
                let request = ChannelRequest.close(id, to: nil, feerate: FeeratePerKw(500))
                _ = try stage.network.ask(1, .channel(request))
                try stage.network.mine(1)
                let closing = try #require(
                    Audit(stage, fundings: [funding]).spending(funding))
                stage.closingPayers[funding] = try stage.closer(of: closing, [700_000, 300_000])
                try stage.network.reorganise(1, empty: true)
                #expect(try Audit(stage, fundings: [funding]).spending(funding) == nil)
                for index in 0...1 { try stage.network.restart(index) }
                try stage.network.mine(1)
                #expect(try Audit(stage, fundings: [funding]).spending(funding) == closing)
                try stage.finish([-300_000, 300_000], of: [funding])
            },
            ChannelScenario("a revoked commitment was punished, and then never was") { stage in
                let id = try stage.open()
                let funding = try stage.funding(of: id)
                let old = stage.network.nodes[1]
                try stage.pay(1, 0, 200_000)
                try stage.network.disconnect(0, 1)
                stage.turnBack(1, to: old)
                for closer in [1, 0] {
                    _ = try stage.network.ask(closer, .channel(.forceClose(id)))
                }
                let revoked = try stage.commitment(of: 1, funding)
                try stage.network.mine(exactly: [revoked])
                try stage.network.mine(3)
                try stage.rewrite(4, with: [stage.commitment(of: 0, funding)])
                // The cheat gets what it had in the end: the output pays to a key that it never changes.
                try stage.finish([-100_000, 100_000], of: [funding])
            },
        ]
        + CommitmentFormat.allCases.flatMap { format in
            [unsettled(format)] + [0, 1].map { swap(format, first: $0) }
        }

    private static func unsettled(_ format: CommitmentFormat) -> ChannelScenario {
        ChannelScenario("\(format), claims leave the chain again and again, and nodes restart") {
            stage in
            let id = try stage.open(format)
            let funding = try stage.funding(of: id)
            _ = try stage.hold(0, 1, 40_000)
            let known = try stage.hold(0, 1, 30_000)
            _ = try stage.hold(1, 0, 20_000)
            try stage.network.disconnect(0, 1)
            try stage.settle(known)
            try stage.forceClose(id, by: 0)
            for round in 1...40 {
                try stage.network.mine(8)
                try stage.network.reorganise(round % 5 + 1, empty: round % 2 == 0)
                try stage.network.restart(round % 2)
            }
            try stage.finish([-330_000, 330_000], of: [funding])
        }
    }

    private static func swap(_ format: CommitmentFormat, first: Int) -> ChannelScenario {
        ChannelScenario(
            "\(format), node \(1 - first)'s commitment takes the place of node \(first)'s"
        ) { stage in
            let id = try stage.open(format)
            let funding = try stage.funding(of: id)
            let late = try stage.hold(0, 1, 40_000)
            let known = try stage.hold(0, 1, 30_000)
            let lateBack = try stage.hold(1, 0, 20_000)
            try stage.network.disconnect(0, 1)
            try stage.settle(known)
            for closer in [first, 1 - first] {
                _ = try stage.network.ask(closer, .channel(.forceClose(id)))
            }
            let second = try stage.commitment(of: 1 - first, funding)
            try stage.network.mine(3)
            #expect(try stage.network.channel(0, id).state == .spent)
            try stage.rewrite(3, with: [second])
            let audit = try Audit(stage, fundings: [funding])
            #expect(audit.spenders[funding] == second.id)
            try stage.finish([-330_000, 330_000], of: [funding])
            #expect([late, known, lateBack].map(stage.outcome) == [false, true, false])
        }
    }
}

extension Stage {
    /// Opens a channel whose funding transaction waits to be mined.
    fileprivate mutating func startOpening() throws -> (ChannelID, Transaction) {
        try network.connect(0, 1)
        let opening = ChannelOpening(peer: network.nodes[1].id, amount: Satoshi(1_000_000))
        guard
            case .opened(let ids, let funding) = try network.ask(
                0, .channel(.open([opening], feerate: FeeratePerKw(500))))
        else { throw UnexpectedReply() }
        return (try #require(ids.first), funding)
    }

    /// A transaction with which node 0 pays itself the coins of one that waits.
    fileprivate mutating func rival(of transaction: Transaction) throws -> Transaction {
        let script = try network.newScript(0)
        var twin = network.nodes[0].node.wallet
        _ = try twin.abandon(transaction.id)
        let spend = SpendRequest(
            outputs: [TransactionOutput(amount: Satoshi(1_000_000), scriptPubKey: script)],
            feeRate: FeeratePerKw(2_500),
            coins: CoinChoice(exactly: transaction.inputs.map(\.previousOutput)))
        return try twin.send(
            spend, keys: network.nodes[0].keys, entropy: .zero, now: network.now
        ).0
    }

    /// The commitment that a node has offered.
    fileprivate func commitment(of node: Int, _ funding: OutPoint) throws -> Transaction {
        let offered = network.offers.filter { $0.node == node }.flatMap(\.transactions)
        return try #require(
            offered.last { $0.inputs.map(\.previousOutput) == [funding] })
    }

    /// Puts other blocks in the place of the last ones, and one more: the first with these transactions, all others empty.
    fileprivate mutating func rewrite(_ depth: UInt32, with transactions: [Transaction]) throws {
        let first = network.chain.height.saturatingSubtract(depth - 1)
        try network.chain.takeBack(
            try #require(network.chain.blockHash(at: first)), now: UInt32(network.now))
        for block in 0...depth {
            network.now += 600
            try network.chain.mineBlock(
                of: block == 0 ? transactions : [], to: TestNode.nobody,
                now: UInt32(network.now))
        }
        try network.follow()
    }

    /// Expects that the opener forgets a channel whose funding is gone, and has all its coins.
    fileprivate mutating func finishWithout(_ id: ChannelID) throws {
        try network.mine(6)
        #expect(try network.channels(0).isEmpty)
        // The accepter learns nothing of the rival: its operator gives the channel up.
        for report in try network.channels(1) {
            _ = try network.ask(1, .channel(.abandon(report.channelID)))
        }
        try finish([0, 0], of: [])
    }

    /// Closes a channel in which node 1 has 300,000 satoshi.
    fileprivate mutating func closeAndFinish(_ id: ChannelID) throws {
        let funding = try funding(of: id)
        try network.disconnect(0, 1)
        try forceClose(id, by: 0)
        try finish([-300_000, 300_000], of: [funding])
    }
}

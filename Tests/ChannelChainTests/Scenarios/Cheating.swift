import Bitcoin
import LightningCommitment
@testable import LightningNode
@testable import NodeFixtures
import Testing

/// Revoked commitments, and what is made of them before the other side looks.
extension ChannelScenario {
    static let cheating = cheats.flatMap { cheat in
        [
            plain(cheat), withHTLCs(cheat), secondStage(cheat, isTimeout: false),
            secondStage(cheat, isTimeout: true),
        ]
    }

    private static let cheats = [
        Cheat(format: .staticRemoteKey, node: 1), Cheat(format: .anchors, node: 0),
        Cheat(format: .anchors, node: 1),
    ]

    private static func plain(_ cheat: Cheat) -> ChannelScenario {
        ChannelScenario("\(cheat) publishes a revoked commitment") { stage in
            let id = try stage.open(cheat.format)
            let funding = try stage.funding(of: id)
            let old = stage.network.nodes[cheat.node]
            try stage.pay(cheat.node, cheat.victim, 200_000)
            try stage.network.disconnect(0, 1)
            stage.turnBack(cheat, to: old, funding)
            try stage.forceClose(id, by: cheat.node)
            try stage.finish(cheat.gains, of: [funding])
        }
    }

    private static func withHTLCs(_ cheat: Cheat) -> ChannelScenario {
        ChannelScenario("\(cheat) publishes a revoked commitment with HTLCs both ways") { stage in
            let id = try stage.open(cheat.format)
            let funding = try stage.funding(of: id)
            let (old, _) = try stage.pastWithHTLCs(of: cheat)
            stage.turnBack(cheat, to: old, funding)
            try stage.forceClose(id, by: cheat.node)
            try stage.finish(cheat.gains, of: [funding])
            #expect(try stage.outputsTaken(of: funding, by: cheat.victim).count >= 4)
        }
    }

    private static func secondStage(_ cheat: Cheat, isTimeout: Bool) -> ChannelScenario {
        let kind = isTimeout ? "timeout" : "success"
        return ChannelScenario(
            "\(cheat) has an HTLC-\(kind) on a revoked commitment mined before the other looks"
        ) { stage in
            let id = try stage.open(cheat.format)
            let funding = try stage.funding(of: id)
            let (old, received) = try stage.pastWithHTLCs(of: cheat)
            stage.turnBack(cheat, to: old, funding)
            stage.network.asleep = [cheat.victim]
            if !isTimeout { try stage.settle(received) }
            try stage.forceClose(id, by: cheat.node)
            // The HTLCs expire before the delay of the cheat's second stage is over.
            try stage.network.mine(isTimeout ? 110 : 3)
            let taken = try stage.outputsTaken(of: funding, by: cheat.node)
            #expect(taken.contains(Satoshi(isTimeout ? 50_000 : 100_000)))
            stage.network.asleep = []
            try stage.network.follow()
            try stage.finish(cheat.gains, of: [funding])
        }
    }
}

/// A node that publishes what it has revoked.
private struct Cheat: CustomStringConvertible {
    let format: CommitmentFormat
    let node: Int

    var victim: Int { 1 - node }

    /// The victim gets all of the million that node 0 has put in.
    var gains: [Int64] { victim == 0 ? [0, 0] : [-1_000_000, 1_000_000] }

    var description: String { "\(format), node \(node)" }
}

extension Stage {
    /// Lets the cheat become what it was. Whatever pays the fee of its commitment is taken from the victim.
    fileprivate mutating func turnBack(_ cheat: Cheat, to old: TestNode, _ funding: OutPoint) {
        turnBack(cheat.node, to: old)
        closingPayers[funding] = cheat.victim
    }

    /// The cheat with 100,000 satoshi on their way to it and 50,000 from it; now both are gone, and more was paid.
    fileprivate mutating func pastWithHTLCs(
        of cheat: Cheat
    ) throws -> (old: TestNode, received: HeldPayment) {
        let received = try hold(cheat.victim, cheat.node, 100_000)
        let offered = try hold(cheat.node, cheat.victim, 50_000)
        let old = network.nodes[cheat.node]
        try cancel(received)
        try cancel(offered)
        try pay(cheat.node, cheat.victim, 200_000)
        try network.disconnect(0, 1)
        return (old, received)
    }

    /// What the outputs of the commitment held that transactions of a node took.
    fileprivate func outputsTaken(of funding: OutPoint, by taker: Int) throws -> [Satoshi] {
        let audit = try Audit(self, fundings: [funding])
        let own = Set(
            network.offers.filter { $0.node == taker }.flatMap { $0.transactions.map(\.id) })
        let id = try #require(audit.spenders[funding])
        let commitment = try #require(audit.transactions[id])
        return commitment.outputs.enumerated().compactMap { index, output in
            let spender = audit.spenders[OutPoint(id, UInt32(index))]
            return spender.map(own.contains) ?? false ? output.amount : nil
        }
    }
}

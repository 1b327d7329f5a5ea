import Bitcoin
import LightningCommitment
@testable import LightningNode
@testable import NodeFixtures
import Testing

/// Revoked commitments, and what is made of them before the other side looks.
extension ChannelScenario {
    static let cheating = CommitmentFormat.allCases.flatMap { format in
        [
            plain(format), withHTLCs(format), secondStage(format, isTimeout: false),
            secondStage(format, isTimeout: true),
        ]
    }

    private static func plain(_ format: CommitmentFormat) -> ChannelScenario {
        ChannelScenario("\(format), node 1 publishes a revoked commitment") { stage in
            let id = try stage.open(format)
            let funding = try stage.funding(of: id)
            let old = stage.network.nodes[1]
            try stage.pay(1, 0, 200_000)
            try stage.network.disconnect(0, 1)
            stage.turnBack(1, to: old)
            try stage.forceClose(id, by: 1)
            try stage.finish([0, 0], of: [funding])
        }
    }

    private static func withHTLCs(_ format: CommitmentFormat) -> ChannelScenario {
        ChannelScenario("\(format), node 1 publishes a revoked commitment with HTLCs both ways") {
            stage in
            let id = try stage.open(format)
            let funding = try stage.funding(of: id)
            let (old, _) = try stage.pastWithHTLCs()
            stage.turnBack(1, to: old)
            try stage.forceClose(id, by: 1)
            try stage.finish([0, 0], of: [funding])
            #expect(try stage.outputsTaken(of: funding, by: 0).count >= 4)
        }
    }

    private static func secondStage(
        _ format: CommitmentFormat, isTimeout: Bool
    ) -> ChannelScenario {
        let kind = isTimeout ? "timeout" : "success"
        return ChannelScenario(
            "\(format), node 1's HTLC-\(kind) on a revoked commitment is mined before node 0 looks"
        ) { stage in
            let id = try stage.open(format)
            let funding = try stage.funding(of: id)
            let (old, received) = try stage.pastWithHTLCs()
            stage.turnBack(1, to: old)
            stage.network.asleep = [0]
            if !isTimeout { try stage.settle(received) }
            try stage.forceClose(id, by: 1)
            // The HTLCs expire before the delay of the cheat's second stage is over.
            try stage.network.mine(isTimeout ? 110 : 3)
            let cheats = try stage.outputsTaken(of: funding, by: 1)
            #expect(cheats.contains(Satoshi(isTimeout ? 50_000 : 100_000)))
            stage.network.asleep = []
            try stage.network.follow()
            try stage.finish([0, 0], of: [funding])
        }
    }
}

extension Stage {
    /// Node 1 with 100,000 satoshi on their way to it and 50,000 from it; now both are gone, and more was paid.
    fileprivate mutating func pastWithHTLCs() throws -> (old: TestNode, received: HeldPayment) {
        let received = try hold(0, 1, 100_000)
        let offered = try hold(1, 0, 50_000)
        let old = network.nodes[1]
        try cancel(received)
        try cancel(offered)
        try pay(1, 0, 200_000)
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

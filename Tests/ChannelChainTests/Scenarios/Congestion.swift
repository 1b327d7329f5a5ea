import Bitcoin
import LightningCommitment
@testable import LightningNode
import LightningWire
@testable import NodeFixtures
import RegtestChain
import Testing

/// Closing while mempools are full of what pays more than a commitment, and blocks hold nothing below 10 sat/vB.
extension ChannelScenario {
    /// A mempool of 5 MB, and 10 sat/vB to get into a block.
    static let congestedOptions = ["-maxmempool=5", "-blockmintxfee=0.0001"]
    static let congestedPolicy: RelayPolicy = {
        var policy = RelayPolicy()
        policy.maximumMempoolUsage = 5_000_000
        policy.minimumBlockFeerate = FeeratePerKvB(10_000)
        return policy
    }()

    static let congestion = [
        ChannelScenario("a preimage gets into the chain in time, whatever that costs") { stage in
            let id = try stage.open(feerate: FeeratePerKw(3_000))
            let funding = try stage.funding(of: id)
            let held = try stage.hold(0, 1, 200_000)
            try stage.network.disconnect(0, 1)
            try stage.settle(held)
            try stage.congest()
            for _ in 0..<200 where stage.outcome(held) == nil { try stage.network.mine(1) }
            #expect(stage.outcome(held) == true)
            try stage.expectBumped(funding, by: 1)
            try stage.tell(stage.marketEstimates)
            try stage.finish([-500_000, 500_000], of: [funding])
        },
        ChannelScenario(
            "a forwarded HTLC is taken back in time, whatever that costs",
            [NodePolicy(), NodePolicy(), NodePolicy()]
        ) { stage in
            let first = try stage.open(feerate: FeeratePerKw(3_000))
            let second = try stage.network.open(
                1, 2, 1_000_000, feerate: FeeratePerKw(3_000))
            let fundings = [
                try stage.funding(of: first), try stage.funding(of: second, seenBy: 1),
            ]
            stage.closingPayers[fundings[1]] = 1
            let held = try stage.hold([0, 1, 2], 200_000)
            try stage.network.disconnect(1, 2)
            try stage.congest()
            for _ in 0..<200 where stage.outcome(held) == nil { try stage.network.mine(1) }
            #expect(stage.outcome(held) == false)
            // The channel upstream was never in danger.
            #expect(try stage.network.channel(0, first).state == .normal)
            try stage.expectBumped(fundings[1], by: 1)
            try stage.tell(stage.marketEstimates)
            try stage.forceClose(first, by: 0)
            try stage.finish([-300_000, 300_000, 0], of: fundings)
        },
    ]
}

extension Stage {
    /// What it takes to get into a block.
    fileprivate var marketEstimates: FeeEstimates {
        FeeEstimates(byTarget: [1: FeeratePerKw(3_500), 6: FeeratePerKw(3_000)])
    }

    /// Fills the mempool with what pays 4 to 8 sat/vB. What the nodes believe of fees stays as it was.
    fileprivate mutating func congest() throws {
        crowd((0..<64).map { FeeratePerKw(UInt32(1_000 + $0 * 16)) })
        refusals.formUnion(["mempool min fee not met", "mempool full", "transaction failed"])
    }

    /// Expects that the commitment was refused on its own and mined with a child that replaced another.
    fileprivate func expectBumped(_ funding: OutPoint, by closer: Int) throws {
        let audit = try Audit(self, fundings: [funding])
        let commitment = try #require(audit.spenders[funding])
        let packages = network.offers.filter { offer in
            offer.node == closer && offer.transactions.count > 1
                && offer.transactions[0].id == commitment
        }
        #expect(Set(packages.compactMap { $0.transactions.last?.id }).count > 1)
        #expect(audit.refusals().contains("mempool min fee not met"))
        let child = try #require(
            audit.anchors.compactMap { audit.spenders[$0] }.first { id in
                packages.contains { $0.transactions.contains { $0.id == id } }
            })
        let transactions = try [commitment, child].map { try #require(audit.transactions[$0]) }
        let fee = try transactions.reduce(Satoshi.zero) { try $0 + audit.fee(of: $1) }
        let size = transactions.reduce(0) { $0 + Int64($1.virtualSize) }
        #expect(fee.value >= 10 * size)
    }
}

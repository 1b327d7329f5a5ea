import Bitcoin
import LightningCommitment
import LightningNode
@testable import NodeFixtures
import Testing

/// Closing without the peer, by either side and with any kind of HTLC.
extension ChannelScenario {
    static let forceCloses =
        CommitmentFormat.allCases.flatMap { format in
            [0, 1].flatMap { closer in
                [
                    withoutHTLCs(format, closer), timingOut(format, closer),
                    withPreimage(format, closer), trimmed(format, closer),
                    bothWays(format, closer),
                ]
            }
        } + CommitmentFormat.allCases.flatMap { [nextCommitment($0), lostDatabase($0)] }

    private static func withoutHTLCs(
        _ format: CommitmentFormat, _ closer: Int
    ) -> ChannelScenario {
        ChannelScenario("\(format), node \(closer) closes alone") { stage in
            let id = try stage.open(format)
            let funding = try stage.funding(of: id)
            try stage.forceClose(id, by: closer)
            try stage.finish([-300_000, 300_000], of: [funding])
        }
    }

    private static func timingOut(_ format: CommitmentFormat, _ closer: Int) -> ChannelScenario {
        ChannelScenario("\(format), node \(closer) closes alone, node 0's HTLC times out") {
            stage in
            let id = try stage.open(format)
            let funding = try stage.funding(of: id)
            let held = try stage.hold(0, 1, 100_000)
            try stage.forceClose(id, by: closer)
            try stage.finish([-300_000, 300_000], of: [funding])
            #expect(stage.outcome(held) == false)
        }
    }

    private static func withPreimage(
        _ format: CommitmentFormat, _ closer: Int
    ) -> ChannelScenario {
        ChannelScenario("\(format), node \(closer) closes alone, node 1 has the preimage") {
            stage in
            let id = try stage.open(format)
            let funding = try stage.funding(of: id)
            let held = try stage.hold(0, 1, 100_000)
            try stage.network.disconnect(0, 1)
            try stage.settle(held)
            try stage.forceClose(id, by: closer)
            try stage.finish([-400_000, 400_000], of: [funding])
            #expect(stage.outcome(held) == true)
        }
    }

    private static func trimmed(_ format: CommitmentFormat, _ closer: Int) -> ChannelScenario {
        ChannelScenario("\(format), node \(closer) closes alone, HTLCs are too small for outputs") {
            stage in
            let id = try stage.open(format)
            let funding = try stage.funding(of: id)
            let there = try stage.hold(0, 1, 300)
            let back = try stage.hold(1, 0, 200)
            try stage.forceClose(id, by: closer)
            // They go to the miners with the fee, which is the opener's.
            try stage.finish([-299_800, 299_800], of: [funding])
            #expect(stage.outcome(there) == false)
            #expect(stage.outcome(back) == false)
        }
    }

    private static func bothWays(_ format: CommitmentFormat, _ closer: Int) -> ChannelScenario {
        ChannelScenario("\(format), node \(closer) closes alone, with HTLCs of all kinds") {
            stage in
            let id = try stage.open(format)
            let funding = try stage.funding(of: id)
            let late = try stage.hold(0, 1, 40_000)
            let known = try stage.hold(0, 1, 30_000)
            let lateBack = try stage.hold(1, 0, 20_000)
            let knownBack = try stage.hold(1, 0, 10_000)
            try stage.network.disconnect(0, 1)
            try stage.settle(known)
            try stage.settle(knownBack)
            try stage.forceClose(id, by: closer)
            try stage.finish([-320_000, 320_000], of: [funding])
            #expect(
                [late, known, lateBack, knownBack].map(stage.outcome) == [false, true, false, true])
        }
    }

    /// The peer has got a commitment and has not revoked the one before, for all that this side knows: both are valid.
    private static func nextCommitment(_ format: CommitmentFormat) -> ChannelScenario {
        ChannelScenario("\(format), node 1 closes with the commitment that it has just got") {
            stage in
            let id = try stage.open(format)
            let funding = try stage.funding(of: id)
            stage.network.mute = [1]
            let held = try stage.hold(0, 1, 100_000)
            #expect(try stage.network.channel(1, id).htlcCount == 1)
            try stage.forceClose(id, by: 1)
            stage.network.mute = []
            try stage.finish([-300_000, 300_000], of: [funding])
            #expect(stage.outcome(held) == false)
        }
    }

    /// A node whose database is older than the channel must not publish what it has: its peer closes for it.
    private static func lostDatabase(_ format: CommitmentFormat) -> ChannelScenario {
        ChannelScenario("\(format), node 1 has lost its last states, and has node 0 close") {
            stage in
            let id = try stage.open(format)
            let funding = try stage.funding(of: id)
            let old = stage.network.nodes[1]
            try stage.pay(0, 1, 100_000)
            try stage.pay(1, 0, 50_000)
            try stage.network.disconnect(0, 1)
            stage.network.nodes[1] = old
            try stage.network.connect(0, 1)
            #expect(try stage.network.channel(1, id).state == .outdated)
            try stage.finish([-350_000, 350_000], of: [funding])
            #expect(
                !stage.network.offers.contains { offer in
                    offer.node == 1
                        && offer.transactions.contains {
                            $0.inputs.map(\.previousOutput) == [funding]
                        }
                })
        }
    }
}

import Bitcoin
import LightningChannel
@testable import LightningNode
import LightningWire
@testable import NodeFixtures
import Testing

/// Channels that are used before their funding transaction is mined.
extension ChannelScenario {
    static let zeroConfirmations =
        [0, 1].flatMap { [closedBeforeMined($0), closedAfterMined($0)] } + [agreedBeforeMined]

    private static func closedBeforeMined(_ closer: Int) -> ChannelScenario {
        ChannelScenario("without confirmations, node \(closer) closes alone before any") { stage in
            let id = try stage.openUnmined()
            let funding = try stage.funding(of: id)
            let held = try stage.hold(0, 1, 50_000)
            try stage.forceClose(id, by: closer)
            try stage.finish([-300_000, 300_000], of: [funding])
            #expect(stage.outcome(held) == false)
        }
    }

    private static func closedAfterMined(_ closer: Int) -> ChannelScenario {
        ChannelScenario(
            "without confirmations, node \(closer) closes alone with an HTLC from before"
        ) { stage in
            let id = try stage.openUnmined()
            let funding = try stage.funding(of: id)
            let held = try stage.hold(0, 1, 50_000)
            try stage.network.mine(6)
            #expect(try stage.network.channel(closer, id).state == .normal)
            try stage.network.disconnect(0, 1)
            try stage.settle(held)
            try stage.forceClose(id, by: closer)
            try stage.finish([-350_000, 350_000], of: [funding])
            #expect(stage.outcome(held) == true)
        }
    }

    private static let agreedBeforeMined = ChannelScenario(
        "without confirmations, closed in agreement before any"
    ) { stage in
        let id = try stage.openUnmined()
        let funding = try stage.funding(of: id)
        let request = ChannelRequest.close(id, to: nil, feerate: FeeratePerKw(500))
        _ = try stage.network.ask(0, .channel(request))
        let closing = stage.network.chain.waiting().filter {
            $0.inputs.map(\.previousOutput) == [funding]
        }
        #expect(closing.count == 1)
        stage.closingPayers[funding] = try stage.closer(
            of: #require(closing.first), [700_000, 300_000])
        try stage.network.mine(1)
        try stage.finish([-300_000, 300_000], of: [funding])
    }
}

extension Stage {
    /// Opens a channel of a million satoshi from node 0 to node 1, with 300,000 of it paid over before any block.
    fileprivate mutating func openUnmined() throws -> ChannelID {
        network.nodes[1].node.policy.channels.trustedPeers = [network.nodes[0].id]
        try network.connect(0, 1)
        var opening = ChannelOpening(peer: network.nodes[1].id, amount: Satoshi(1_000_000))
        opening.isZeroConfirmation = true
        opening.isAnnounced = false
        guard
            case .opened(let ids, let funding) = try network.ask(
                0, .channel(.open([opening], feerate: FeeratePerKw(1_000))))
        else { throw UnexpectedReply() }
        #expect(network.chain.waiting().map(\.id) == [funding.id])
        try pay(0, 1, 300_000)
        return try #require(ids.first)
    }
}

import Bitcoin
import LightningChannel
import LightningCommitment
import LightningNode
import LightningWire
@testable import NodeFixtures
import Testing

/// Opening, paying and closing in agreement.
extension ChannelScenario {
    static let agreements = CommitmentFormat.allCases.flatMap { format in
        [true, false].flatMap { isSimple in
            [0, 1].map { agreement(format, isSimple: isSimple, closer: $0) }
        }
    }

    private static func agreement(
        _ format: CommitmentFormat, isSimple: Bool, closer: Int
    ) -> ChannelScenario {
        var policy = NodePolicy()
        if !isSimple { policy.features.clear(Feature.simpleClose.evenBit + 1) }
        let form = isSimple ? "closing_complete" : "closing_signed"
        return ChannelScenario(
            "open with \(format), pay both ways, node \(closer) closes with \(form)",
            [policy, NodePolicy()]
        ) { stage in
            let id = try stage.open(format)
            try stage.pay(1, 0, 50_000)
            try stage.pay(0, 1, 20_000)
            let funding = try stage.funding(of: id)
            let request = ChannelRequest.close(id, to: nil, feerate: FeeratePerKw(500))
            guard
                case .closing(let closing) = try stage.network.ask(closer, .channel(request))
            else { throw UnexpectedReply() }
            // BOLT 2: the closer pays for its own transaction; before that, the opener paid for the only one.
            let own = stage.network.chain.waiting().filter {
                $0.inputs.contains { $0.previousOutput == funding }
            }
            #expect(own.count == 1)
            #expect(closing.inputs.map(\.previousOutput) == [funding])
            if isSimple {
                stage.closingPayers[funding] = try stage.closer(
                    of: #require(own.first), [730_000, 270_000])
            }
            try stage.network.mine(1)
            try stage.finish([-270_000, 270_000], of: [funding])
        }
    }
}

extension Stage {
    /// The node that pays the fee of a mutual close: the one whose output is less than its balance, in satoshi.
    func closer(of transaction: Transaction, _ balances: [Int64]) throws -> Int {
        try #require(
            network.nodes.indices.first { index in
                !transaction.outputs.contains { $0.amount.value == balances[index] }
            })
    }
}

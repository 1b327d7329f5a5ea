import Bitcoin
import LightningChannel
import LightningNode
import LightningWallet
@testable import NodeFixtures
import Testing

/// Funding transactions with more than one channel, or from other wallets.
extension ChannelScenario {
    static let fundings = [
        ChannelScenario(
            "one transaction opens three channels with two peers",
            [NodePolicy(), NodePolicy(), NodePolicy()]
        ) { stage in
            try stage.network.connect(0, 1)
            try stage.network.connect(0, 2)
            let openings = [(1, 400_000), (2, 500_000), (2, 600_000)].map { peer, amount in
                ChannelOpening(peer: stage.network.nodes[peer].id, amount: Satoshi(amount))
            }
            guard
                case .opened(let ids, let funding) = try stage.network.ask(
                    0, .channel(.open(openings, feerate: FeeratePerKw(500))))
            else { throw UnexpectedReply() }
            #expect(stage.network.chain.waiting().map(\.id) == [funding.id])
            try stage.network.mine(6)
            try stage.pay(0, 1, 100_000)
            try stage.pay(0, 2, 200_000)
            let fundings = try ids.map { try stage.funding(of: $0) }
            #expect(Set(fundings.map(\.transactionID)) == [funding.id])
            for id in ids { _ = try stage.network.ask(0, .channel(.forceClose(id))) }
            try stage.finish([-300_000, 100_000, 200_000], of: fundings)
        },
        ChannelScenario(
            "another wallet's transaction funds a channel, handed over as a PSBT",
            [NodePolicy(), NodePolicy(), NodePolicy()]
        ) { stage in
            try stage.network.connect(0, 1)
            let opening = ChannelOpening(
                peer: stage.network.nodes[1].id, amount: Satoshi(500_000))
            guard
                case .fundingWanted(let id, let outputs) = try stage.network.ask(
                    0, .channel(.openFromOutside([opening])))
            else { throw UnexpectedReply() }
            let transaction = try stage.payFunding(id, outputs, by: 2)
            try stage.network.mine(6)
            try stage.pay(0, 1, 100_000)
            let channel = try #require(stage.network.channels(0).first)
            let funding = try stage.funding(of: channel.channelID)
            #expect(funding.transactionID == transaction.id)
            try stage.forceClose(channel.channelID, by: 0)
            try stage.finish([400_000, 100_000, -500_000], of: [funding])
        },
    ]
}

extension Stage {
    /// Has node 0 take a transaction of another node's coins for its channel.
    fileprivate mutating func payFunding(
        _ id: FundingID, _ outputs: [TransactionOutput], by payer: Int
    ) throws -> Transaction {
        let spend = SpendRequest(outputs: outputs, feeRate: FeeratePerKw(500))
        let funding = SpendingRequest.fund(spend, leaseID: .zero, until: network.now + 600)
        guard case .funded(let funded) = try network.ask(payer, .spend(funding)) else {
            throw UnexpectedReply()
        }
        _ = try network.ask(0, .channel(.verifyFunding(id, funded.psbt)))
        guard case .signed(var psbt, _) = try network.ask(payer, .spend(.sign(funded.psbt)))
        else { throw UnexpectedReply() }
        try psbt.finalize()
        let transaction = try psbt.extractVerifiedTransaction()
        _ = try network.ask(0, .channel(.finalizeFunding(id, transaction)))
        return transaction
    }
}

import Bitcoin
import LightningChannel
import LightningCommitment
@testable import LightningNode
import LightningPayment
import LightningWire
@testable import NodeFixtures
import Testing

/// Closing channels while blocks are full, with fees that the nodes' wallets pay.
struct CongestionTests {
    /// Mines a block of what pays `market` or more with its unconfirmed parents.
    private func mine(_ network: inout TestNetwork, _ market: FeeratePerKw) throws {
        let pool = network.chain.mempool
        var chosen: Set<TransactionID> = []
        for entry in pool.entries.values {
            let all = pool.withAncestors(entry.id)
            let fee = market.feeRoundedUp(for: Weight(virtualBytes: all.virtualSize))
            guard all.fees >= fee,
                entry.transaction.isFinal(
                    height: network.chain.tip.height + 1, time: network.chain.tip.medianTime)
            else { continue }
            chosen.formUnion(pool.ancestors(of: entry.id).union([entry.id]))
        }
        network.now += 600
        _ = try network.chain.mine(
            to: TestNode.nobody,
            transactions: pool.topologicallySorted(chosen).compactMap { pool[$0]?.transaction },
            now: UInt32(network.now))
        try network.follow()
    }

    /// Expects that the wallet has exactly what the chain has for it.
    private func expectTrueBooks(_ network: TestNetwork, _ index: Int) {
        let coins = network.nodes[index].node.wallet.coins(now: network.now)
        for coin in coins where coin.confirmations > 0 {
            #expect(network.chain.coins[coin.coin.outPoint]?.output == coin.coin.output)
        }
        var total = Satoshi.zero
        network.chain.coins.forEach { outPoint, coin in
            if network.nodes[index].node.wallet.path(of: coin.output.scriptPubKey) != nil {
                total += coin.output.amount
            }
        }
        let waiting = network.nodes[index].node.wallet.unconfirmedTransactions
        if waiting.isEmpty { #expect(network.balance(index) == total) }
        #expect(coins.allSatisfy { $0.lease == nil })
    }

    @Test(
        "an HTLC that times out is taken back in time though the market is far above estimates",
        arguments: [false, true])
    func timeout(restarts: Bool) throws {
        var network = try TestNetwork.funded(3)
        let first = try network.open(0, 1)
        _ = try network.open(1, 2)
        let preimage = PaymentPreimage(SHA256.hash([42]))
        let invoice = try network.invoice(2, 200_000_000, lock: .hold(preimage.paymentHash))
        let request = try network.startPayment(invoice, [0, 1, 2])
        try network.disconnect(1, 2)
        let estimates = FeeEstimates(
            byTarget: [1: FeeratePerKw(1_500), 6: FeeratePerKw(700), 144: FeeratePerKw(300)])
        try network.take([.feeEstimates(estimates)], at: 1)
        let before = network.balance(1)
        for block in 0..<200 where network.nodes[0].answers[request] == nil {
            try mine(&network, FeeratePerKw(10_000))
            if restarts, block % 3 == 0 {
                try network.restart(1)
                try network.take([.feeEstimates(estimates)], at: 1)
            }
        }
        guard case .payment(let past)? = try network.nodes[0].answers[request]?.get() else {
            Issue.record("the payment never ended")
            return
        }
        #expect(!past.hasSucceeded)
        // The channel upstream was never in danger.
        #expect(try network.channel(0, first).state == .normal)
        #expect(try network.channel(0, first).htlcCount == 0)
        for _ in 0..<300 { try mine(&network, FeeratePerKw(0)) }
        expectTrueBooks(network, 1)
        #expect(network.nodes[1].node.publisher.pending.isEmpty)
        #expect(network.nodes[1].node.wallet.unconfirmedTransactions.isEmpty)
        // The channel's million comes back, less fees that are below the shares of what was at stake.
        #expect(network.balance(1) - before > Satoshi(850_000))
    }

    @Test(
        "a payee whose peer is silent takes its HTLC in time, through a full mempool and a reorganisation"
    )
    func success() throws {
        var network = try TestNetwork.funded(2)
        let id = try network.open(0, 1)
        let preimage = PaymentPreimage(SHA256.hash([42]))
        let invoice = try network.invoice(1, 200_000_000, lock: .hold(preimage.paymentHash))
        let request = try network.startPayment(invoice, [0, 1])
        try network.disconnect(0, 1)
        let estimates = FeeEstimates(
            byTarget: [1: FeeratePerKw(1_500), 6: FeeratePerKw(700), 144: FeeratePerKw(300)])
        try network.take([.feeEstimates(estimates)], at: 1)
        _ = try network.ask(1, .payment(.settleInvoice(preimage)))
        let before = network.balance(1)
        var closed: BlockHeight?
        for _ in 0..<200 where network.nodes[0].answers[request] == nil {
            try mine(&network, FeeratePerKw(12_000))
            guard try network.channel(1, id).state == .spent else { continue }
            if closed == nil {
                closed = network.chain.tip.height
                try network.reorganise(2, empty: true)
            }
        }
        guard case .payment(let past)? = try network.nodes[0].answers[request]?.get() else {
            Issue.record("the payment never ended")
            return
        }
        #expect(past.hasSucceeded && closed != nil)
        for _ in 0..<300 { try mine(&network, FeeratePerKw(0)) }
        expectTrueBooks(network, 1)
        #expect(network.nodes[1].node.publisher.pending.isEmpty)
        // A quarter at most went for the commitment and half for the HTLC, and what was left of that for sweeps.
        #expect(network.balance(1) - before > Satoshi(75_000))
    }
}

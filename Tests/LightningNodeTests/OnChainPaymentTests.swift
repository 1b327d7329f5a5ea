import Bitcoin
import LightningChannel
@testable import LightningNode
import LightningPayment
import LightningWire
@testable import NodeFixtures
import Testing

/// Payments that end on the chain.
struct OnChainPaymentTests {
    /// A payment over two channels that is held by the last node: 0 -> 1 -> 2.
    private struct Held {
        var network: TestNetwork
        let first: ChannelID
        let second: ChannelID
        let request: RequestID
        let preimage = PaymentPreimage(SHA256.hash([42]))

        init(_ amount: UInt64 = 200_000_000) throws {
            network = try TestNetwork.funded(3)
            first = try network.open(0, 1)
            second = try network.open(1, 2)
            let invoice = try network.invoice(2, amount, lock: .hold(preimage.paymentHash))
            request = try network.startPayment(invoice, [0, 1, 2])
            #expect(network.nodes[0].answers[request] == nil)
            #expect(try network.channel(2, second).htlcCount == 1)
        }

        /// How the payment ended; nil while it has not.
        var hasSucceeded: Bool? {
            guard case .payment(let past)? = try? network.nodes[0].answers[request]?.get() else {
                return nil
            }
            return past.hasSucceeded
        }
    }

    @Test("a payment that is held is settled over the channels")
    func settled() throws {
        var held = try Held()
        _ = try held.network.ask(2, .payment(.settleInvoice(held.preimage)))
        #expect(held.hasSucceeded == true)
        for index in 0..<3 {
            #expect(try held.network.channels(index).allSatisfy { $0.htlcCount == 0 })
        }
    }

    @Test("a payment that is held is given back over the channels")
    func cancelled() throws {
        var held = try Held()
        _ = try held.network.ask(2, .payment(.cancelInvoice(held.preimage.paymentHash)))
        #expect(held.hasSucceeded == false)
        for index in 0..<3 {
            #expect(try held.network.channels(index).allSatisfy { $0.htlcCount == 0 })
        }
    }

    @Test(
        "a payment that is held goes on after every node was restarted", arguments: [true, false])
    func restarted(settles: Bool) throws {
        var held = try Held()
        for index in 0..<3 { try held.network.restart(index) }
        #expect(held.hasSucceeded == nil)
        if settles {
            _ = try held.network.ask(2, .payment(.settleInvoice(held.preimage)))
        } else {
            _ = try held.network.ask(
                2, .payment(.cancelInvoice(held.preimage.paymentHash)))
        }
        // Whoever asked went with the process; the history tells.
        for index in 0..<3 {
            #expect(try held.network.channels(index).allSatisfy { $0.htlcCount == 0 })
        }
        let paid = try held.network.channel(2, held.second).balances?.local
        #expect(paid == (settles ? MilliSatoshi(200_000_000) : .zero))
    }

    @Test("the preimage that a peer shows on the chain settles the incoming side")
    func preimageOnChain() throws {
        var held = try Held()
        // The last channel goes to the chain, and the payee takes its HTLC there.
        _ = try held.network.ask(2, .channel(.forceClose(held.second)))
        try held.network.mine(1)
        _ = try held.network.ask(2, .payment(.settleInvoice(held.preimage)))
        #expect(held.hasSucceeded == nil)
        try held.network.mine(5)
        #expect(held.hasSucceeded == true)
        #expect(try held.network.channel(0, held.first).state == .normal)
        #expect(try held.network.channel(0, held.first).htlcCount == 0)
    }

    @Test("a preimage in the mempool settles the incoming side before any block")
    func preimageInMempool() throws {
        var held = try Held()
        _ = try held.network.ask(2, .channel(.forceClose(held.second)))
        try held.network.mine(1)
        _ = try held.network.ask(2, .payment(.settleInvoice(held.preimage)))
        try held.network.seeMempool(1)
        #expect(held.hasSucceeded == true)
    }

    @Test("an HTLC that times out on the chain is given back to where it came from")
    func timeout() throws {
        var held = try Held()
        try held.network.disconnect(1, 2)
        // Past the outgoing expiry: node 1 closes by itself, takes its HTLC back, and fails what came in.
        for _ in 0..<40 where held.hasSucceeded == nil {
            try held.network.mine(5)
        }
        #expect(held.hasSucceeded == false)
        #expect(try held.network.channel(0, held.first).state == .normal)
        #expect(try held.network.channel(0, held.first).htlcCount == 0)
        #expect(try held.network.channel(1, held.second).state == .spent)
    }

    @Test("a payee that fulfills to a silent peer takes its HTLC on the chain in time")
    func fulfillmentDeadline() throws {
        var held = try Held()
        try held.network.disconnect(1, 2)
        _ = try held.network.ask(2, .payment(.settleInvoice(held.preimage)))
        let before = held.network.balance(2)
        for _ in 0..<80 where held.hasSucceeded == nil { try held.network.mine(5) }
        #expect(held.hasSucceeded == true)
        try held.network.mine(170)
        #expect(held.network.balance(2) - before > Satoshi(190_000))
    }
}

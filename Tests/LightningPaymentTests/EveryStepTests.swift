import Bitcoin
import LightningInvoice
import LightningPayment
import LightningWire
import Testing

/// One payment, with every node stopped and started before every step of it.
@Suite("Starts at every step")
struct EveryStepTests {
    private static let amount = MilliSatoshi(100_000)

    /// How the payee locks the payment, and what goes wrong on the way.
    enum Story: CaseIterable {
        case twoParts, held, keysend, failing
    }

    @Test(
        "whichever node stops before whichever step, the payment ends as without it",
        arguments: Story.allCases)
    func everyStep(story: Story) throws {
        var steps = 0
        // Without a start first, to count the steps.
        try Self.run(story) { _, _ in steps += 1 }
        #expect(steps > 2)
        for stop in 0..<steps {
            for node in 0..<3 {
                var step = 0
                try Self.run(story) { network, isLoading in
                    // An order whose hash is being looked up is not durable: its user asks again.
                    if step == stop, node != 0 || !isLoading { try network.restart(node) }
                    step += 1
                }
            }
        }
    }

    private typealias Hook = (inout PaymentNetwork, _ isLoading: Bool) throws -> Void

    private static func run(_ story: Story, before: Hook) throws {
        var network = try PaymentNetwork.line(3)
        let preimage = PaymentPreimage(SHA256.hash([9]))
        try start(story, preimage, &network)
        try move(&network, before)
        if story == .held {
            #expect(network.nodes[2].invoices.heldAmount(preimage.paymentHash) == amount)
            let step = try network.nodes[2].invoices.settle(preimage, at: network.moment)
            try network.apply(2, step)
            try move(&network, before)
        }
        try check(story, network)
    }

    private static func start(
        _ story: Story, _ preimage: PaymentPreimage, _ network: inout PaymentNetwork
    ) throws {
        var order = InvoiceOrder(amount: amount, description: .text("steps"))
        if story == .held { order.lock = .hold(preimage.paymentHash) }
        let invoice = try network.nodes[2].invoice(order, at: network.moment)
        let payment = try #require(PaymentOrder(invoice))
        let amounts: [UInt64] = story == .twoParts ? [60_000, 40_000] : [100_000]
        let routes = try amounts.map {
            try network.route([0, 1, 2], amount: MilliSatoshi($0))
        }
        switch story {
        case .twoParts, .held: try network.pay(0, payment, along: routes)
        case .keysend:
            let step = try network.nodes[0].payments.keysend(
                PaymentOrder(amount: amount), along: routes, at: network.moment)
            try network.apply(0, step)
        case .failing:
            network.faults[payment.paymentHash] = [1: .refuse(.permanentChannelFailure)]
            try network.pay(0, payment, along: routes)
        }
    }

    /// Moves everything on, one step at a time.
    private static func move(_ network: inout PaymentNetwork, _ before: Hook) throws {
        while true {
            let isLoading = network.nodes.contains { !$0.queries.isEmpty }
            let index = network.htlcs.firstIndex { $0.state != .delivered }
            guard isLoading || index != nil else { return }
            let count = network.htlcs.count
            try before(&network, isLoading)
            if let node = network.nodes.indices.first(where: { !network.nodes[$0].queries.isEmpty })
            {
                try network.load(node)
            } else if let index, network.htlcs.count == count {
                try network.move(index)
            }
        }
    }

    private static func check(_ story: Story, _ network: PaymentNetwork) throws {
        let past = try network.nodes[0].pastPayments
        #expect(past.count == 1)
        let payment = try #require(past.first)
        let settled = try network.nodes[2].pastInvoices.filter {
            if case .settled = $0.state { true } else { false }
        }
        if story == .failing {
            guard case .failed(.routesFailed(let failed)) = payment.outcome else {
                return #expect(Bool(false))
            }
            #expect(failed.code == .permanentChannelFailure && failed.hop == 0)
            #expect(settled.isEmpty && network.earned.isEmpty)
            #expect(network.wealth(0) == Int64(PaymentNetwork.balance.value))
            return
        }
        guard case .succeeded = payment.outcome else { return #expect(Bool(false)) }
        let balance = Int64(PaymentNetwork.balance.value)
        let (paid, fee) = (Int64(amount.value), Int64(payment.fee.value))
        #expect(settled.count == 1 && network.earned[1] == payment.fee)
        #expect(network.wealth(0) == balance - paid - fee)
        #expect(network.wealth(1) == 2 * balance + fee)
        #expect(network.wealth(2) == balance + paid)
    }
}

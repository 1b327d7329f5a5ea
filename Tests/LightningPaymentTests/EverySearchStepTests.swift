import Bitcoin
import LightningInvoice
import LightningPayment
import LightningWire
import Testing

/// Payments whose routes are looked for, with every node stopped and started before every step of them.
@Suite("Starts at every step of a search")
struct EverySearchStepTests {
    /// What goes wrong: nothing, one way of two, or both.
    enum Story: CaseIterable {
        case fine, retried, failing

        /// What one way can carry where there is another one left, and what takes both.
        var amount: MilliSatoshi { MilliSatoshi(self == .retried ? 900_000_000 : 1_500_000_000) }
    }

    @Test(
        "whichever node stops before whichever step, a hash is paid at most once and balances add up",
        arguments: Story.allCases)
    func everyStep(story: Story) throws {
        var steps = 0
        let isPaid = try Self.run(story) { _ in steps += 1 }
        #expect(steps > 5 && isPaid == (story != .failing))
        for stop in 0..<steps {
            for node in 0..<4 {
                var step = 0
                _ = try Self.run(story) { network in
                    if step == stop { try network.restart(node) }
                    step += 1
                }
            }
        }
    }

    private static func run(
        _ story: Story, before: (inout PaymentNetwork) throws -> Void
    ) throws -> Bool {
        // Of two ways neither can carry more than a million satoshi.
        var network = try PaymentNetwork(nodes: 4, links: [(0, 1), (1, 3), (0, 2), (2, 3)])
        network.finder = try network.trueFinder()
        let invoice = try network.nodes[3].invoice(
            InvoiceOrder(amount: story.amount, description: .text("steps")), at: network.moment)
        let order = try #require(PaymentOrder(invoice))
        switch story {
        case .fine: break
        case .retried:
            network.faults[order.paymentHash] = [1: .refuse(.temporaryNodeFailure)]
        case .failing:
            network.faults[order.paymentHash] = [
                1: .refuse(.channelDisabled()), 2: .refuse(.temporaryNodeFailure),
            ]
        }
        try send(order, &network)
        while let next = nextStep(network) {
            try before(&network)
            // An order that waits for its first routes is not durable: its user asks again.
            try send(order, &network)
            guard nextStep(network) == next else { continue }
            try take(next, &network)
        }
        // What was lost with the payee's memory is given back when its time is over.
        try network.advance(milliseconds: 61_000)
        try network.settle()
        return try check(order, network)
    }

    private enum Next: Equatable {
        case load(Int), find(Int), move(HTLCName)
    }

    private static func nextStep(_ network: PaymentNetwork) -> Next? {
        for node in network.nodes.indices {
            if !network.nodes[node].queries.isEmpty { return .load(node) }
            if !network.nodes[node].searches.isEmpty { return .find(node) }
        }
        return network.htlcs.first { $0.state != .delivered }.map { .move($0.name) }
    }

    private static func take(_ next: Next, _ network: inout PaymentNetwork) throws {
        switch next {
        case .load(let node): try network.load(node)
        case .find(let node): try network.find(node)
        case .move(let name):
            let index = try #require(network.htlcs.firstIndex { $0.name == name })
            try network.move(index)
        }
    }

    /// Asks for the payment where nothing of it is known.
    private static func send(_ order: PaymentOrder, _ network: inout PaymentNetwork) throws {
        let payments = network.nodes[0].payments
        guard !payments.isPending(order.paymentHash),
            payments.progress(order.paymentHash) == nil,
            try network.nodes[0].pastPayments.isEmpty
        else { return }
        try network.send(0, order)
    }

    private static func check(_ order: PaymentOrder, _ network: PaymentNetwork) throws -> Bool {
        #expect(network.htlcs.isEmpty && network.nodes[0].payments.openCount == 0)
        let past = try network.nodes[0].pastPayments
        let settled = try network.nodes[3].pastInvoices.filter {
            if case .settled = $0.state { true } else { false }
        }
        let paid = past.filter { if case .succeeded = $0.outcome { true } else { false } }
        #expect(past.count == 1 && paid.count == settled.count)
        let spent = paid.flatMap(\.parts).reduce(.zero) { $0 + $1.route.sentAmount }
        let (one, two) = (
            Int64(PaymentNetwork.balance.value), 2 * Int64(PaymentNetwork.balance.value)
        )
        #expect(network.wealth(0) == two - Int64(spent.value))
        let received = paid.isEmpty ? 0 : Int64(order.amount.value)
        #expect(network.wealth(3) == two + received)
        let earned = network.earned.values.reduce(.zero, +)
        #expect(network.wealth(1) + network.wealth(2) == 4 * one + Int64(earned.value))
        #expect(spent == (paid.isEmpty ? .zero : order.amount + earned))
        return !paid.isEmpty
    }
}

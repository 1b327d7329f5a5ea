import Bitcoin
@_spi(Release) import LightningNode
import LightningPayment
import LightningWire
@testable import NodeFixtures
import Testing

/// What is held for an invoice while blocks come, its time passes, and its node starts again.
struct HeldInvoiceTests {
    private let preimage = PaymentPreimage(SHA256.hash([42]))
    private static let amount: UInt64 = 50_000_000

    /// A payment from node 0 by way of node 1 that node 2 holds, with the payer's request; five blocks and the end of the
    /// invoice later, after a start of node 2.
    private func held() throws -> (TestNetwork, RequestID) {
        var network = try TestNetwork.funded(3)
        for index in 0..<2 { try network.open(index, index + 1) }
        let invoice = try network.invoice(2, Self.amount, lock: .hold(preimage.paymentHash))
        let request = try network.startPayment(invoice, [0, 1, 2])
        try network.mine(5)
        network.now = invoice.content.timestamp + invoice.content.expiry + 100
        for index in network.nodes.indices { try network.take([.tick], at: index) }
        try network.settle()
        try start(&network)
        #expect(network.nodes[0].answers[request] == nil)
        return (network, request)
    }

    private func start(_ network: inout TestNetwork) throws {
        try network.restart(2)
        try network.take([.tick], at: 2)
        try network.settle()
    }

    private func isHeld(_ network: inout TestNetwork) throws -> Bool {
        guard
            case .invoices(let held) = try network.ask(2, .payment(.heldInvoices))
        else { throw UnexpectedReply() }
        return held.count == 1
    }

    private func past(_ network: TestNetwork, _ request: RequestID) throws -> PastPayment {
        guard case .payment(let past) = try #require(network.nodes[0].answers[request]).get()
        else { throw UnexpectedReply() }
        return past
    }

    /// What each node has in its channels, less the fees of commitments: nothing is on its way any more.
    private func balances(_ network: TestNetwork) throws -> [UInt64] {
        try network.nodes.indices.map { index in
            try network.channels(index).reduce(0) {
                #expect($1.htlcCount == 0)
                return $0 + ($1.balances?.local.value ?? 0)
            }
        }
    }

    @Test("it is settled after the start, and paid once")
    func settled() throws {
        var (network, request) = try held()
        #expect(try isHeld(&network))
        let before = try network.nodes.indices.map { index in
            try network.channels(index).reduce(0) { $0 + ($1.balances?.local.value ?? 0) }
        }
        _ = try network.ask(2, .payment(.settleInvoice(preimage)))
        let past = try past(network, request)
        guard case .succeeded(preimage) = past.outcome else {
            return #expect(Bool(false), "\(past.outcome)")
        }
        #expect(past.parts.count == 1)
        let after = try balances(network)
        #expect(after[2] == before[2] + Self.amount)
        #expect(after[1] == before[1] + past.fee.value)
        // Neither by another settlement nor by another start does anything more happen.
        #expect(throws: NodeFailure.self) {
            try network.ask(2, .payment(.settleInvoice(preimage)))
        }
        try start(&network)
        #expect(try !isHeld(&network))
        #expect(try balances(network) == after)
        let settlements = network.nodes[2].news.count { news in
            if case .invoice(let entry) = news, case .settled = entry.state { true } else { false }
        }
        #expect(settlements == 1)
    }

    @Test("it is given back after the start")
    func cancelled() throws {
        var (network, request) = try held()
        #expect(try isHeld(&network))
        _ = try network.ask(2, .payment(.cancelInvoice(preimage.paymentHash)))
        let past = try past(network, request)
        #expect(!past.hasSucceeded && past.parts.isEmpty)
        let after = try balances(network)
        #expect(after[2] == 0)
        #expect(throws: NodeFailure.self) {
            try network.ask(2, .payment(.settleInvoice(preimage)))
        }
        try start(&network)
        #expect(try balances(network) == after)
    }
}

import Bitcoin
import LightningCrypto
import LightningInvoice
import LightningPayment
import LightningWire
import Testing

/// Invoices of this node: what they say, and what is taken for them.
@Suite("Invoices")
struct InvoiceTests {
    @Test("an invoice says what was ordered, and its text is not stored")
    func add() throws {
        var payee = try PayeeFixture()
        let hop = RouteHintHop(
            nodeID: payee.node.id, shortChannelID: ShortChannelID(7), feeBase: 1,
            feeProportionalMillionths: 2, cltvExpiryDelta: 3)
        var order = PayeeFixture.order
        order.routeHints = [[hop, hop], [hop]]
        order.fallbacks = [Script([0, 20] + [UInt8](repeating: 7, count: 20))]
        order.expiry = 600
        order.minFinalCLTVExpiryDelta = 40
        let invoice = try payee.invoice(order)
        let content = invoice.content
        #expect(invoice.payee == payee.node.id)
        #expect(content.amount == order.amount)
        #expect(content.description == order.description)
        #expect(content.expiry == 600 && content.minFinalCLTVExpiryDelta == 40)
        #expect(content.routeHints == order.routeHints && content.fallbacks == order.fallbacks)
        #expect(content.timestamp == payee.sender.time / 1000)
        // After a start it is the same to the letter.
        try payee.restart()
        let entry = try #require(payee.node.invoices.openInvoices.first)
        let again = payee.node.key.sign(entry.content(payee.node.secrets, network: .regtest))
        #expect(again.text == invoice.text)
    }

    @Test("every invoice has its own hash and secret, also after a start")
    func numbers() throws {
        var payee = try PayeeFixture()
        var hashes: Set<Hash256> = []
        for _ in 0..<10 {
            let content = try payee.invoice(PayeeFixture.order).content
            hashes.insert(content.paymentHash.hash)
            hashes.insert(content.paymentSecret)
            try payee.restart()
        }
        #expect(hashes.count == 20)
    }

    @Test(
        "an order that no invoice can say is refused",
        arguments: [
            (InvoiceOrder(amount: .zero, description: .text("")), 0),
            (InvoiceOrder(amount: MilliSatoshi(.max), description: .text("")), 1),
            (
                InvoiceOrder(
                    amount: nil, description: .text(String(repeating: "a", count: 640))), 2
            ),
            (InvoiceOrder(amount: nil, description: .text(""), expiry: 0), 3),
            (InvoiceOrder(amount: nil, description: .text(""), expiry: 31_536_001), 4),
            (
                InvoiceOrder(amount: nil, description: .text(""), minFinalCLTVExpiryDelta: 24), 5
            ),
            (
                InvoiceOrder(amount: nil, description: .text(""), minFinalCLTVExpiryDelta: 1009),
                6
            ),
            (InvoiceOrder(amount: nil, description: .text(""), routeHints: [[]]), 7),
        ])
    func refused(order: InvoiceOrder, index: Int) throws {
        let expected: [InvoiceRefusal] = [
            .amountOutOfRange(.zero), .amountOutOfRange(MilliSatoshi(.max)),
            .descriptionTooLong(maximum: 639, actual: 640),
            .expiryOutOfRange(maximum: 31_536_000, actual: 0),
            .expiryOutOfRange(maximum: 31_536_000, actual: 31_536_001),
            .cltvExpiryDeltaOutOfRange(25...1008, actual: 24),
            .cltvExpiryDeltaOutOfRange(25...1008, actual: 1009),
            .routeHintTooLong(maximum: 12, actual: 0),
        ]
        var payee = try PayeeFixture()
        #expect(throws: expected[index]) { try payee.invoice(order) }
        #expect(payee.node.invoices.openCount == 0)
    }

    @Test("the longest description and route hint make an invoice")
    func longest() throws {
        var payee = try PayeeFixture()
        let hop = RouteHintHop(
            nodeID: payee.node.id, shortChannelID: ShortChannelID(7), feeBase: 1,
            feeProportionalMillionths: 2, cltvExpiryDelta: 3)
        let text = String(repeating: "a", count: 639)
        let order = InvoiceOrder(
            amount: nil, description: .text(text), routeHints: [Array(repeating: hop, count: 12)])
        #expect(try payee.invoice(order).content.routeHints == order.routeHints)
    }

    @Test("a payment is taken, once, and the invoice is history")
    func paid() throws {
        var payee = try PayeeFixture()
        let invoice = try payee.invoice(PayeeFixture.order)
        let name = try payee.pay(invoice)
        guard case .fulfilled(let preimage) = payee.outcomes[name] else {
            return #expect(Bool(false))
        }
        #expect(preimage.paymentHash == invoice.content.paymentHash)
        #expect(payee.node.invoices.openCount == 0)
        #expect(payee.node.store.records(.invoice).isEmpty)
        let entry = try #require(try payee.node.pastInvoices.first)
        guard case .settled(let settlement) = entry.state else { return #expect(Bool(false)) }
        #expect(settlement.amount == MilliSatoshi(100_000))
        #expect(settlement.parts.map(\.name) == [name])
        #expect(entry.preimage(payee.node.secrets) == preimage)
        let second = try payee.pay(invoice)
        #expect(payee.outcomes[second] == payee.wrongDetails(100_000))
    }

    @Test("up to twice the amount is taken, and any amount where the invoice says none")
    func amounts() throws {
        var payee = try PayeeFixture()
        let double = try payee.pay(try payee.invoice(PayeeFixture.order), total: 200_000)
        let any = try payee.pay(
            try payee.invoice(InvoiceOrder(amount: nil, description: .text(""))), total: 1)
        for name in [double, any] {
            guard case .fulfilled = payee.outcomes[name] else { return #expect(Bool(false)) }
        }
    }

    @Test("whatever is wrong with a payment looks the same to its sender", arguments: 0..<8)
    func wrong(_ what: Int) throws {
        var payee = try PayeeFixture()
        let invoice = try payee.invoice(PayeeFixture.order)
        if what == 7 { try payee.advance(seconds: InvoiceOrder.defaultExpiry + 1) }
        var amount: UInt64 = 100_000
        let name: HTLCName
        switch what {
        case 0: name = try payee.pay(invoice, secret: SHA256.hash([1]))
        case 1: name = try payee.pay(invoice, secret: .some(nil))
        case 2:
            amount = 99_999
            name = try payee.pay(invoice, total: amount)
        case 3:
            amount = 200_001
            name = try payee.pay(invoice, total: amount)
        case 4: name = try payee.pay(invoice, delta: 79)
        case 5: name = try payee.pay(invoice, metadata: [1])
        case 6: name = try payee.pay(invoice, hash: PaymentHash(SHA256.hash([2])))
        default: name = try payee.pay(invoice)
        }
        #expect(payee.outcomes[name] == payee.wrongDetails(amount))
        #expect(try payee.node.pastInvoices.allSatisfy { $0.state == .expired })
    }

    @Test("an invoice that nobody paid in time is history")
    func expired() throws {
        var payee = try PayeeFixture()
        let invoice = try payee.invoice(PayeeFixture.order)
        let end = try #require(payee.node.invoices.nextDeadline)
        #expect(end == (invoice.content.timestamp + InvoiceOrder.defaultExpiry + 1) * 1000)
        try payee.advance(seconds: InvoiceOrder.defaultExpiry)
        #expect(payee.node.invoices.openCount == 1)
        try payee.advance(seconds: 1)
        #expect(payee.node.invoices.openCount == 0)
        #expect(try payee.node.pastInvoices.map(\.state) == [.expired])
        #expect(payee.node.invoices.nextDeadline == nil)
    }

    @Test("a hash that was used is refused, whether its invoice is open or history")
    func duplicate() throws {
        var payee = try PayeeFixture()
        let preimage = PaymentPreimage(SHA256.hash([5]))
        var order = PayeeFixture.order
        order.lock = .preimage(preimage)
        let invoice = try payee.invoice(order)
        order.lock = .hold(preimage.paymentHash)
        #expect(throws: InvoiceRefusal.duplicateHash(preimage.paymentHash)) {
            try payee.invoice(order)
        }
        let name = try payee.pay(invoice)
        #expect(payee.outcomes[name] == .fulfilled(preimage))
        try payee.restart()
        let step = try payee.node.invoices.add(order, at: payee.sender.moment)
        try payee.apply(step)
        let refusal = InvoiceEvent.refused(
            preimage.paymentHash, .duplicateHash(preimage.paymentHash))
        #expect(payee.events.last == refusal)
    }

    @Test("what is forgotten leaves nothing behind")
    func forget() throws {
        var payee = try PayeeFixture()
        try payee.pay(try payee.invoice(PayeeFixture.order))
        for entry in try payee.node.pastInvoices {
            payee.node.store.apply(payee.node.invoices.forgetting(entry))
        }
        #expect(payee.node.store.records(.pastInvoice).isEmpty)
        #expect(payee.node.store.records(.invoiceHash).isEmpty)
    }
}

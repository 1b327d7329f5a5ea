import Bitcoin
import LightningInvoice
import LightningPayment
import LightningWire
import Testing

/// What the past takes in the database.
@Suite("Records of payments and invoices")
struct RecordTests {
    private static let amount = MilliSatoshi(1_000_000)

    @Test("a payment of the past takes few bytes beside the text of its invoice")
    func payment() throws {
        var network = try PaymentNetwork.line(3)
        var texts = 0
        for number in 0..<40 {
            let invoice = try network.nodes[1].invoice(
                InvoiceOrder(amount: Self.amount, description: .text("")), at: network.moment)
            let order = try #require(PaymentOrder(invoice))
            // Five bits each, but for a few bytes.
            texts += invoice.text.utf8.count * 5 / 8
            try network.pay(0, order, along: [try network.route([0, 1], amount: Self.amount)])
            network.time += UInt64(number)
            try network.settle()
        }
        let store = network.nodes[0].store
        #expect(try network.nodes[0].pastPayments.count == 40)
        let bytes = store.size(.pastPayment) + store.size(.paymentHash)
        #expect((bytes - texts) / 40 <= 66)
        #expect(store.records(.payment).isEmpty && store.records(.paymentAttempt).isEmpty)
    }

    @Test("an invoice of the past takes few bytes")
    func invoice() throws {
        var payee = try PayeeFixture()
        for _ in 0..<40 {
            let order = InvoiceOrder(amount: Self.amount, description: .text("coffee"))
            try payee.pay(try payee.invoice(order))
        }
        let store = payee.node.store
        #expect(try payee.node.pastInvoices.count == 40)
        #expect((store.size(.pastInvoice) + store.size(.invoiceHash)) / 40 <= 64)
    }

    @Test(
        "any text of an invoice is given back as it was",
        arguments: ["", "lni1qqq", "lnbc1abc", "LNBC1PVJLUEZ", "Grüße", "a\u{0}b"])
    func requests(text: String) throws {
        var network = try PaymentNetwork.line(2)
        let invoice = try network.nodes[1].invoice(
            InvoiceOrder(amount: Self.amount, description: .text("")), at: network.moment)
        for request in [text, invoice.text, invoice.text.uppercased()] {
            var order = try #require(PaymentOrder(invoice))
            order.request = request
            order.paymentSecret = .zero
            try network.pay(0, order, along: [try network.route([0, 1], amount: Self.amount)])
            try network.load(0)
            try network.restart(0)
            let open = network.nodes[0].payments.progress(order.paymentHash)
            #expect(open?.order.request == request)
            try network.settle()
            #expect(try network.nodes[0].pastPayments.last?.request == request)
        }
    }

    @Test("records that are cut off or from a later release are refused")
    func refused() throws {
        var payee = try PayeeFixture()
        try payee.pay(try payee.invoice(PayeeFixture.order))
        let record = try #require(payee.node.store.records(.pastInvoice).first)
        for count in 1..<record.value.count {
            let cut = StoredRecord(key: record.key, value: Array(record.value.prefix(count)))
            // A record that ends between two fields may be a whole one.
            if let entry = try? Invoices.entry(cut) { #expect(entry.number == 0) }
        }
        let later = StoredRecord(key: record.key, value: record.value + [254, 0])
        #expect(throws: RecordError.self) { try Invoices.entry(later) }
        let odd = StoredRecord(key: record.key, value: record.value + [251, 0])
        #expect(try Invoices.entry(odd) == Invoices.entry(record))
        let wrongKey = StoredRecord(key: [1], value: record.value)
        #expect(throws: RecordError.self) { try Invoices.entry(wrongKey) }
    }

    @Test("what is forgotten can be paid again")
    func forget() throws {
        var network = try PaymentNetwork.line(2)
        let invoice = try network.nodes[1].invoice(
            InvoiceOrder(amount: Self.amount, description: .text("")), at: network.moment)
        let order = try #require(PaymentOrder(invoice))
        let route = try network.route([0, 1], amount: Self.amount)
        try network.pay(0, order, along: [route])
        try network.settle()
        for past in try network.nodes[0].pastPayments {
            network.nodes[0].store.apply(Payments.forgetting(past))
        }
        #expect(network.nodes[0].store.size(.pastPayment) == 0)
        #expect(network.nodes[0].store.size(.paymentHash) == 0)
        try network.pay(0, order, along: [route])
        try network.settle()
        guard case .failed = network.paymentEvents[0]?.last else { return #expect(Bool(false)) }
    }
}

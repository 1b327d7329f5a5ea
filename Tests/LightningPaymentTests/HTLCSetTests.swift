import Bitcoin
import LightningCrypto
import LightningInvoice
import LightningPayment
import LightningWire
import Testing

/// Payments in several parts, held invoices and payments that nobody asked for.
@Suite("Sets of HTLCs")
struct HTLCSetTests {
    private static func isFulfilled(_ outcome: TestSender.Outcome?) -> Bool {
        if case .fulfilled = outcome { true } else { false }
    }

    private static let preimage = PaymentPreimage(SHA256.hash([6]))

    private static var heldOrder: InvoiceOrder {
        var order = PayeeFixture.order
        order.lock = .hold(preimage.paymentHash)
        return order
    }

    @Test("parts wait for each other, and are taken together")
    func parts() throws {
        var payee = try PayeeFixture()
        let invoice = try payee.invoice(PayeeFixture.order)
        let first = try payee.pay(invoice, part: 40_000)
        let second = try payee.pay(invoice, part: 40_000)
        #expect(payee.outcomes.isEmpty)
        let third = try payee.pay(invoice, part: 30_000)
        for name in [first, second, third] { #expect(Self.isFulfilled(payee.outcomes[name])) }
        guard case .settled(let settlement) = try payee.node.pastInvoices.first?.state else {
            return #expect(Bool(false))
        }
        #expect(settlement.amount == MilliSatoshi(110_000))
        #expect(settlement.parts.map(\.name) == [first, second, third])
    }

    @Test("parts that promise different totals are all given back")
    func totals() throws {
        var payee = try PayeeFixture()
        let invoice = try payee.invoice(PayeeFixture.order)
        let first = try payee.pay(invoice, part: 40_000)
        let second = try payee.pay(invoice, part: 60_000, total: 100_001)
        #expect(payee.outcomes[first] == payee.wrongDetails(40_000))
        #expect(payee.outcomes[second] == payee.wrongDetails(60_000))
        // It can be paid all the same.
        #expect(Self.isFulfilled(payee.outcomes[try payee.pay(invoice)]))
    }

    @Test("parts whose rest does not come are given back after a minute")
    func timeout() throws {
        var payee = try PayeeFixture()
        let invoice = try payee.invoice(PayeeFixture.order)
        let first = try payee.pay(invoice, part: 40_000)
        try payee.advance(seconds: 30)
        let second = try payee.pay(invoice, part: 40_000)
        try payee.advance(seconds: 29)
        #expect(payee.outcomes.isEmpty)
        try payee.advance(seconds: 1)
        for name in [first, second] { #expect(payee.outcomes[name] == .failed(.mppTimeout)) }
        // The next set has a minute of its own.
        try payee.pay(invoice, part: 40_000)
        try payee.advance(seconds: 59)
        #expect(Self.isFulfilled(payee.outcomes[try payee.pay(invoice, part: 60_000)]))
    }

    @Test("a set that began in time is completed after the invoice's end, another is not begun")
    func expiry() throws {
        var payee = try PayeeFixture()
        var order = PayeeFixture.order
        order.expiry = 10
        let (invoice, other) = (try payee.invoice(order), try payee.invoice(order))
        try payee.pay(invoice, part: 40_000)
        try payee.pay(other, part: 40_000)
        try payee.advance(seconds: 20)
        #expect(Self.isFulfilled(payee.outcomes[try payee.pay(invoice, part: 60_000)]))
        try payee.advance(seconds: 40)
        #expect(payee.events.contains { if case .expired = $0 { true } else { false } })
        #expect(payee.node.invoices.openCount == 0)
        let late = try payee.pay(other)
        #expect(payee.outcomes[late] == payee.wrongDetails(100_000))
    }

    @Test("what would have to be given back at once is not taken")
    func margin() throws {
        var payee = try PayeeFixture()
        payee.node.policy.holdMargin = 100
        try payee.restart()
        let name = try payee.pay(try payee.invoice(PayeeFixture.order), part: 40_000)
        #expect(payee.outcomes[name] == payee.wrongDetails(40_000))
    }

    @Test("parts that near their expiry are given back, whatever the clock says")
    func deadline() throws {
        var payee = try PayeeFixture()
        let invoice = try payee.invoice(PayeeFixture.order)
        let name = try payee.pay(invoice, part: 40_000)
        try payee.advance(blocks: 57)
        #expect(payee.outcomes.isEmpty)
        try payee.advance(blocks: 1)
        #expect(payee.outcomes[name] == .failed(.mppTimeout))
    }

    @Test("the minute of a set that is over does not count for the next one")
    func staleTimeout() throws {
        var payee = try PayeeFixture()
        let invoice = try payee.invoice(PayeeFixture.order)
        try payee.pay(invoice, part: 40_000)
        try payee.pay(invoice, part: 40_000, total: 100_001)
        payee.outcomes = [:]
        try payee.advance(seconds: 30)
        let name = try payee.pay(invoice, part: 40_000)
        try payee.advance(seconds: 30)
        #expect(payee.outcomes.isEmpty)
        try payee.advance(seconds: 30)
        #expect(payee.outcomes[name] == .failed(.mppTimeout))
    }

    @Test("what comes after the invoice's end is given back, also before that is noticed")
    func afterEnd() throws {
        var payee = try PayeeFixture()
        let (invoice, other) = (
            try payee.invoice(PayeeFixture.order), try payee.invoice(PayeeFixture.order)
        )
        payee.sender.time += InvoiceOrder.defaultExpiry * 1000
        #expect(Self.isFulfilled(payee.outcomes[try payee.pay(invoice)]))
        payee.sender.time += 1000
        let late = try payee.pay(other)
        #expect(payee.outcomes[late] == payee.wrongDetails(100_000))
    }

    // MARK: - Held invoices

    @Test("a held payment is taken when the preimage is shown, also after a start")
    func settle() throws {
        var payee = try PayeeFixture()
        let invoice = try payee.invoice(Self.heldOrder)
        #expect(throws: InvoiceRefusal.notPaid(Self.preimage.paymentHash)) {
            try payee.node.invoices.settle(Self.preimage, at: payee.sender.moment)
        }
        let first = try payee.pay(invoice, part: 40_000)
        let second = try payee.pay(invoice, part: 60_000)
        let extra = try payee.pay(invoice, part: 60_000)
        #expect(payee.outcomes == [extra: payee.wrongDetails(60_000)])
        try payee.advance(seconds: 3600)
        try payee.restart()
        #expect(payee.node.invoices.heldAmount(Self.preimage.paymentHash)?.value == 100_000)
        let step = try payee.node.invoices.settle(Self.preimage, at: payee.sender.moment)
        try payee.apply(step)
        for name in [first, second] {
            #expect(payee.outcomes[name] == .fulfilled(Self.preimage))
        }
        let past = try #require(try payee.node.pastInvoices.first)
        #expect(past.preimage(payee.node.secrets) == Self.preimage)
    }

    @Test("a held payment is given back when the invoice is cancelled")
    func cancel() throws {
        var payee = try PayeeFixture()
        let invoice = try payee.invoice(Self.heldOrder)
        let name = try payee.pay(invoice)
        let hash = Self.preimage.paymentHash
        try payee.apply(try payee.node.invoices.cancel(hash, at: payee.sender.moment))
        #expect(payee.outcomes[name] == payee.wrongDetails(100_000))
        #expect(throws: InvoiceRefusal.unknownInvoice(hash)) {
            try payee.node.invoices.settle(Self.preimage, at: payee.sender.moment)
        }
        let late = try payee.pay(invoice)
        #expect(payee.outcomes[late] == payee.wrongDetails(100_000))
        #expect(try payee.node.pastInvoices.map(\.state) == [.cancelled])
    }

    @Test("a held payment is not taken when it is about to expire")
    func tooLate() throws {
        var payee = try PayeeFixture()
        try payee.pay(try payee.invoice(Self.heldOrder))
        let hash = Self.preimage.paymentHash
        let now = payee.sender.moment
        let late = PaymentMoment(time: now.time, height: now.height + 58)
        #expect(throws: InvoiceRefusal.tooLate(hash)) {
            try payee.node.invoices.settle(Self.preimage, at: late)
        }
        try payee.apply(try payee.node.invoices.settle(Self.preimage, at: now))
    }

    @Test("a held payment is given back before it could be taken back on the chain")
    func autoCancel() throws {
        var payee = try PayeeFixture()
        let name = try payee.pay(try payee.invoice(Self.heldOrder))
        // BOLT 4 wants the height at which the HTLC was received.
        let expected = payee.wrongDetails(100_000)
        try payee.advance(blocks: 57)
        #expect(payee.outcomes.isEmpty)
        try payee.advance(blocks: 1)
        #expect(payee.outcomes[name] == expected)
        #expect(try payee.node.pastInvoices.map(\.state) == [.cancelled])
    }

    @Test("only held invoices are settled by hand")
    func notHeld() throws {
        var payee = try PayeeFixture()
        var order = PayeeFixture.order
        order.lock = .preimage(Self.preimage)
        _ = try payee.invoice(order)
        #expect(throws: InvoiceRefusal.notHeld(Self.preimage.paymentHash)) {
            try payee.node.invoices.settle(Self.preimage, at: payee.sender.moment)
        }
    }

    // MARK: - Starts

    @Test("an HTLC that comes again after a start is answered as it was decided")
    func repeated() throws {
        var payee = try PayeeFixture()
        let invoice = try payee.invoice(PayeeFixture.order)
        let content = invoice.content
        func htlc(_ amount: UInt64) throws -> ReceivedHTLC {
            let payload = PaymentPayload(
                amountToForward: MilliSatoshi(amount),
                outgoingCltvValue: BlockHeight(800_080),
                paymentData: PaymentData(
                    paymentSecret: content.paymentSecret, total: MilliSatoshi(100_000)))
            return try payee.sender.htlc(
                payload, hash: content.paymentHash, amount: MilliSatoshi(amount),
                expiry: 800_080)
        }
        let (taken, late) = (try htlc(100_000), try htlc(100_000))
        try payee.receive(taken)
        #expect(Self.isFulfilled(payee.outcomes.removeValue(forKey: taken.name)))
        try payee.restart(with: [taken, late])
        #expect(Self.isFulfilled(payee.outcomes[taken.name]))
        #expect(payee.outcomes[late.name] == payee.wrongDetails(100_000))
    }

    @Test("a set that was not complete when the node stopped may become so later")
    func incomplete() throws {
        var payee = try PayeeFixture()
        let invoice = try payee.invoice(PayeeFixture.order)
        let first = try payee.pay(invoice, part: 40_000)
        try payee.restart()
        let second = try payee.pay(invoice, part: 60_000)
        for name in [first, second] { #expect(Self.isFulfilled(payee.outcomes[name])) }
    }

    // MARK: - Keysend

    private func keysend(
        _ payee: inout PayeeFixture, total: UInt64? = nil, wrong: Bool = false,
        expiry: UInt32 = 800_025
    ) throws -> ReceivedHTLC {
        let preimage = wrong ? PaymentPreimage(SHA256.hash([7])) : Self.preimage
        let payload = PaymentPayload(
            amountToForward: MilliSatoshi(5000), outgoingCltvValue: BlockHeight(expiry),
            paymentData: total.map {
                PaymentData(paymentSecret: .zero, total: MilliSatoshi($0))
            },
            customRecords: [
                TLVRecord(type: 7_629_169, value: [1, 2]),
                TLVRecord(type: PaymentReceipt.keysendType, value: preimage.hash.bytes),
            ])
        return try payee.sender.htlc(
            payload, hash: Self.preimage.paymentHash, amount: MilliSatoshi(5000),
            expiry: expiry)
    }

    @Test("a payment that nobody asked for is given back where too little time is left")
    func hastyKeysend() throws {
        var payee = try PayeeFixture()
        let htlc = try keysend(&payee, expiry: 800_024)
        try payee.receive(htlc)
        #expect(payee.outcomes[htlc.name] == payee.wrongDetails(5000))
    }

    @Test("a payment that nobody asked for is taken, once, with its records")
    func keysend() throws {
        var payee = try PayeeFixture()
        let htlc = try keysend(&payee)
        try payee.receive(htlc)
        #expect(payee.outcomes[htlc.name] == .fulfilled(Self.preimage))
        guard case .settled(let entry, let records) = payee.events.last else {
            return #expect(Bool(false))
        }
        #expect(entry.isKeysend && entry.order.amount == MilliSatoshi(5000))
        #expect(records.map(\.type) == [7_629_169, PaymentReceipt.keysendType])
        payee.outcomes = [:]
        let other = try keysend(&payee)
        try payee.restart(with: [htlc, other])
        #expect(payee.outcomes[htlc.name] == .fulfilled(Self.preimage))
        #expect(payee.outcomes[other.name] == payee.wrongDetails(5000))
        #expect(try payee.node.pastInvoices.count == 1)
    }

    @Test(
        "what nobody asked for is not taken in parts, with a wrong preimage, or where it is not wanted"
    )
    func keysendRefused() throws {
        var payee = try PayeeFixture()
        let part = try keysend(&payee, total: 5001)
        let wrong = try keysend(&payee, wrong: true)
        for htlc in [part, wrong] {
            try payee.receive(htlc)
            #expect(payee.outcomes[htlc.name] == payee.wrongDetails(5000))
        }
        payee.node.policy.acceptsKeysend = false
        try payee.restart()
        let unwanted = try keysend(&payee)
        try payee.receive(unwanted)
        #expect(payee.outcomes[unwanted.name] == payee.wrongDetails(5000))
    }
}

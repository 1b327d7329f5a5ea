import Bitcoin
import LightningCrypto
import LightningInvoice
import LightningPayment
import LightningWire

/// A node with invoices, and a sender who pays them by hand.
struct PayeeFixture {
    var node: TestNode
    var sender: TestSender
    var events: [InvoiceEvent] = []
    /// How each HTLC was answered.
    var outcomes: [HTLCName: TestSender.Outcome] = [:]
    private var open: [HTLCName: ReceivedHTLC] = [:]

    init() throws {
        node = try TestNode(0)
        sender = TestSender(to: node.key)
    }

    mutating func invoice(_ order: InvoiceOrder) throws -> Invoice {
        try node.invoice(order, at: sender.moment)
    }

    /// Sends one part; everything is as the invoice says unless it is given.
    @discardableResult
    mutating func pay(
        _ invoice: Invoice, part: UInt64? = nil, total: UInt64? = nil, secret: Hash256?? = nil,
        delta: UInt32? = nil, metadata: [UInt8]? = nil, hash: PaymentHash? = nil
    ) throws -> HTLCName {
        let content = invoice.content
        let total = MilliSatoshi(total ?? content.amount?.value ?? 0)
        let amount = part.map { MilliSatoshi($0) } ?? total
        let expiry =
            sender.height.value + (delta ?? UInt32(content.minFinalCLTVExpiryDelta))
        let secret = secret ?? content.paymentSecret
        let payload = PaymentPayload(
            amountToForward: amount, outgoingCltvValue: BlockHeight(expiry),
            paymentData: secret.map { PaymentData(paymentSecret: $0, total: total) },
            paymentMetadata: metadata)
        let htlc = try sender.htlc(
            payload, hash: hash ?? content.paymentHash, amount: amount, expiry: expiry)
        try receive(htlc)
        return htlc.name
    }

    mutating func receive(_ htlc: ReceivedHTLC) throws {
        let opened = htlc.opened(with: node.key, height: sender.height)
        open[htlc.name] = htlc
        let decision = node.forwarding.receive(
            opened, at: sender.moment)
        switch decision {
        case .receive(let part): try apply(node.invoices.receive(part, at: sender.moment))
        case .answer(let answer, _): note(answer)
        case .forward, .wait: throw Missing()
        }
    }

    mutating func apply(_ step: InvoiceStep) throws {
        node.store.apply(step.writes)
        events += step.events
        for answer in step.answers { note(answer) }
        for query in step.queries {
            try apply(node.invoices.loaded(query, node.store.answer(query), at: sender.moment))
        }
    }

    private mutating func note(_ answer: AnsweredHTLC) {
        open[answer.name] = nil
        outcomes[answer.name] = sender.read(answer)
    }

    mutating func advance(seconds: UInt64 = 0, blocks: UInt32 = 0) throws {
        sender.time += seconds * 1000
        sender.height = sender.height + blocks
        try apply(node.invoices.advance(to: sender.moment))
    }

    /// Stops and starts the node, and hands in again what is not answered, and `more`.
    mutating func restart(with more: [ReceivedHTLC] = []) throws {
        try node.restart()
        for htlc in Array(open.values).sorted(by: { $0.name < $1.name }) + more {
            var htlc = htlc
            htlc.isRepeated = true
            try receive(htlc)
        }
    }

    /// The failure that hides what was wrong.
    func wrongDetails(_ amount: UInt64) -> TestSender.Outcome {
        .failed(
            .incorrectOrUnknownPaymentDetails(
                amount: MilliSatoshi(amount), height: sender.height))
    }

    static let order = InvoiceOrder(
        amount: MilliSatoshi(100_000), description: .text("coffee"))
}

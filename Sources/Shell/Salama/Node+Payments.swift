/// Invoices and payments.
extension Node {
    /// Makes an invoice for an amount, or for any where that is nil; it is good for `expiry` seconds.
    public func makeInvoice(
        _ amount: MilliSatoshi?, for description: String,
        expiry: UInt64 = InvoiceOrder.defaultExpiry
    ) throws -> Invoice {
        let order = InvoiceOrder(amount: amount, description: .text(description), expiry: expiry)
        guard case .invoice(let invoice, _) = try host.perform(.payment(.addInvoice(order))) else {
            throw NodeDefect()
        }
        return invoice
    }

    /// Pays an invoice, and returns when the payment has ended, one way or the other: see ``PastPayment/outcome``.
    ///
    /// `amount` is for invoices that leave it open, `feeLimit` the most to pay to the nodes on the way: where it is nil, a
    /// twentieth of the amount, and of small amounts as much again. The same invoice is never paid twice.
    public func pay(
        _ invoice: Invoice, amount: MilliSatoshi? = nil, feeLimit: MilliSatoshi? = nil
    ) throws -> PastPayment {
        guard let order = PaymentOrder(invoice, amount: amount) else {
            throw NodeFailure.payment(.amountOutOfRange(amount ?? .zero))
        }
        let options = SendOptions(feeLimit: feeLimit ?? SendOptions.usualFeeLimit(order.amount))
        guard case .payment(let payment) = try host.perform(.payment(.send(order, options))) else {
            throw NodeDefect()
        }
        return payment
    }

    /// Calls `handler` with what happens to peers, channels, invoices and payments once it is durable, for as long as the
    /// subscription is kept.
    public func onNews(_ handler: @escaping @Sendable (NodeNews) -> Void) -> Subscription {
        host.subscribeToNews(handler)
    }
}

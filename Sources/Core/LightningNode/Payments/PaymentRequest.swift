import LightningPayment
import LightningWire

/// What is asked of invoices and payments of the present. The past is read beside the loop.
public enum PaymentRequest: Sendable {
    /// Make an invoice.
    case addInvoice(InvoiceOrder)
    /// Take what is held for an invoice.
    case settleInvoice(PaymentPreimage)
    /// Give an open invoice up, and what is held for it back.
    case cancelInvoice(PaymentHash)
    /// Pay along these routes; answered when the payment has ended, one way or the other.
    case pay(PaymentOrder, along: [PaymentRoute])
    /// The invoices that can be paid.
    case openInvoices
    /// The payments that are being made.
    case openPayments
}

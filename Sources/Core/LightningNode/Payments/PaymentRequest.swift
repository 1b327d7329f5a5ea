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
    /// Forget an invoice of the past that was cancelled or has expired.
    case forgetInvoice(InvoiceEntry)
    /// Pay by routes that are looked for, and tried until the payment succeeds or may not be tried any longer; answered
    /// when it has ended, one way or the other.
    case send(PaymentOrder, SendOptions)
    /// The same for a payment that its payee did not ask for: hash and preimage of the order are replaced by new ones.
    case keysend(PaymentOrder, SendOptions)
    /// Send one part of a payment along a route; answered when that part has ended. More parts of the same order may follow.
    case sendToRoute(PaymentOrder, PaymentRoute)
    /// Send nothing more of the payment that this request has asked for and is not answered about; what is on its way is
    /// waited for. Nothing where it was refused or has ended: another payment of the same hash goes on.
    case withdraw(RequestID)
    /// Forget payments of the past. None that succeeded is made a second time for it.
    case forgetPayments([PastPayment])
    /// A payment that is being made; nothing where there is none. The past is read beside the loop.
    case track(PaymentHash)
    /// Pay along these routes; answered when the payment has ended, one way or the other.
    case pay(PaymentOrder, along: [PaymentRoute])
    /// An invoice that can be paid or is held; nothing where there is none. The past is read beside the loop.
    case openInvoice(PaymentHash)
    /// The invoices that can be paid.
    case openInvoices
    /// The invoices whose payments are held until they are settled or cancelled.
    case heldInvoices
    /// The payments that are being made.
    case openPayments
}

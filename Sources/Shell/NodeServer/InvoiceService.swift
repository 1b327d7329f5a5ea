import NodeAPI

/// The node's invoices, as ``NodeService`` describes calls.
public protocol InvoiceService: Sendable {
    /// Makes an invoice.
    func addInvoice(_ request: InvoiceMessage, _ reply: Reply<AddInvoiceResponse>)
    /// Makes an invoice whose preimage comes later.
    func addHoldInvoice(_ request: AddHoldInvoiceRequest, _ reply: Reply<AddHoldInvoiceResponse>)
    /// An invoice by its payment hash.
    func lookupInvoice(_ request: PaymentHashMessage, _ reply: Reply<InvoiceMessage>)
    /// An invoice by its payment hash or secret.
    func lookupInvoice(_ request: LookupInvoiceRequest, _ reply: Reply<InvoiceMessage>)
    /// A page of invoices.
    func listInvoices(_ request: ListInvoiceRequest, _ reply: Reply<ListInvoiceResponse>)
    /// Tells of new and of settled invoices, those after the given numbers first.
    func subscribeInvoices(
        _ request: InvoiceSubscription, _ subscriber: Subscriber<InvoiceMessage>)
    /// Tells what an invoice is and what becomes of it, until it is settled or cancelled.
    func subscribeInvoice(
        _ request: SubscribeSingleInvoiceRequest, _ subscriber: Subscriber<InvoiceMessage>)
    /// Takes what is held for an invoice.
    func settleInvoice(_ request: SettleInvoiceRequest, _ reply: Reply<Empty>)
    /// Gives up an invoice.
    func cancelInvoice(_ request: CancelInvoiceRequest, _ reply: Reply<Empty>)
    /// Forgets a cancelled invoice.
    func deleteCanceledInvoice(
        _ request: DeleteCanceledInvoiceRequest, _ reply: Reply<StatusResponse>)
    /// Reads somebody's invoice.
    func decodePayReq(_ request: PayReqString, _ reply: Reply<PayReq>)
}

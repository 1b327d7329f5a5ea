import NodeAPI
import NodeServer

extension APIService {
    func addInvoice(_ request: InvoiceMessage, _ reply: Reply<AddInvoiceResponse>) {
        reply.fail(.unwired)
    }

    func addHoldInvoice(_ request: AddHoldInvoiceRequest, _ reply: Reply<AddHoldInvoiceResponse>) {
        reply.fail(.unwired)
    }

    func lookupInvoice(_ request: PaymentHashMessage, _ reply: Reply<InvoiceMessage>) {
        reply.fail(.unwired)
    }

    func lookupInvoice(_ request: LookupInvoiceRequest, _ reply: Reply<InvoiceMessage>) {
        reply.fail(.unwired)
    }

    func listInvoices(_ request: ListInvoiceRequest, _ reply: Reply<ListInvoiceResponse>) {
        reply.fail(.unwired)
    }

    func subscribeInvoices(_ request: InvoiceSubscription, _ subscriber: Subscriber<InvoiceMessage>)
    {
        subscriber.finish(.unwired)
    }

    func subscribeInvoice(
        _ request: SubscribeSingleInvoiceRequest, _ subscriber: Subscriber<InvoiceMessage>
    ) {
        subscriber.finish(.unwired)
    }

    func settleInvoice(_ request: SettleInvoiceRequest, _ reply: Reply<Empty>) {
        reply.fail(.unwired)
    }

    func cancelInvoice(_ request: CancelInvoiceRequest, _ reply: Reply<Empty>) {
        reply.fail(.unwired)
    }

    func deleteCanceledInvoice(
        _ request: DeleteCanceledInvoiceRequest, _ reply: Reply<StatusResponse>
    ) {
        reply.fail(.unwired)
    }

    func decodePayReq(_ request: PayReqString, _ reply: Reply<PayReq>) {
        reply.fail(.unwired)
    }
}

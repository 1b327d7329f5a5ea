import NodeAPI
import NodeServer

extension TestNode {
    func addInvoice(_ request: InvoiceMessage, _ reply: Reply<AddInvoiceResponse>) {
        note(request)
        reply(AddInvoiceResponse())
    }

    func addHoldInvoice(_ request: AddHoldInvoiceRequest, _ reply: Reply<AddHoldInvoiceResponse>) {
        note(request)
        reply(AddHoldInvoiceResponse())
    }

    func lookupInvoice(_ request: PaymentHashMessage, _ reply: Reply<InvoiceMessage>) {
        note(request)
        reply(InvoiceMessage())
    }

    func lookupInvoice(_ request: LookupInvoiceRequest, _ reply: Reply<InvoiceMessage>) {
        note(request)
        reply(InvoiceMessage())
    }

    func listInvoices(_ request: ListInvoiceRequest, _ reply: Reply<ListInvoiceResponse>) {
        note(request)
        reply(ListInvoiceResponse())
    }

    func subscribeInvoices(_ request: InvoiceSubscription, _ subscriber: Subscriber<InvoiceMessage>)
    {
        note(request)
        subscriber.finish()
    }

    func subscribeInvoice(
        _ request: SubscribeSingleInvoiceRequest, _ subscriber: Subscriber<InvoiceMessage>
    ) {
        note(request)
        subscriber.finish()
    }

    func settleInvoice(_ request: SettleInvoiceRequest, _ reply: Reply<Empty>) {
        note(request)
        reply(Empty())
    }

    func cancelInvoice(_ request: CancelInvoiceRequest, _ reply: Reply<Empty>) {
        note(request)
        reply(Empty())
    }

    func deleteCanceledInvoice(
        _ request: DeleteCanceledInvoiceRequest, _ reply: Reply<StatusResponse>
    ) {
        note(request)
        reply(StatusResponse())
    }

    func decodePayReq(_ request: PayReqString, _ reply: Reply<PayReq>) {
        note(request)
        reply(PayReq())
    }

    func sendPayment(_ request: SendPaymentRequest, _ subscriber: Subscriber<PaymentMessage>) {
        note(request)
        subscriber.finish()
    }

    func sendPaymentSync(_ request: SendRequest, _ reply: Reply<SendResponse>) {
        note(request)
        reply(SendResponse())
    }

    func sendToRoute(_ request: SendToRouteRequest, _ reply: Reply<HTLCAttemptMessage>) {
        note(request)
        reply(HTLCAttemptMessage())
    }

    func estimateRouteFee(_ request: RouteFeeRequest, _ reply: Reply<RouteFeeResponse>) {
        note(request)
        reply(RouteFeeResponse())
    }

    func trackPayment(_ request: TrackPaymentRequest, _ subscriber: Subscriber<PaymentMessage>) {
        note(request)
        subscriber.finish()
    }

    func trackPayments(_ request: TrackPaymentsRequest, _ subscriber: Subscriber<PaymentMessage>) {
        note(request)
        subscriber.finish()
    }

    func listPayments(_ request: ListPaymentsRequest, _ reply: Reply<ListPaymentsResponse>) {
        note(request)
        reply(ListPaymentsResponse())
    }

    func deletePayment(_ request: DeletePaymentRequest, _ reply: Reply<StatusResponse>) {
        note(request)
        reply(StatusResponse())
    }

    func deleteAllPayments(_ request: DeleteAllPaymentsRequest, _ reply: Reply<StatusResponse>) {
        note(request)
        reply(StatusResponse())
    }

    func forwardingHistory(
        _ request: ForwardingHistoryRequest, _ reply: Reply<ForwardingHistoryResponse>
    ) {
        note(request)
        reply(ForwardingHistoryResponse())
    }

    func signMessage(_ request: SignMessageRequest, _ reply: Reply<SignMessageResponse>) {
        note(request)
        reply(SignMessageResponse())
    }

    func verifyMessage(_ request: VerifyMessageRequest, _ reply: Reply<VerifyMessageResponse>) {
        note(request)
        reply(VerifyMessageResponse())
    }

    func signMessage(
        _ request: SignMessageWithAddrRequest, _ reply: Reply<SignMessageWithAddrResponse>
    ) {
        note(request)
        reply(SignMessageWithAddrResponse())
    }

    func verifyMessage(
        _ request: VerifyMessageWithAddrRequest, _ reply: Reply<VerifyMessageWithAddrResponse>
    ) {
        note(request)
        reply(VerifyMessageWithAddrResponse())
    }
}

extension TestNode {
    func debugLevel(_ request: DebugLevelRequest, _ reply: Reply<DebugLevelResponse>) {
        note(request)
        reply(DebugLevelResponse())
    }
}

import NodeAPI
import NodeServer

extension TestNode {
    func addInvoice(_ request: InvoiceMessage, _ reply: Reply<AddInvoiceResponse>) {
        answer(request, reply)
    }

    func addHoldInvoice(_ request: AddHoldInvoiceRequest, _ reply: Reply<AddHoldInvoiceResponse>) {
        answer(request, reply)
    }

    func lookupInvoice(_ request: PaymentHashMessage, _ reply: Reply<InvoiceMessage>) {
        answer(request, reply)
    }

    func lookupInvoice(_ request: LookupInvoiceRequest, _ reply: Reply<InvoiceMessage>) {
        answer(request, reply)
    }

    func listInvoices(_ request: ListInvoiceRequest, _ reply: Reply<ListInvoiceResponse>) {
        answer(request, reply)
    }

    func subscribeInvoices(_ request: InvoiceSubscription, _ subscriber: Subscriber<InvoiceMessage>)
    { end(request, subscriber) }

    func subscribeInvoice(
        _ request: SubscribeSingleInvoiceRequest, _ subscriber: Subscriber<InvoiceMessage>
    ) { end(request, subscriber) }

    func settleInvoice(_ request: SettleInvoiceRequest, _ reply: Reply<Empty>) {
        answer(request, reply)
    }

    func cancelInvoice(_ request: CancelInvoiceRequest, _ reply: Reply<Empty>) {
        answer(request, reply)
    }

    func deleteCanceledInvoice(
        _ request: DeleteCanceledInvoiceRequest, _ reply: Reply<StatusResponse>
    ) { answer(request, reply) }

    func decodePayReq(_ request: PayReqString, _ reply: Reply<PayReq>) { answer(request, reply) }

    func sendPayment(_ request: SendPaymentRequest, _ subscriber: Subscriber<PaymentMessage>) {
        end(request, subscriber)
    }

    func sendPaymentSync(_ request: SendRequest, _ reply: Reply<SendResponse>) {
        answer(request, reply)
    }

    func sendToRoute(_ request: SendToRouteRequest, _ reply: Reply<HTLCAttemptMessage>) {
        answer(request, reply)
    }

    func estimateRouteFee(_ request: RouteFeeRequest, _ reply: Reply<RouteFeeResponse>) {
        answer(request, reply)
    }

    func trackPayment(_ request: TrackPaymentRequest, _ subscriber: Subscriber<PaymentMessage>) {
        end(request, subscriber)
    }

    func trackPayments(_ request: TrackPaymentsRequest, _ subscriber: Subscriber<PaymentMessage>) {
        end(request, subscriber)
    }

    func listPayments(_ request: ListPaymentsRequest, _ reply: Reply<ListPaymentsResponse>) {
        answer(request, reply)
    }

    func deletePayment(_ request: DeletePaymentRequest, _ reply: Reply<StatusResponse>) {
        answer(request, reply)
    }

    func deleteAllPayments(_ request: DeleteAllPaymentsRequest, _ reply: Reply<StatusResponse>) {
        answer(request, reply)
    }

    func forwardingHistory(
        _ request: ForwardingHistoryRequest, _ reply: Reply<ForwardingHistoryResponse>
    ) { answer(request, reply) }

    func signMessage(_ request: SignMessageRequest, _ reply: Reply<SignMessageResponse>) {
        answer(request, reply)
    }

    func verifyMessage(_ request: VerifyMessageRequest, _ reply: Reply<VerifyMessageResponse>) {
        answer(request, reply)
    }

    func signMessage(
        _ request: SignMessageWithAddrRequest, _ reply: Reply<SignMessageWithAddrResponse>
    ) { answer(request, reply) }

    func verifyMessage(
        _ request: VerifyMessageWithAddrRequest, _ reply: Reply<VerifyMessageWithAddrResponse>
    ) { answer(request, reply) }
}

extension TestNode {
    func debugLevel(_ request: DebugLevelRequest, _ reply: Reply<DebugLevelResponse>) {
        answer(request, reply)
    }
}

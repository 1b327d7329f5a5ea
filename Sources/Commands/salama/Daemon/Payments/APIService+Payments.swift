import NodeAPI
import NodeServer

extension APIService {
    func sendPayment(_ request: SendPaymentRequest, _ subscriber: Subscriber<PaymentMessage>) {
        subscriber.finish(.unwired)
    }

    func sendPaymentSync(_ request: SendRequest, _ reply: Reply<SendResponse>) {
        reply.fail(.unwired)
    }

    func sendToRoute(_ request: SendToRouteRequest, _ reply: Reply<HTLCAttemptMessage>) {
        reply.fail(.unwired)
    }

    func estimateRouteFee(_ request: RouteFeeRequest, _ reply: Reply<RouteFeeResponse>) {
        reply.fail(.unwired)
    }

    func trackPayment(_ request: TrackPaymentRequest, _ subscriber: Subscriber<PaymentMessage>) {
        subscriber.finish(.unwired)
    }

    func trackPayments(_ request: TrackPaymentsRequest, _ subscriber: Subscriber<PaymentMessage>) {
        subscriber.finish(.unwired)
    }

    func listPayments(_ request: ListPaymentsRequest, _ reply: Reply<ListPaymentsResponse>) {
        reply.fail(.unwired)
    }

    func deletePayment(_ request: DeletePaymentRequest, _ reply: Reply<StatusResponse>) {
        reply.fail(.unwired)
    }

    func deleteAllPayments(_ request: DeleteAllPaymentsRequest, _ reply: Reply<StatusResponse>) {
        reply.fail(.unwired)
    }

    func forwardingHistory(
        _ request: ForwardingHistoryRequest, _ reply: Reply<ForwardingHistoryResponse>
    ) {
        reply.fail(.unwired)
    }
}

extension APIError {
    /// The call is known, and not yet answered.
    static let unwired = APIError(
        .unimplemented, "this node does not answer this call yet; nothing was done")
}

import NodeAPI

/// The node's payments and what it forwards, as ``NodeService`` describes calls.
public protocol PaymentService: Sendable {
    /// Pays, and tells how far it has come.
    func sendPayment(_ request: SendPaymentRequest, _ subscriber: Subscriber<PaymentMessage>)
    /// Pays, and answers when the outcome is there.
    func sendPaymentSync(_ request: SendRequest, _ reply: Reply<SendResponse>)
    /// Pays over one route, and answers when the outcome is there.
    func sendToRoute(_ request: SendToRouteRequest, _ reply: Reply<HTLCAttemptMessage>)
    /// What a payment would cost.
    func estimateRouteFee(_ request: RouteFeeRequest, _ reply: Reply<RouteFeeResponse>)
    /// Tells how far a payment has come, now and until its end.
    func trackPayment(_ request: TrackPaymentRequest, _ subscriber: Subscriber<PaymentMessage>)
    /// Tells how far each payment comes from now on.
    func trackPayments(_ request: TrackPaymentsRequest, _ subscriber: Subscriber<PaymentMessage>)
    /// A page of payments.
    func listPayments(_ request: ListPaymentsRequest, _ reply: Reply<ListPaymentsResponse>)
    /// Forgets a payment that is over.
    func deletePayment(_ request: DeletePaymentRequest, _ reply: Reply<StatusResponse>)
    /// Forgets payments that are over.
    func deleteAllPayments(_ request: DeleteAllPaymentsRequest, _ reply: Reply<StatusResponse>)
    /// A page of what was forwarded.
    func forwardingHistory(
        _ request: ForwardingHistoryRequest, _ reply: Reply<ForwardingHistoryResponse>)
}

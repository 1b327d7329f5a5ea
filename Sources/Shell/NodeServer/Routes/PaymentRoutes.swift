import NodeAPI

extension APIRoute {
    private static let read = [Permission("offchain", "read")]
    private static let write = [Permission("offchain", "write")]

    static let payments: [APIRoute] = [
        stream(.post, "/v2/router/send", "/routerrpc.Router/SendPaymentV2", write) {
            $0.service.sendPayment($1, $2)
        },
        unary(.post, "/v1/channels/transactions", "/lnrpc.Lightning/SendPaymentSync", write) {
            $0.service.sendPaymentSync($1, $2)
        },
        unary(.post, "/v2/router/route/send", "/routerrpc.Router/SendToRouteV2", write) {
            $0.service.sendToRoute($1, $2)
        },
        unary(.post, "/v2/router/route/estimatefee", "/routerrpc.Router/EstimateRouteFee", read) {
            $0.service.estimateRouteFee($1, $2)
        },
        stream(
            .get, "/v2/router/track/{payment_hash}", "/routerrpc.Router/TrackPaymentV2", read
        ) { $0.service.trackPayment($1, $2) },
        stream(.get, "/v2/router/payments", "/routerrpc.Router/TrackPayments", read) {
            $0.service.trackPayments($1, $2)
        },
        unary(.get, "/v1/payments", "/lnrpc.Lightning/ListPayments", read) {
            $0.service.listPayments($1, $2)
        },
        unary(.delete, "/v1/payments", "/lnrpc.Lightning/DeleteAllPayments", write) {
            $0.service.deleteAllPayments($1, $2)
        },
        unary(.delete, "/v1/payment", "/lnrpc.Lightning/DeletePayment", write) {
            $0.service.deletePayment($1, $2)
        },
        unary(.post, "/v1/switch", "/lnrpc.Lightning/ForwardingHistory", read) {
            $0.service.forwardingHistory($1, $2)
        },
    ]
}

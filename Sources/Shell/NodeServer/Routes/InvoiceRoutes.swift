import NodeAPI

extension APIRoute {
    private static let read = [Permission("invoices", "read")]
    private static let write = [Permission("invoices", "write")]

    /// Where a hash in the path and one in the query lead, as grpc-gateway has it: `/v1/invoice/?r_hash=...`.
    private static let invoicePaths = ["/v1/invoice/{r_hash_str}", "/v1/invoice/", "/v1/invoice"]

    static let invoices: [APIRoute] =
        invoicePaths.map { path in
            unary(.get, path, "/lnrpc.Lightning/LookupInvoice", read) {
                (context, request: PaymentHashMessage, reply) in
                context.service.lookupInvoice(request, reply)
            }
        } + [
            unary(.post, "/v1/invoices", "/lnrpc.Lightning/AddInvoice", write) {
                $0.service.addInvoice($1, $2)
            },
            unary(.get, "/v1/invoices", "/lnrpc.Lightning/ListInvoices", read) {
                $0.service.listInvoices($1, $2)
            },
            unary(.delete, "/v1/invoices", "/lnrpc.Lightning/DeleteCanceledInvoice", write) {
                $0.service.deleteCanceledInvoice($1, $2)
            },
            stream(.get, "/v1/invoices/subscribe", "/lnrpc.Lightning/SubscribeInvoices", read) {
                $0.service.subscribeInvoices($1, $2)
            },
            stream(
                .get, "/v2/invoices/subscribe/{r_hash}",
                "/invoicesrpc.Invoices/SubscribeSingleInvoice", read
            ) { $0.service.subscribeInvoice($1, $2) },
            unary(.get, "/v2/invoices/lookup", "/invoicesrpc.Invoices/LookupInvoiceV2", write) {
                (context, request: LookupInvoiceRequest, reply) in
                context.service.lookupInvoice(request, reply)
            },
            unary(.post, "/v2/invoices/hodl", "/invoicesrpc.Invoices/AddHoldInvoice", write) {
                $0.service.addHoldInvoice($1, $2)
            },
            unary(.post, "/v2/invoices/settle", "/invoicesrpc.Invoices/SettleInvoice", write) {
                $0.service.settleInvoice($1, $2)
            },
            unary(.post, "/v2/invoices/cancel", "/invoicesrpc.Invoices/CancelInvoice", write) {
                $0.service.cancelInvoice($1, $2)
            },
            unary(
                .get, "/v1/payreq/{pay_req}", "/lnrpc.Lightning/DecodePayReq",
                [Permission("offchain", "read")]
            ) { $0.service.decodePayReq($1, $2) },
        ]
}

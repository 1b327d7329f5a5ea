import JSON

/// `salama listpayments`.
enum PaymentListCommand {
    static let command = Command(
        name: "listpayments", group: .payments, summary: "list the payments of this node",
        discussion:
            "The latest come first, a hundred at a time; --index_offset goes on from there.",
        flags: [
            .toggle("include_incomplete", "also those on their way, and those that failed"),
            .value("index_offset", "INDEX", "go on from that payment"),
            .value("max_payments", "COUNT", "at most so many (default: 100)"),
            .toggle("paginate_forwards", "from the oldest on"),
            .toggle("count_total_payments", "count all payments as well"),
            .value("creation_date_start", "TIME", "begun then or later: seconds since 1970"),
            .value("creation_date_end", "TIME", "begun then or before"),
            .toggle("omit_hops", "with --json: without the routes"), .json,
        ],
        examples: [
            Example("salama listpayments --include_incomplete", "lists what was and was not paid")
        ],
        run: { arguments in
            var query = [("reversed", "\(!arguments.isSet("paginate_forwards"))")]
            for name in ["include_incomplete", "count_total_payments", "omit_hops"]
            where arguments.isSet(name) {
                query.append((name, "true"))
            }
            for name in ["index_offset", "creation_date_start", "creation_date_end"] {
                guard let value = try arguments.integer(name, in: 0...UInt64(Int64.max)) else {
                    continue
                }
                query.append((name, "\(value)"))
            }
            let most = try arguments.integer("max_payments", in: UInt64(1)...10_000) ?? 100
            query.append(("max_payments", "\(most)"))
            let answer = try NodeClient(arguments).get("/v1/payments", query: query)
            show(answer, arguments) { table($0, arguments) }
        })

    private static func table(_ answer: JSONValue, _ arguments: Arguments) -> String {
        var payments = answer.list("payments")
        guard !payments.isEmpty else { return "There is no such payment.\n" }
        // A page that goes back still has its oldest first.
        if !arguments.isSet("paginate_forwards") { payments.reverse() }
        var table = Table([
            .right("index"), .left("begun (UTC)"), .right("amount (sat)"), .right("fee (sat)"),
            .left("state"), .left("hash"),
        ])
        for payment in payments {
            let isPaid = payment.text("status") == "SUCCEEDED"
            table.add([
                payment.text("payment_index"), dateText(payment.number("creation_date")),
                millisatoshis(payment.number("value_msat")),
                isPaid ? millisatoshis(payment.number("fee_msat")) : "-", state(payment),
                shortKey(payment.text("payment_hash")),
            ])
        }
        guard arguments.isSet("count_total_payments") else { return table.text }
        return table.text
            + "\(count(answer.number("total_num_payments"), "payment")) altogether\n"
    }

    private static func state(_ payment: JSONValue) -> String {
        switch payment.text("status") {
        case "SUCCEEDED": "paid"
        case "FAILED": "failed"
        case "IN_FLIGHT", "INITIATED": "on its way"
        case let other: other
        }
    }
}

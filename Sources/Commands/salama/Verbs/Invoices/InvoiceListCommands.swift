import JSON
import NodeRuntime

/// The commands that show invoices, the node's own and others'.
enum InvoiceListCommands {
    static let all = [lookupInvoice, listInvoices, decodePaymentRequest]

    private static let lookupInvoice = Command(
        name: "lookupinvoice", group: .invoices, summary: "show an invoice of this node",
        positionals: [
            Positional(name: "HASH", help: "its payment hash, 64 digits", isOptional: true)
        ],
        flags: [.value("rhash", "HEX", "its payment hash"), QRCode.flag, .json],
        examples: [Example("salama lookupinvoice HASH", "prints whether and when it was paid")],
        run: { arguments in
            var words = Words(arguments)
            let hash = try words.require("rhash", "salama lookupinvoice HASH")
            _ = try bytes(ofHex: hash, count: 32, named: "the hash")
            let answer = try NodeClient(arguments).get("/v1/invoice/\(hash)")
            show(answer, arguments) { invoice in
                let open = invoice.text("state") == "OPEN"
                let code =
                    open
                    ? QRCode.drawing(
                        QRCode.payload(ofInvoice: invoice.text("payment_request")), arguments) : ""
                return code + invoiceFacts(invoice)
            }
        })

    private static func invoiceFacts(_ invoice: JSONValue) -> String {
        var rows = [
            ("state", state(invoice)), ("amount", amount(invoice)),
            ("memo", printable(invoice.text("memo"))),
            ("made (UTC)", dateText(invoice.number("creation_date"))),
            (
                "until (UTC)",
                dateText(invoice.number("creation_date") &+ invoice.number("expiry"))
            ),
        ]
        if invoice.text("state") == "SETTLED" {
            rows.append(("paid (UTC)", dateText(invoice.number("settle_date"))))
            rows.append(("received", millisatoshis(invoice.number("amt_paid_msat")) + " sat"))
            rows.append(("preimage", hexOfBase64(invoice.text("r_preimage"))))
        }
        let parts = invoice.list("htlcs").count
        if parts > 1 { rows.append(("parts", grouped(parts))) }
        rows.append(("hash", hexOfBase64(invoice.text("r_hash"))))
        return facts(rows.filter { !$0.1.isEmpty }) + "\n" + invoice.text("payment_request") + "\n"
    }

    private static func amount(_ invoice: JSONValue) -> String {
        let value = invoice.number("value_msat")
        return value == 0 ? "any" : millisatoshis(value) + " sat"
    }

    private static func state(_ invoice: JSONValue) -> String {
        switch invoice.text("state") {
        case "OPEN":
            invoice.number("creation_date") &+ invoice.number("expiry")
                < Int64(clamping: WallClock.now.seconds) ? "expired" : "open"
        case "SETTLED": "paid"
        case "CANCELED": "withdrawn"
        case "ACCEPTED": "held"
        case let other: other
        }
    }

    private static let listInvoices = Command(
        name: "listinvoices", group: .invoices, summary: "list the invoices of this node",
        discussion:
            "The latest come first, a hundred at a time; --index_offset goes on from there.",
        flags: [
            .toggle("pending_only", "only those that can still be paid, or are held"),
            .value("index_offset", "INDEX", "go on from that invoice"),
            .value("max_invoices", "COUNT", "at most so many (default: 100)"),
            .toggle(
                "paginate_forwards", "from the oldest on", aliases: ["paginate-forwards"]),
            .value("creation_date_start", "TIME", "made then or later: seconds since 1970"),
            .value("creation_date_end", "TIME", "made then or before"), .json,
        ],
        examples: [
            Example("salama listinvoices --max_invoices 10", "lists the ten latest invoices")
        ],
        run: { arguments in
            var query = [("reversed", "\(!arguments.isSet("paginate_forwards"))")]
            if arguments.isSet("pending_only") { query.append(("pending_only", "true")) }
            let names = [
                ("index_offset", "index_offset"), ("max_invoices", "num_max_invoices"),
                ("creation_date_start", "creation_date_start"),
                ("creation_date_end", "creation_date_end"),
            ]
            for (flag, field) in names {
                guard let value = try arguments.integer(flag, in: 0...UInt64(Int64.max)) else {
                    continue
                }
                query.append((field, "\(value)"))
            }
            let answer = try NodeClient(arguments).get("/v1/invoices", query: query)
            show(answer, arguments) { invoiceTable($0, arguments) }
        })

    private static func invoiceTable(_ answer: JSONValue, _ arguments: Arguments) -> String {
        var invoices = answer.list("invoices")
        guard !invoices.isEmpty else { return "There is no such invoice.\n" }
        // A page that goes back still has its oldest first.
        if !arguments.isSet("paginate_forwards") { invoices.reverse() }
        var table = Table([
            .right("index"), .left("made (UTC)"), .right("amount (sat)"), .left("state"),
            .left("memo or hash"),
        ])
        for invoice in invoices {
            let paid = invoice.number("amt_paid_msat")
            let value = invoice.number("value_msat")
            let memo = printable(invoice.text("memo"))
            let name = memo.isEmpty ? hexOfBase64(invoice.text("r_hash")) : memo
            table.add([
                invoice.text("add_index"), dateText(invoice.number("creation_date")),
                paid > 0 ? millisatoshis(paid) : value > 0 ? millisatoshis(value) : "any",
                state(invoice), name.count > 24 ? name.prefix(23) + "…" : name,
            ])
        }
        return table.text
    }

    private static let decodePaymentRequest = Command(
        name: "decodepayreq", group: .invoices, summary: "tell what an invoice says",
        positionals: [Positional(name: "INVOICE", help: "lnbc...", isOptional: true)],
        flags: [.value("pay_req", "INVOICE", "the invoice"), .json],
        examples: [Example("salama decodepayreq lnbcrt1...", "prints amount, payee and purpose")],
        run: { arguments in
            var words = Words(arguments)
            let text = try words.require("pay_req", "salama decodepayreq INVOICE")
            let answer = try PaymentRequestText(text).decoded(NodeClient(arguments))
            show(answer, arguments) { facts(PaymentRequestText.facts($0)) }
        })
}

/// An invoice as people paste it, perhaps as a link.
struct PaymentRequestText {
    let text: String

    /// Takes `lightning:` off.
    init(_ text: String) {
        let scheme = "lightning:"
        let isLink = text.lowercased().hasPrefix(scheme)
        self.text = isLink ? String(text.dropFirst(scheme.count)) : text
    }

    /// What the node reads in it.
    func decoded(_ client: NodeClient) throws -> JSONValue {
        guard text.utf8.allSatisfy({ $0 < 0x80 && $0 > 0x20 && $0 != 0x2f && $0 != 0x3f }) else {
            throw UsageError("an invoice has letters and digits only")
        }
        return try client.get("/v1/payreq/\(text)")
    }

    /// What it says, for people.
    static func facts(_ invoice: JSONValue) -> [(String, String)] {
        let amount = invoice.number("num_msat")
        let end = invoice.number("timestamp") &+ invoice.number("expiry")
        let hasEnded = end < Int64(clamping: WallClock.now.seconds)
        var rows = [
            ("payee", invoice.text("destination")),
            ("amount", amount == 0 ? "any" : millisatoshis(amount) + " sat"),
            ("for", printable(invoice.text("description"))),
            ("description hash", invoice.text("description_hash")),
            ("until (UTC)", dateText(end) + (hasEnded ? ", which is over" : "")),
            ("hash", invoice.text("payment_hash")),
            ("last delta", count(invoice.number("cltv_expiry"), "block")),
            ("fallback", printable(invoice.text("fallback_addr"))),
        ]
        let hints = invoice.list("route_hints").count
        if hints > 0 { rows.append(("route hints", grouped(hints))) }
        return rows.filter { !$0.1.isEmpty }
    }
}

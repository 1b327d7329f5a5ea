import Bitcoin
import JSON
import NodeRuntime

/// The commands that pay over the Lightning network.
enum PaymentCommands {
    static let all = [payInvoice, sendPayment, trackPayment]

    private static let discussion = """
        It shows what would be paid and asks, unless --force is given, and then how the payment goes. If the command is
        ended meanwhile the payment goes on: `salama trackpayment` tells how it ends. The same invoice is never paid twice.
        """

    private static let payInvoice = Command(
        name: "payinvoice", group: .payments, summary: "pay an invoice",
        discussion: discussion,
        positionals: [Positional(name: "INVOICE", help: "lnbc...", isOptional: true)],
        flags: [
            .value("pay_req", "INVOICE", "the invoice"),
            .value("amt", "AMOUNT", "how much, in satoshi, where the invoice leaves that open"),
        ] + PaymentOptions.flags,
        examples: [
            Example("salama payinvoice lnbcrt1...", "asks, then pays and prints the route and fee"),
            Example(
                "salama payinvoice lnbcrt1... --force --fee_limit 10", "pays 10 sat in fees at most"
            ),
        ],
        run: { arguments in
            var words = Words(arguments)
            let text = try words.require("pay_req", "salama payinvoice INVOICE")
            try words.requireEnd()
            try payInvoice(PaymentRequestText(text), arguments)
        })

    private static func payInvoice(_ invoice: PaymentRequestText, _ arguments: Arguments) throws {
        var body = try PaymentOptions.body(arguments)
        let given = try arguments.integer("amt", in: SpendingCommands.amounts)
        let client = try NodeClient(arguments)
        let decoded = try invoice.decoded(client)
        let asked = decoded.number("num_msat")
        guard asked > 0 || given != nil else {
            throw UsageError("the invoice leaves the amount open: give it with --amt")
        }
        if let given, asked > 0, given &* 1_000 != asked {
            throw UsageError(
                "the invoice asks for \(millisatoshis(asked)) sat: leave --amt out")
        }
        let amount = asked > 0 ? asked : (given ?? 0) * 1_000
        let limit = try PaymentOptions.feeLimit(arguments, amount: amount)
        body["payment_request"] = .string(invoice.text)
        if asked == 0 { body["amt_msat"] = .string("\(amount)") }
        body["fee_limit_msat"] = .string("\(limit)")
        if !arguments.isSet("force") {
            complain(facts(PaymentRequestText.facts(decoded)))
            let question =
                "Pay \(millisatoshis(amount)) sat, and up to \(millisatoshis(limit)) sat in fees?"
            guard Prompt.confirms(question) else {
                throw CommandFailure("nothing was paid (--force pays without asking)")
            }
        }
        try PaymentWatch(client, arguments, hash: decoded.text("payment_hash")).run { handler in
            try client.stream(.post, "/v2/router/send", .object(body), handler: handler)
        }
    }

    private static let sendPayment = Command(
        name: "sendpayment", group: .payments,
        summary: "pay an invoice, or a node without one",
        discussion: discussion,
        positionals: [
            Positional(name: "KEY", help: "the payee's public key", isOptional: true),
            Positional(name: "AMOUNT", help: "how much, in satoshi", isOptional: true),
            Positional(name: "HASH", help: "the payment hash", isOptional: true),
            Positional(name: "DELTA", help: "the time left for the last hop", isOptional: true),
            Positional(name: "SECRET", help: "the invoice's payment secret", isOptional: true),
        ],
        flags: [
            .value("pay_req", "INVOICE", "an invoice, which says all the rest"),
            .value("dest", "KEY", "the payee's public key", aliases: ["d"]),
            .value("amt", "AMOUNT", "how much, in satoshi", aliases: ["a"]),
            .toggle("keysend", "pay without an invoice: the payment brings its own secret"),
            .value("payment_hash", "HEX", "the payment hash", aliases: ["r"]),
            .value("final_cltv_delta", "BLOCKS", "the time left for the last hop"),
            .value("pay_addr", "HEX", "the invoice's payment secret"),
            .value("route_hints", "JSON", "channels that are not announced, as in lncli"),
        ] + PaymentOptions.flags,
        examples: [
            Example(
                "salama sendpayment --dest 02ab... --amt 1000 --keysend",
                "pays a node that has made no invoice"),
            Example("salama sendpayment --pay_req lnbcrt1... --force", "pays an invoice"),
        ],
        run: { arguments in
            if let invoice = arguments.value("pay_req") {
                for flag in ["dest", "keysend", "payment_hash", "final_cltv_delta", "route_hints"]
                where arguments.value(flag) != nil {
                    throw UsageError("--pay_req says all: leave --\(flag) out")
                }
                return try payInvoice(PaymentRequestText(invoice), arguments)
            }
            var words = Words(arguments)
            let order = try PaymentOrder(&words)
            var body = try PaymentOptions.body(arguments)
            order.add(to: &body)
            let limit = try PaymentOptions.feeLimit(arguments, amount: order.amount)
            body["fee_limit_msat"] = .string("\(limit)")
            if !arguments.isSet("force") {
                let question =
                    "Pay \(millisatoshis(order.amount)) sat to \(order.payee), and up to"
                    + " \(millisatoshis(limit)) sat in fees?"
                guard Prompt.confirms(question) else {
                    throw CommandFailure("nothing was paid (--force pays without asking)")
                }
            }
            let client = try NodeClient(arguments)
            let watch = PaymentWatch(
                client, arguments, hash: order.hash, isKeysend: arguments.isSet("keysend"))
            try watch.run { handler in
                try client.stream(.post, "/v2/router/send", .object(body), handler: handler)
            }
        })

    private static let trackPayment = Command(
        name: "trackpayment", group: .payments, summary: "follow a payment to its end",
        positionals: [Positional(name: "HASH", help: "the payment hash")],
        flags: [.json],
        examples: [
            Example("salama trackpayment HASH", "prints how the payment goes, then its end")
        ],
        run: { arguments in
            let hash = arguments.positional(0) ?? ""
            let bytes = try bytes(ofHex: hash, count: 32, named: "the hash")
            let client = try NodeClient(arguments)
            let query = arguments.isSet("json") ? [("no_inflight_updates", "true")] : []
            let watch = PaymentWatch(
                client, arguments, hash: hash, begin: "waiting for news of the payment")
            try watch.run { handler in
                try client.stream(
                    .get, "/v2/router/track/\(Base64.encodeURL(bytes))", query: query,
                    handler: handler)
            }
        })
}

/// A payment without an invoice.
private struct PaymentOrder {
    let payee: String
    /// In thousandths of a satoshi.
    let amount: Int64
    let hash: String
    private var fields: JSONObject

    init(_ words: inout Words) throws(UsageError) {
        let arguments = words.arguments
        let isKeysend = arguments.isSet("keysend")
        let key = try nodeKey(words.require("dest", "salama sendpayment KEY AMOUNT --keysend"))
        guard let satoshi = try words.integer("amt", in: SpendingCommands.amounts) else {
            throw UsageError("amt is missing: how much to pay, in satoshi")
        }
        payee = key
        amount = satoshi * 1_000
        fields = [
            "dest": try base64(ofHex: key, count: 33, named: "dest"), "amt": .string("\(satoshi)"),
        ]
        var records = try PaymentOptions.records(arguments)
        if isKeysend {
            guard arguments.value("payment_hash") == nil else {
                throw UsageError("--keysend makes its own hash: leave --payment_hash out")
            }
            let preimage = SystemEntropy.bytes(32)
            // bLIP 3: the record with the preimage.
            records["5482373484"] = .string(Base64.encode(preimage))
            hash = Hex.encode(SHA256.hash(preimage).bytes)
        } else {
            hash = try words.require("payment_hash", "the invoice's hash, or --keysend")
        }
        fields["payment_hash"] = try base64(ofHex: hash, count: 32, named: "payment_hash")
        if let delta = try words.integer("final_cltv_delta", in: Int32(1)...2_016) {
            fields["final_cltv_delta"] = .integer(delta)
        }
        if let secret = words.take("pay_addr") {
            fields["payment_addr"] = try base64(ofHex: secret, count: 32, named: "pay_addr")
        }
        try words.requireEnd()
        if !records.isEmpty { fields["dest_custom_records"] = .object(records) }
        if let hints = arguments.value("route_hints") {
            fields["route_hints"] = try typedJSON(hints, named: "--route_hints")
        }
    }

    func add(to body: inout JSONObject) {
        for member in fields.members { body[member.name] = member.value }
    }
}

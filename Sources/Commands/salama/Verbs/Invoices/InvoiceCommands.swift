import Bitcoin
import JSON

/// The commands that ask to be paid.
enum InvoiceCommands {
    static let all = [addInvoice, addHoldInvoice, settleInvoice, cancelInvoice]

    private static let amounts = Int64(0)...Satoshi.maximumMoney.value * 1_000

    private static let termFlags: [Flag] = [
        .value("memo", "TEXT", "what it is for; the payer sees it"),
        .value("amt", "AMOUNT", "how much, in satoshi; any amount where it is not given"),
        .value("amt_msat", "AMOUNT", "how much, in thousandths of a satoshi"),
        .value("description_hash", "HEX", "the hash of a longer description, instead of a memo"),
        .value("fallback_addr", "ADDRESS", "where to pay on the chain if all else fails"),
        .value("expiry", "SECONDS", "how long it is good for (default: 86,400)"),
        .value("cltv_expiry_delta", "BLOCKS", "the time left for the last hop (default: 80)"),
        .toggle("private", "name channels that are not announced, so that payers find them"),
    ]

    private static let addInvoice = Command(
        name: "addinvoice", group: .invoices, summary: "make an invoice to be paid by",
        positionals: [
            Positional(
                name: "AMOUNT", help: "how much, in satoshi; any if not given", isOptional: true),
            Positional(name: "PREIMAGE", help: "a secret of your own, 64 digits", isOptional: true),
        ],
        flags: termFlags + [
            .value("preimage", "HEX", "a secret of your own; a new one where it is not given"),
            QRCode.flag, .json,
        ],
        examples: [
            Example("salama addinvoice 1000 --memo coffee", "prints an invoice for 1,000 sat"),
            Example("salama addinvoice --memo tips --expiry 604800", "takes any amount for a week"),
        ],
        run: { arguments in
            var words = Words(arguments)
            var body = try terms(&words)
            if let preimage = words.take("preimage") {
                body["r_preimage"] = try base64(ofHex: preimage, count: 32, named: "the preimage")
            }
            try words.requireEnd()
            let answer = try NodeClient(arguments).post("/v1/invoices", .object(body))
            show(answer, arguments) { invoiceText($0, arguments) }
        })

    private static let addHoldInvoice = Command(
        name: "addholdinvoice", group: .invoices,
        summary: "make an invoice whose payment waits for your word",
        discussion: """
            The payment arrives and is held until `salama settleinvoice` takes it or `salama cancelinvoice` sends it back.
            Held for too long, it goes back by itself, before its time lock could close a channel.
            """,
        positionals: [
            Positional(
                name: "HASH", help: "the SHA-256 hash of your secret, 64 digits", isOptional: true),
            Positional(
                name: "AMOUNT", help: "how much, in satoshi; any if not given", isOptional: true),
        ],
        flags: [.value("hash", "HEX", "the SHA-256 hash of your secret")] + termFlags + [
            QRCode.flag, .json,
        ],
        examples: [Example("salama addholdinvoice HASH 5000", "prints an invoice for 5,000 sat")],
        run: { arguments in
            var words = Words(arguments)
            let hash = try words.require("hash", "salama addholdinvoice HASH AMOUNT")
            var body = try terms(&words)
            body["hash"] = try base64(ofHex: hash, count: 32, named: "the hash")
            try words.requireEnd()
            let answer = try NodeClient(arguments).post("/v2/invoices/hodl", .object(body))
            show(answer, arguments) { invoiceText($0, arguments) }
        })

    /// What an invoice asks for, from the flags and the next word.
    private static func terms(_ words: inout Words) throws(UsageError) -> JSONObject {
        let arguments = words.arguments
        var body = JSONObject()
        if let amount = try arguments.integer("amt_msat", in: amounts) {
            guard arguments.value("amt") == nil else {
                throw UsageError("give either --amt or --amt_msat")
            }
            body["value_msat"] = .string("\(amount)")
        } else if let amount = try words.integer("amt", in: 0...Satoshi.maximumMoney.value) {
            body["value"] = .string("\(amount)")
        }
        for name in ["memo", "fallback_addr"] {
            body[name] = arguments.value(name).map(JSONValue.string)
        }
        if let text = arguments.value("description_hash") {
            body["description_hash"] = try base64(
                ofHex: text, count: 32, named: "--description_hash")
        }
        if let expiry = try arguments.integer("expiry", in: Int64(1)...31_536_000) {
            body["expiry"] = .string("\(expiry)")
        }
        if let delta = try arguments.integer("cltv_expiry_delta", in: UInt64(1)...2_016) {
            body["cltv_expiry"] = .string("\(delta)")
        }
        if arguments.isSet("private") { body["private"] = true }
        return body
    }

    private static func invoiceText(_ answer: JSONValue, _ arguments: Arguments) -> String {
        let invoice = answer.text("payment_request")
        let hash = hexOfBase64(answer.text("r_hash"))
        let rows = hash.isEmpty ? "" : "\n" + facts([("hash", hash)])
        return QRCode.drawing(QRCode.payload(ofInvoice: invoice), arguments) + invoice + "\n" + rows
    }

    private static let settleInvoice = Command(
        name: "settleinvoice", group: .invoices, summary: "take the payment of a hold invoice",
        positionals: [
            Positional(name: "PREIMAGE", help: "the secret, 64 digits", isOptional: true)
        ],
        flags: [.value("preimage", "HEX", "the secret"), .json],
        examples: [Example("salama settleinvoice PREIMAGE", "takes the payment that is held")],
        run: { arguments in
            var words = Words(arguments)
            let preimage = try words.require("preimage", "salama settleinvoice PREIMAGE")
            let body: JSONValue = [
                "preimage": try base64(ofHex: preimage, count: 32, named: "the preimage")
            ]
            let answer = try NodeClient(arguments).post("/v2/invoices/settle", body)
            show(answer, arguments) { _ in "The payment is taken.\n" }
        })

    private static let cancelInvoice = Command(
        name: "cancelinvoice", group: .invoices,
        summary: "withdraw an invoice, and send back what is held for it",
        positionals: [
            Positional(name: "HASH", help: "its payment hash, 64 digits", isOptional: true)
        ],
        flags: [.value("paymenthash", "HEX", "its payment hash"), .json],
        examples: [Example("salama cancelinvoice HASH", "nobody can pay it any more")],
        run: { arguments in
            var words = Words(arguments)
            let hash = try words.require("paymenthash", "salama cancelinvoice HASH")
            let body: JSONValue = [
                "payment_hash": try base64(ofHex: hash, count: 32, named: "the hash")
            ]
            let answer = try NodeClient(arguments).post("/v2/invoices/cancel", body)
            show(answer, arguments) { _ in "The invoice is withdrawn.\n" }
        })
}
